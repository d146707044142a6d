"""Taking everything out: the ledger as JSON Lines that can be imported again, attachments as files, Markdown to read.

The form is documented in docs/import.md. Entries are only ever added, so that what was there when the export began is
in it whole, whatever is said meanwhile.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from everword.core import clock
from everword.core.types import Principal
from everword.intake import export_kept
from everword.intake.formats.everword import LEDGER, VERSION
from everword.intake.paging import all_of
from everword.intake.zip_stream import zipped
from everword.memory import attachment_store, markdown, store, whole_store
from everword.memory.facts.rulings import Ruling, rulings_of
from everword.memory.types import Attachment, Conversation, Entry
from everword.storage.database import Database

_PAGE = 500
_NOT_IN_NAMES = re.compile(r"[^\w.()-]+")

Member = tuple[str, Iterator[bytes]]


def export_zip(database: Database, who: Principal) -> Iterator[bytes]:
    """The person's own space as a zip, in pieces, made while it is read."""
    yield from zipped((name, content, None) for name, content in _members(database, _own(who), clock.now()))


def _own(who: Principal) -> Principal:
    return Principal(who.person_id, who.own_space, frozenset({who.own_space}))


def _members(database: Database, who: Principal, at: datetime) -> Iterator[Member]:
    """Every file of an export, in order."""
    attachments: list[Attachment] = []
    yield LEDGER, _lines(database, who, at, attachments)
    for attachment in attachments:
        with database.reading(who) as connection:
            content = attachment_store.content(connection, who, attachment.id)
        yield _file_name(attachment), iter([content])
    for conversation in all_of(database, who, whole_store.conversations_after):
        yield _markdown_name(conversation), _markdown(database, who, conversation)
    yield from export_kept.pages(database, who)


def _lines(database: Database, who: Principal, at: datetime, attachments: list[Attachment]) -> Iterator[bytes]:
    """The ledger. What has attachments is gathered in `attachments`, for their files."""
    yield _line({"type": "everword", "version": VERSION, "exported_at": export_kept.iso(at)})
    shown = []
    for conversation in all_of(database, who, whole_store.conversations_after):
        shown.append((conversation.id, conversation.source, conversation.leaf_id))
        yield _line(_conversation(conversation))
    for entries in _entries(database, who):
        yield from map(_line, map(_entry, entries))
        sources = {entry.id: entry.source for entry in entries}
        with database.reading(who) as connection:
            found = attachment_store.of_entries(connection, who, list(sources))
        attachments += found
        for attachment in found:
            if attachment.entry_id is not None:
                yield _line(_attachment(attachment, sources[attachment.entry_id]))
    with database.reading(who) as connection:
        decided = list(rulings_of(connection, who, who.own_space))
    yield from map(_line, map(_ruling, decided))
    yield from map(_line, export_kept.lines(database, who))
    for conversation_id, source, leaf in shown:
        if leaf is not None:
            yield _line({"type": "shown", "conversation": conversation_id, "source": source, "leaf": leaf})


def _entries(database: Database, who: Principal) -> Iterator[list[Entry]]:
    with database.reading(who) as connection:
        last = store.last_position(connection, who)
    position = 0
    while position < last:
        with database.reading(who) as connection:
            page = store.entries_after(connection, who, position, _PAGE)
        yield [entry for entry in page if entry.position <= last]
        position = page[-1].position if page else last


def _conversation(conversation: Conversation) -> dict[str, Any]:
    return {
        "type": "conversation",
        "id": conversation.id,
        "title": conversation.title,
        "source": conversation.source,
        "external_id": conversation.external_id,
        "created_at": export_kept.iso(conversation.created_at),
        "updated_at": export_kept.iso(conversation.updated_at),
        "pinned_at": export_kept.iso(conversation.pinned_at),
        "archived_at": export_kept.iso(conversation.archived_at),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "type": "entry",
        "id": entry.id,
        "conversation": entry.conversation_id,
        "parent": entry.parent_id,
        "version_of": entry.version_of,
        "kind": entry.kind.value,
        "label": entry.label.value,
        "speaker": entry.speaker,
        "source": entry.source,
        "external_id": entry.external_id,
        "state": entry.state.value,
        "model": entry.model,
        "said_at": export_kept.iso(entry.said_at),
        "recorded_at": export_kept.iso(entry.recorded_at),
        "text": entry.text,
        "details": entry.details,
    }


def _attachment(attachment: Attachment, source: str) -> dict[str, Any]:
    return {
        "type": "attachment",
        "id": attachment.id,
        "entry": attachment.entry_id,
        "source": source,
        "name": attachment.name,
        "media_type": attachment.media_type,
        "sha256": attachment.sha256.hex(),
        "file": _file_name(attachment),
        "text_state": attachment.text_state,
        "text": attachment.text,
        "created_at": export_kept.iso(attachment.created_at),
    }


def _ruling(ruling: Ruling) -> dict[str, Any]:
    return {
        "type": "ruling",
        "entry": ruling.entry_id,
        "source": ruling.entry_source,
        "subject": ruling.subject,
        "slot": ruling.slot,
        "value": ruling.value,
        "pinned_at": export_kept.iso(ruling.pinned_at),
        "refused_at": export_kept.iso(ruling.refused_at),
        "over": ruling.over,
    }


def _line(values: dict[str, Any]) -> bytes:
    """One line, without what is absent. Half a pair of surrogates can never be in it: no ledger holds one."""
    kept = {name: value for name, value in values.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _markdown(database: Database, who: Principal, conversation: Conversation) -> Iterator[bytes]:
    with database.reading(who) as connection:
        entries = store.of_conversation(connection, who, conversation.id)
    yield markdown.render(conversation, entries).encode()


def _markdown_name(conversation: Conversation) -> str:
    title = _safe(conversation.title)[:60] or "conversation"
    return f"conversations/{conversation.created_at:%Y-%m-%d} {title} {conversation.id[-8:]}.md"


def _file_name(attachment: Attachment) -> str:
    return f"attachments/{attachment.id}/{_safe(attachment.name)[-80:] or 'file'}"


def _safe(name: str) -> str:
    """A name that every file system takes, and that leads nowhere."""
    return _NOT_IN_NAMES.sub(" ", name).strip(" .")
