"""Finding and restoring rows by where they came from: what an import needs to write nothing twice."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, case, select, update

from everword.core.ids import AttachmentId, ConversationId, EntryId, SpaceId
from everword.core.types import Principal
from everword.memory.types import Attachment, Conversation
from everword.storage.schema.ledger import attachment, conversation, entry
from everword.storage.scope import require_space, visible
from everword.storage.upsert import insert_if_new

_KEYS_AT_ONCE = 500


def entry_ids(
    connection: Connection, who: Principal, space_id: SpaceId, source: str, external_ids: Collection[str]
) -> dict[str, EntryId]:
    """The entries that came from `source`, by their ids there."""
    return {key: EntryId(found) for key, found in _ids(connection, who, entry, space_id, source, external_ids)}


def conversation_ids(
    connection: Connection, who: Principal, space_id: SpaceId, source: str, external_ids: Collection[str]
) -> dict[str, ConversationId]:
    """The conversations that came from `source`, by their ids there."""
    return {
        key: ConversationId(found) for key, found in _ids(connection, who, conversation, space_id, source, external_ids)
    }


def entries_there(connection: Connection, who: Principal, space_id: SpaceId, ids: Collection[EntryId]) -> set[EntryId]:
    """Those of `ids` that are entries of the space."""
    return {EntryId(found) for found in _there(connection, who, entry, space_id, ids)}


def conversations_there(
    connection: Connection, who: Principal, space_id: SpaceId, ids: Collection[ConversationId]
) -> set[ConversationId]:
    """Those of `ids` that are conversations of the space."""
    return {ConversationId(found) for found in _there(connection, who, conversation, space_id, ids)}


def add_conversations(connection: Connection, who: Principal, new: Sequence[Conversation]) -> set[ConversationId]:
    """Write conversations whole, as they were elsewhere. Those whose id or origin is taken are passed over.

    Returns the ids that were written.
    """
    rows = [asdict(item) for item in new]
    return {ConversationId(key) for key in _add(connection, who, conversation, rows)}


def add_attachments(
    connection: Connection, who: Principal, new: Sequence[tuple[Attachment, bytes]]
) -> set[AttachmentId]:
    """Write attachments whole, as they were elsewhere, with their content. Those whose id is taken are passed over.

    Returns the ids that were written.
    """
    rows = [asdict(item) | {"content": content} for item, content in new]
    return {AttachmentId(key) for key in _add(connection, who, attachment, rows)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry came from, and when it was said."""

    source: str
    said_at: datetime


def places(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> dict[EntryId, Place]:
    """Of those entries that `who` may see."""
    found: dict[EntryId, Place] = {}
    for some in _some(entry_ids):
        query = select(entry.c.id, entry.c.source, entry.c.said_at).where(visible(entry, who), entry.c.id.in_(some))
        found |= {EntryId(id_): Place(source, said_at) for id_, source, said_at in connection.execute(query)}
    return found


def leaves(
    connection: Connection, who: Principal, conversation_ids: Collection[ConversationId]
) -> dict[ConversationId, EntryId | None]:
    """The entry that ends the shown branch of each of those conversations."""
    found: dict[ConversationId, EntryId | None] = {}
    for some in _some(conversation_ids):
        where = (visible(conversation, who), conversation.c.id.in_(some))
        query = select(conversation.c.id, conversation.c.leaf_id).where(*where)
        found |= {ConversationId(id_): leaf_id for id_, leaf_id in connection.execute(query)}
    return found


def show(
    connection: Connection, who: Principal, branches: Sequence[tuple[ConversationId, EntryId, datetime | None]]
) -> None:
    """Show the branch of each conversation that ends in that entry.

    The time, where there is one, is when it was last spoken in, if that is later than what is known.
    """
    at = bindparam("at", type_=conversation.c.updated_at.type)
    later = case((conversation.c.updated_at < at, at), else_=conversation.c.updated_at)
    where = (visible(conversation, who), conversation.c.id == bindparam("talk"))
    statement = update(conversation).where(*where).values(leaf_id=bindparam("leaf"), updated_at=later)
    for talk, leaf, spoken_at in branches:  # one by one: a list of spaces cannot stand in a statement for many rows
        connection.execute(statement, {"talk": talk, "leaf": leaf, "at": spoken_at})


def _add(connection: Connection, who: Principal, table: Table, rows: list[dict[str, Any]]) -> list[str]:
    for row in rows:
        require_space(who, row["space_id"])
    if not rows:
        return []
    statement = insert_if_new(connection, table).returning(table.c.id)
    return list(connection.execute(statement, rows).scalars())


def _ids(
    connection: Connection, who: Principal, table: Table, space_id: SpaceId, source: str, external_ids: Collection[str]
) -> Iterator[tuple[str, str]]:
    of_it = (visible(table, who), table.c.space_id == space_id, table.c.source == source)
    for some in _some(external_ids):
        query = select(table.c.external_id, table.c.id).where(*of_it, table.c.external_id.in_(some))
        yield from ((key, found) for key, found in connection.execute(query))


def _there(
    connection: Connection, who: Principal, table: Table, space_id: SpaceId, ids: Collection[str]
) -> Iterator[str]:
    of_it: tuple[ColumnElement[bool], ...] = (visible(table, who), table.c.space_id == space_id)
    for some in _some(ids):
        yield from connection.execute(select(table.c.id).where(*of_it, table.c.id.in_(some))).scalars()


def _some(keys: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    for first in range(0, len(ordered), _KEYS_AT_ONCE):
        yield ordered[first : first + _KEYS_AT_ONCE]
