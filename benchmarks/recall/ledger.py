"""A ledger for measuring: sets of entries (JSON Lines) as conversations of one person, in a folder of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.recall.embedding import KeptTransformers, embed
from everword.accounts import store as people
from everword.core.ids import ConversationId, PersonId, SpaceId, new_id
from everword.core.types import Label, Principal
from everword.memory import conversation_store, store
from everword.memory.index.indexer import Indexer
from everword.memory.ranking import Weights
from everword.memory.recall import Recaller
from everword.memory.types import NewEntry
from everword.storage.database import Database
from everword.storage.migrate import migrate


@dataclass(frozen=True, slots=True)
class Ledger:
    """An indexed ledger and who asks it."""

    database: Database
    who: Principal
    indexer: Indexer
    recaller: Recaller
    conversations: dict[str, ConversationId]


@contextmanager
def ledger(*sets: Path, owner: str = "", weights: Weights | None = None, transformer: str = "") -> Iterator[Ledger]:
    """The entries of `sets` (files), imported in order and indexed; removed at the end.

    Labels are as `everword import` gives them: `owner` is the speaker whose words are the asker's own, the assistant's
    are the assistant's, everybody else is a stranger. With a `transformer` all is embedded by that, too.
    """
    with TemporaryDirectory() as home:
        database = Database(f"sqlite:///{home}/everword.db")
        migrate(database)
        who = person(database)
        conversations: dict[str, ConversationId] = {}
        for path in sets:
            _load(database, who, path, owner, conversations)
        indexer = Indexer(database, Path(home) / "index")
        indexer.catch_up()
        indexer.shelf.rest()
        transformers = KeptTransformers() if transformer else None
        if transformers is not None:
            embed(database, indexer, transformers, who.own_space, transformer)
        recaller = Recaller(database, indexer, weights, transformers, patience_s=60)
        yield Ledger(database, who, indexer, recaller, conversations)
        if transformers is not None:
            transformers.end()
        database.close()


def read(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def person(database: Database) -> Principal:
    """Someone with a space of their own, empty."""
    with database.writing(Principal.system()) as connection:
        space_id: SpaceId = people.add_space(connection, Principal.system(), "personal", "benchmark")
    return Principal(PersonId(new_id()), space_id, frozenset({space_id}))


def _load(database: Database, who: Principal, path: Path, owner: str, known: dict[str, ConversationId]) -> None:
    load(database, who, read(path), owner, known)


def load(
    database: Database, who: Principal, lines: list[dict[str, Any]], owner: str, known: dict[str, ConversationId]
) -> None:
    """Write entries into somebody's own space; `known` are the conversations made so far, by name."""
    with database.writing(who) as connection:
        new = []
        for line in lines:
            name = line["conversation"]
            if name not in known:
                made = conversation_store.create(connection, who, who.own_space, title=name, source="entries")
                known[name] = made.id
            new.append(
                NewEntry(
                    space_id=who.own_space,
                    conversation_id=known[name],
                    label=_label(line["speaker"], owner),
                    speaker=line["speaker"],
                    source="entries",
                    external_id=line["id"],
                    said_at=datetime.fromisoformat(line["said_at"]).replace(tzinfo=UTC),
                    text=line["text"],
                )
            )
        store.append_many(connection, who, new)


def _label(speaker: str, owner: str) -> Label:
    if speaker == "assistant":
        return Label.ASSISTANT
    return Label.OWNER if speaker == owner else Label.STRANGER
