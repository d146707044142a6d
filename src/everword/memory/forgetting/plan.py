"""What a selection comes to: the entries with all that hangs on them, and the entries that repeat them."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from everword.core.errors import Invalid
from everword.core.ids import ConversationId, EntryId
from everword.core.types import Principal
from everword.memory import store
from everword.memory.forgetting import ledger_store, look_store, repeats
from everword.memory.forgetting.errors import NothingSelected
from everword.memory.forgetting.repeats import Found
from everword.memory.forgetting.types import RunRef, Selection, Words
from everword.memory.index.filters import Filters
from everword.memory.index.indexer import Indexer
from everword.memory.search import search
from everword.memory.types import Entry
from everword.memory.words import terms
from everword.storage.database import Database

MOST_ENTRIES = 200_000
_MATCHES = 1_900
_OURS = frozenset({
    "assistant", "answer", "answered", "begun", "cancelled", "chat", "complete", "conversation", "delivered",
    "document", "entry", "everword", "failed", "forgotten", "imported", "interrupted", "label", "member", "memory",
    "message", "model", "owner", "queued", "recall", "running", "source", "stopped", "stranger", "title", "tool",
    "check", "ended", "engine", "file", "files", "index", "learned", "redact", "rows", "rule", "rules", "stage",
})  # fmt: skip
"""Words of our own that stand in many rows: finding one says nothing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would go, in the order recorded, and what was found out about it."""

    up_to: int
    entries: tuple[Entry, ...]
    conversation_ids: frozenset[ConversationId]
    """Those that the entries stand in."""
    emptied: frozenset[ConversationId]
    found: Found
    runs: tuple[RunRef, ...]
    """Those that asked about the entries or wrote them: they go."""
    read_by: tuple[RunRef, ...]
    """Others that may have read them: their rows stay, the engine's records of them go."""

    @property
    def entry_ids(self) -> frozenset[EntryId]:
        """The entries' ids."""
        return frozenset(entry.id for entry in self.entries)


def own(who: Principal) -> Principal:
    """`who` in their own space alone: nobody forgets for others."""
    return Principal(who.person_id, who.own_space, frozenset({who.own_space}))


def entries_of(
    database: Database, indexer: Indexer, who: Principal, selection: Selection, up_to: int, *, is_all: bool = True
) -> tuple[Entry, ...]:
    """The selected entries that were recorded up to a position, in all versions, with the texts attached to them.

    Where it is more than can go at once, raises Invalid, or, unless `is_all`, gives those recorded first. Raises
    NothingSelected.
    """
    if selection.is_empty:
        raise NothingSelected
    chosen = _searched(database, indexer, who, selection) if selection.words.strip() else None
    with database.reading(who) as connection:
        if selection.entry_ids:
            chosen = set(selection.entry_ids)
        elif chosen is None:
            chosen = set(_selected(connection, who, selection, up_to, is_all=is_all))
        entries = ledger_store.by_ids(connection, who, chosen)
        wanted = ledger_store.versions_of(connection, who, entries)
        wanted |= ledger_store.attached_texts(connection, who, wanted)
        found = ledger_store.by_ids(connection, who, wanted)
    return tuple(entry for entry in found if entry.position <= up_to)


def last_position(database: Database, who: Principal) -> int:
    """How far the ledger goes."""
    with database.reading(who) as connection:
        return store.last_position(connection, who)


def look_up(connection: Connection, indexer: Indexer, who: Principal, entries: tuple[Entry, ...]) -> Found:
    """What repeats those entries. The index must have caught up."""
    return repeats.find(connection, indexer, who, who.own_space, entries)


def words_of(connection: Connection, who: Principal, plan: Plan, redactions: Collection[EntryId]) -> Words:
    """What to look for afterwards: of the telling words, those that no row which stays as it is holds in any column."""
    words = repeats.words_to_look_for(plan.found, plan.entries, redactions)
    candidates = [word for word in words.spoken if word.casefold() not in _OURS]
    going = plan.entry_ids | set(redactions) | plan.emptied | {run.run_id for run in plan.runs}
    is_imported = any(entry.source not in ("chat", ledger_store.ATTACHED) for entry in plan.entries)
    stays: set[str] = set()
    for holder in look_store.holders(connection, who, candidates):
        if holder.table == "fact":
            continue  # it holds no words but those of the entries it stands on, and is made anew without these
        of_it = going | plan.conversation_ids if holder.table == "conversation" else going  # its title is redacted
        if holder.names.isdisjoint(of_it) and not (is_imported and holder.table == "import_job"):
            stays |= holder.words
    looked_for = tuple(word for word in candidates if word not in stays)
    folded = {term.folded for word in stays for term in terms(word)}
    return Words(looked_for, tuple(word for word in words.folded if word not in folded))


def _selected(
    connection: Connection, who: Principal, selection: Selection, up_to: int, *, is_all: bool
) -> list[EntryId]:
    found = ledger_store.selected(connection, who, selection, up_to, MOST_ENTRIES + is_all)
    if len(found) > MOST_ENTRIES:
        raise Invalid(why=f"That is more than {MOST_ENTRIES:,} entries. Forget them in parts, by time for instance.")
    return found


def _searched(database: Database, indexer: Indexer, who: Principal, selection: Selection) -> set[EntryId]:
    filters = Filters(
        speaker=selection.speaker,
        label=selection.label,
        since=selection.since,
        until=selection.until,
        source=selection.source,
        conversation_id=selection.conversation_id,
    )
    whole_words = f"{selection.words.strip()} "  # the last word, too
    found = search(database, indexer, who, whole_words, filters, _MATCHES, None)
    if found.next is not None:
        raise Invalid(why=f"More than {_MATCHES:,} entries have these words. Add words, or limit the time.")
    return {hit.entry.id for hit in found.hits}
