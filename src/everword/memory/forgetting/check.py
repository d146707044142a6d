"""Rewriting every store's files, and looking again in every store as that store writes it."""

from collections.abc import Collection, Iterable
from pathlib import Path

from everword.core.ids import EntryId
from everword.core.types import Principal
from everword.memory.forgetting import ledger_store, look_store
from everword.memory.forgetting.errors import WordsRemain
from everword.memory.forgetting.types import Check, Forgetting, Rooms, Words
from everword.memory.index.indexer import Indexer
from everword.memory.words import terms
from everword.storage.database import Database
from everword.storage.raw_words import files_of, holding
from everword.storage.schema import metadata
from everword.storage.scrub import scrub_postgresql, scrub_sqlite

_SYSTEM = Principal.system()
_NOT_OURS = ("models", "weights", "everword.lock", "vault.key", "server.json")
"""Beneath the home folder: what is fetched or made by chance, and never has anybody's words."""
_SHORTEST_BYTES = 6


class Checker:
    """Scrubs and looks through the tables, the index, the engine's records and the files of one installation."""

    def __init__(self, database: Database, indexer: Indexer, home: Path, rooms: Rooms) -> None:
        self._database = database
        self._indexer = indexer
        self._home = home
        self._rooms = rooms

    def scrub(self, words: Words) -> None:
        """Leave nothing of removed rows in the files of the database and of the engine. Raises StorageBusy."""
        telling = in_files_only(words.spoken)
        if self._database.is_sqlite:
            scrub_sqlite(Path(str(self._database.url.database)), telling)
        else:
            scrub_postgresql(self._database, [f'"{table.name}"' for table in metadata.sorted_tables])
        for records in self._rooms.records:
            records.rewrite(telling)

    def scrub_own(self) -> None:
        """Leave nothing of the sealed words that were looked for. Raises StorageBusy."""
        if self._database.is_sqlite:
            scrub_sqlite(Path(str(self._database.url.database)), ())
        else:
            scrub_postgresql(self._database, ["forgetting", "forgetting_item"])

    def look(self, forgetting: Forgetting, entry_ids: Collection[EntryId], words: Words) -> list[Check]:
        """What was looked through. Raises WordsRemain where anything was found."""
        said_elsewhere = self._said_elsewhere(forgetting, entry_ids, words)
        spoken = [word for word in words.spoken if word not in said_elsewhere]
        in_files, left = self._in_files(in_files_only(spoken))
        checks = [
            self._in_rows(forgetting, entry_ids, spoken),
            self._in_index(forgetting, words.folded, said_elsewhere),
            *(Check(each.name, *each.look(in_files_only(spoken))) for each in self._rooms.records),
            in_files,
        ]
        places = [check.place for check in checks if check.found]
        if places:
            named = f" ({', '.join(left[:5])})" if left else ""
            raise WordsRemain(places=f"{', '.join(places)}{named}")
        return checks

    def _said_elsewhere(self, forgetting: Forgetting, gone: Collection[EntryId], words: Words) -> set[str]:
        """Words that were said after the forgetting began, or are in an entry that stays as it was: they stay."""
        who = forgetting.person
        found: set[str] = set()
        with self._database.reading(who) as connection:
            for holder in look_store.holders(connection, who, sorted({*words.spoken, *words.folded}), ["entry"]):
                is_older = holder.recorded_at is not None and holder.recorded_at < forgetting.created_at
                if is_older and holder.names.isdisjoint(gone):
                    found |= holder.words
            for text in ledger_store.said_after(connection, who, forgetting.created_at):
                found |= {word for word in words.spoken if word.casefold() in text.casefold()}
                found |= {term.folded for term in terms(text)}
        return found

    def _in_rows(self, forgetting: Forgetting, entry_ids: Collection[EntryId], spoken: list[str]) -> Check:
        who = forgetting.person
        with self._database.reading(who) as connection:
            looked = look_store.count_rows(connection, who)
            found = ledger_store.still_there(connection, who, entry_ids)
            found += len(look_store.holders(connection, who, spoken))
        return Check("tables", looked, found)

    def _in_index(self, forgetting: Forgetting, folded: Iterable[str], said_elsewhere: set[str]) -> Check:
        index = self._indexer.shelf.of(forgetting.space_id)
        words = [word for word in folded if word not in said_elsewhere]
        return Check("index", index.count, sum(index.words.has_term(word) for word in words))

    def _in_files(self, spoken: list[str]) -> tuple[Check, list[str]]:
        """The bytes of every file of ours. What another person says in the same file is not looked at further."""
        paths = list(files_of(self._home, _NOT_OURS))
        held = holding(paths, spoken)
        raw = set().union(*held.values())
        others: set[str] = set()
        if raw:
            with self._database.reading(_SYSTEM) as connection:
                for holder in look_store.holders(connection, _SYSTEM, sorted(raw)):
                    others |= holder.words
        left = sorted(path.relative_to(self._home).as_posix() for path, found in held.items() if found - others)
        return Check("files", len(paths), len(left)), left


def in_files_only(spoken: Iterable[str]) -> list[str]:
    """Those words that cannot stand in a file by chance, or because our own code is written with them."""
    return [
        word
        for word in spoken
        if len(word.encode()) >= _SHORTEST_BYTES
        and (" " in word or not word.isascii() or not word.islower() or any(map(str.isdigit, word)))
    ]
