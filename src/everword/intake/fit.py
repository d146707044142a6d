"""Making records fit the ledger's columns: lengths, characters that no database holds, texts that are too long."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from everword.intake.documents import kind_of, read_text
from everword.intake.records import (
    Conversation,
    File,
    Identity,
    Message,
    Note,
    Promise,
    Record,
    Role,
    Ruling,
    Shown,
    Skipped,
    Task,
)
from everword.intake.text import is_too_long, storable

_KEY, _NAME, _SPEAKER, _TITLE = 300, 300, 200, 300


def fitted(records: Iterator[Record]) -> Iterator[Record]:
    """The same records, fit to be stored.

    What follows a message that is too long follows the one before it. The text of a file becomes a document of its
    own behind the message, as for files sent here, so that it is found like any other.
    """
    stand_in: dict[str, str | None] = {}
    message: Message | None = None
    for record in records:
        match record:
            case Message() if is_too_long(record.text):
                stand_in[record.external_id] = stand_in.get(record.parent, record.parent) if record.parent else None
                name = (record.details or {}).get("path", record.external_id)
                yield Skipped(str(name), "its text is longer than 4 MiB")
                message = None
            case Message():
                message = _message(record, stand_in)
                yield message
            case Conversation():
                yield _conversation(record)
            case File():
                file = _file(record)
                if message is None or file.message != message.external_id:
                    yield file if file.restores else Skipped(file.name, "the message it belongs to was left out")
                    continue
                yield file
                if file.text and file.restores is None:
                    document = _document(file, message, stand_in.get(record.message) or message.external_id)
                    stand_in[record.message] = document.external_id
                    yield document
            case Shown() | Ruling() | Note() | Task() | Promise():
                yield from _placed(record, stand_in)
            case Skipped():
                yield Skipped(storable(record.what)[:_NAME], storable(record.why)[:_NAME], record.count)


def _placed(record: Shown | Ruling | Note | Task | Promise, stand_in: Mapping[str, str | None]) -> Iterator[Record]:
    """What speaks of a message, unless that was left out."""
    named = record.leaf if isinstance(record, Shown) else record.entry
    kept = stand_in.get(named, named)
    if kept is None:
        return
    if isinstance(record, Shown):
        yield Shown(key(record.conversation), record.source, key(kept))
    elif isinstance(record, Ruling):
        yield replace(record, entry=key(kept), value=storable(record.value))
    elif isinstance(record, Promise):
        yield replace(record, entry=key(kept), action=storable(record.action))
    elif isinstance(record, Task):
        yield replace(record, entry=key(kept), cause=_key_or_none(record.cause))
    else:
        yield replace(record, entry=key(kept))


def _document(file: File, message: Message, parent: str) -> Message:
    """The text in a file; never the owner's word, whoever sent it."""
    return Message(
        external_id=key(f"{file.message}/{file.name}"),
        source=message.source,
        role=Role.FILE,
        speaker=file.name[:_SPEAKER],
        text=file.text or "",
        said_at=message.said_at,
        conversation=message.conversation,
        parent=parent,
        kind="document",
    )


def key(text: str) -> str:
    """An external id that fits its column: itself, or where it is too long its beginning and its hash."""
    text = storable(text)
    if len(text) <= _KEY:
        return text
    return f"{text[: _KEY - 65]}#{hashlib.sha256(text.encode()).hexdigest()}"


def _key_or_none(text: str | None) -> str | None:
    return None if text is None else key(text)


def _identity(identity: Identity | None) -> Identity | None:
    return identity and Identity(key(identity.id), _key_or_none(identity.external_id))


def _message(record: Message, stand_in: dict[str, str | None]) -> Message:
    parent = stand_in.get(record.parent, record.parent) if record.parent else None
    version_of = None if stand_in.get(record.version_of or "", "") is None else record.version_of
    return replace(
        record,
        external_id=key(record.external_id),
        speaker=storable(record.speaker)[:_SPEAKER],
        text=storable(record.text),
        conversation=_key_or_none(record.conversation),
        parent=_key_or_none(parent),
        version_of=_key_or_none(version_of),
        source=storable(record.source)[:64],
        model=storable(record.model)[:200] if record.model else None,
        details=_storable_json(record.details),
        restores=_identity(record.restores),
    )


def _conversation(record: Conversation) -> Conversation:
    return replace(
        record,
        external_id=key(record.external_id),
        title=storable(record.title)[:_TITLE],
        source=storable(record.source)[:64],
        restores=_identity(record.restores),
    )


def _file(record: File) -> File:
    """The file with the words that can be read out of it, where it came without."""
    text, state = record.text, record.text_state
    if state == "none" and kind_of(record.media_type, record.name) is not None:
        text = read_text(record.content, record.media_type, record.name)["text"]
        state = "extracted" if text else "failed"
    return replace(
        record,
        message=key(record.message),
        name=storable(record.name)[:_NAME],
        media_type=storable(record.media_type)[:200],
        text=storable(text) if text is not None else None,
        text_state=state,
        restores=_identity(record.restores),
    )


def _storable_json(value: Any) -> Any:
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(str(name)): _storable_json(item) for name, item in value.items()}
        case list():
            return [_storable_json(item) for item in value]
    return value
