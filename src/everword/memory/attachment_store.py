"""Attachments' rows: the bytes as they came, and the text that could be read out of them."""

import hashlib
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import AttachmentId, EntryId, SpaceId, new_id
from everword.core.types import Principal
from everword.memory.types import Attachment
from everword.storage.schema.ledger import attachment
from everword.storage.scope import require_space, visible

_WITHOUT_CONTENT = [column for column in attachment.c if column.name != "content"]


def create(
    connection: Connection,
    who: Principal,
    space_id: SpaceId,
    *,
    name: str,
    media_type: str,
    content: bytes,
    text_state: str,
    entry_id: EntryId | None = None,
    text: str | None = None,
) -> Attachment:
    """Keep a file. Until it is sent with a message it hangs on no entry."""
    values = {
        "id": new_id(),
        "space_id": require_space(who, space_id),
        "entry_id": entry_id,
        "name": name,
        "media_type": media_type,
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).digest(),
        "content": content,
        "text_state": text_state,
        "text": text,
        "created_at": clock.now(),
    }
    return _attachment(connection.execute(insert(attachment).values(values).returning(*_WITHOUT_CONTENT)).one())


def get(connection: Connection, who: Principal, attachment_id: AttachmentId) -> Attachment:
    """One attachment without its content. Raises NotFound."""
    where = (visible(attachment, who), attachment.c.id == attachment_id)
    row = connection.execute(select(*_WITHOUT_CONTENT).where(*where)).one_or_none()
    if row is None:
        raise NotFound(what="attachment")
    return _attachment(row)


def content(connection: Connection, who: Principal, attachment_id: AttachmentId) -> bytes:
    """The bytes as they came. Raises NotFound."""
    where = (visible(attachment, who), attachment.c.id == attachment_id)
    found = connection.execute(select(attachment.c.content).where(*where)).scalar_one_or_none()
    if found is None:
        raise NotFound(what="attachment")
    return bytes(found)


def of_entries(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> list[Attachment]:
    """The attachments of those entries, in the order they were kept."""
    where = (visible(attachment, who), attachment.c.entry_id.in_(entry_ids))
    return list(map(_attachment, connection.execute(select(*_WITHOUT_CONTENT).where(*where).order_by(attachment.c.id))))


def send_with(
    connection: Connection, who: Principal, attachment_ids: Collection[AttachmentId], entry_id: EntryId
) -> list[Attachment]:
    """Hang attachments that were not sent yet on an entry. Raises NotFound where one is missing or was sent before."""
    if not attachment_ids:
        return []
    where = (visible(attachment, who), attachment.c.id.in_(attachment_ids), attachment.c.entry_id.is_(None))
    sent = connection.execute(update(attachment).where(*where).values(entry_id=entry_id).returning(*_WITHOUT_CONTENT))
    found = sorted(map(_attachment, sent), key=lambda item: item.id)
    if len(found) != len(set(attachment_ids)):
        raise NotFound(what="attachment that was not sent yet")
    return found


def set_text(
    connection: Connection, who: Principal, attachment_id: AttachmentId, text_state: str, text: str | None
) -> None:
    """Record what could be read out of an attachment."""
    where = (visible(attachment, who), attachment.c.id == attachment_id)
    connection.execute(update(attachment).where(*where).values(text_state=text_state, text=text))


def _attachment(row: Row[Any]) -> Attachment:
    return Attachment(**row._mapping)
