"""Finding and restoring rows by where they came from: what an import needs to write nothing twice."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from everword.core.ids import ConversationId, EntryId, SpaceId
from everword.core.types import Principal
from everword.memory.types import Attachment, Conversation
from everword.storage.schema.ledger import attachment, conversation, entry
from everword.storage.scope import require_space, visible

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
    written: set[ConversationId] = set()
    for item in new:
        require_space(who, item.space_id)
        build = insert_postgresql if connection.dialect.name == "postgresql" else insert_sqlite
        statement = build(conversation).values(asdict(item)).on_conflict_do_nothing().returning(conversation.c.id)
        written |= {ConversationId(key) for key in connection.execute(statement).scalars()}
    return written


def add_attachment(connection: Connection, who: Principal, new: Attachment, content: bytes) -> bool:
    """Write an attachment whole, as it was elsewhere. False where its id is taken."""
    require_space(who, new.space_id)
    build = insert_postgresql if connection.dialect.name == "postgresql" else insert_sqlite
    statement = build(attachment).values(asdict(new) | {"content": content}).on_conflict_do_nothing()
    return bool(connection.execute(statement.returning(attachment.c.id)).first())


def leaf_source(connection: Connection, who: Principal, conversation_id: ConversationId) -> str | None:
    """Where the entry came from that ends the shown branch; None where the conversation shows none."""
    query = (
        select(entry.c.source)
        .join(conversation, conversation.c.leaf_id == entry.c.id)
        .where(visible(conversation, who), visible(entry, who), conversation.c.id == conversation_id)
    )
    source: str | None = connection.execute(query).scalar()
    return source


def spoken_in(connection: Connection, who: Principal, conversation_id: ConversationId, at: Any) -> None:
    """Record that a conversation was last spoken in at `at`, where that is later than what it knows."""
    where = (visible(conversation, who), conversation.c.id == conversation_id, conversation.c.updated_at < at)
    connection.execute(update(conversation).where(*where).values(updated_at=at))


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
