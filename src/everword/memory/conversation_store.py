"""Conversations' rows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, func, insert, or_, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import ConversationId, SpaceId, new_id
from everword.core.types import Principal
from everword.memory.types import Conversation
from everword.storage.schema.ledger import conversation, entry
from everword.storage.scope import require_space, visible


def create(
    connection: Connection,
    who: Principal,
    space_id: SpaceId,
    *,
    title: str = "",
    source: str = "chat",
    external_id: str | None = None,
    created_at: datetime | None = None,
) -> Conversation:
    """Write a conversation. One that came from elsewhere and is there already is returned as it is."""
    require_space(who, space_id)
    if external_id is not None:
        known = by_external_id(connection, who, space_id, source, external_id)
        if known is not None:
            return known
    at = created_at or clock.now()
    values = {"space_id": space_id, "title": title, "source": source, "external_id": external_id}
    row = connection.execute(
        insert(conversation).values(id=new_id(), created_at=at, updated_at=at, **values).returning(conversation)
    ).one()
    return _conversation(row)


def get(connection: Connection, who: Principal, conversation_id: ConversationId) -> Conversation:
    """One conversation. Raises NotFound."""
    where = (visible(conversation, who), conversation.c.id == conversation_id)
    row = connection.execute(select(conversation).where(*where)).one_or_none()
    if row is None:
        raise NotFound(what="conversation")
    return _conversation(row)


def by_external_id(
    connection: Connection, who: Principal, space_id: SpaceId, source: str, external_id: str
) -> Conversation | None:
    """The conversation that came from `source` under `external_id`, if it is there."""
    of_it = (conversation.c.space_id == space_id, conversation.c.source == source)
    query = select(conversation).where(visible(conversation, who), *of_it, conversation.c.external_id == external_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _conversation(row)


def listed(
    connection: Connection,
    who: Principal,
    *,
    archived: bool,
    before: datetime | None,
    limit: int,
    without_source: str | None = None,
) -> list[Conversation]:
    """Conversations by when they were last spoken in, newest first; the pinned ones first on the first page.

    `without_source`: none of that source in which nobody has said anything else since.
    """
    hidden = conversation.c.archived_at.is_not(None) if archived else conversation.c.archived_at.is_(None)
    query = select(conversation).where(visible(conversation, who, by_space=True), hidden)
    if without_source is not None:
        said_since = exists().where(entry.c.id == conversation.c.leaf_id, entry.c.source != without_source)
        query = query.where(or_(conversation.c.source != without_source, said_since))
    by_time = query.order_by(conversation.c.updated_at.desc(), conversation.c.id.desc())
    if archived:
        page = by_time if before is None else by_time.where(conversation.c.updated_at < before)
        return list(map(_conversation, connection.execute(page.limit(limit))))
    pinned = conversation.c.pinned_at.is_not(None)
    others = by_time.where(~pinned)
    if before is not None:
        page = others.where(conversation.c.updated_at < before)
        return list(map(_conversation, connection.execute(page.limit(limit))))
    first = connection.execute(query.where(pinned).order_by(conversation.c.pinned_at.desc()))
    return [*map(_conversation, first), *map(_conversation, connection.execute(others.limit(limit)))]


def search(connection: Connection, who: Principal, words: str, limit: int) -> list[Conversation]:
    """Conversations whose title has all of `words`, the last spoken in first."""
    query = select(conversation).where(visible(conversation, who, by_space=True))
    for word in words.split():
        query = query.where(conversation.c.title.icontains(word, autoescape=True))
    return list(map(_conversation, connection.execute(query.order_by(conversation.c.updated_at.desc()).limit(limit))))


def change(
    connection: Connection, who: Principal, conversation_id: ConversationId, values: dict[str, Any]
) -> Conversation:
    """Set columns (title, pinned_at, archived_at, updated_at). Raises NotFound."""
    where = (visible(conversation, who), conversation.c.id == conversation_id)
    row = connection.execute(update(conversation).where(*where).values(values).returning(conversation)).one_or_none()
    if row is None:
        raise NotFound(what="conversation")
    return _conversation(row)


def titles(connection: Connection, who: Principal, ids: Iterable[ConversationId]) -> dict[ConversationId, str]:
    """The titles of those conversations that `who` may see."""
    query = select(conversation.c.id, conversation.c.title).where(
        visible(conversation, who), conversation.c.id.in_(set(ids))
    )
    return {ConversationId(key): title for key, title in connection.execute(query)}


def by_ids(connection: Connection, who: Principal, ids: Iterable[ConversationId]) -> list[Conversation]:
    """Those conversations that `who` may see, the last spoken in first."""
    query = select(conversation).where(visible(conversation, who), conversation.c.id.in_(set(ids)))
    return list(map(_conversation, connection.execute(query.order_by(conversation.c.updated_at.desc()))))


def count(connection: Connection, who: Principal) -> int:
    """How many conversations there are."""
    return int(
        connection.execute(
            select(func.count()).select_from(conversation).where(visible(conversation, who, by_space=True))
        ).scalar_one()
    )


def is_empty(connection: Connection, who: Principal, conversation_id: ConversationId) -> bool:
    """Whether nothing was said in it yet."""
    query = select(entry.c.id).where(visible(entry, who), entry.c.conversation_id == conversation_id).limit(1)
    return connection.execute(query).first() is None


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(**row._mapping)
