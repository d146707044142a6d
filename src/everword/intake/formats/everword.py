"""Our own export: `everword.jsonl`, alone or in a zip beside the attachments' files (docs/import.md)."""

import mimetypes
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from everword.core.ids import is_id
from everword.intake.formats.everword_kept import note, promise, task
from everword.intake.formats.lines import objects
from everword.intake.formats.media import read_file
from everword.intake.records import Conversation, File, Identity, Message, Record, Role, Ruling, Shown, Skipped
from everword.intake.source import Part, Reading, Source
from everword.intake.times import from_iso

LEDGER = "everword.jsonl"
VERSION = 1
_ROLES = {"owner": Role.ACCOUNT, "assistant": Role.ASSISTANT, "tool": Role.TOOL}
_KINDS = ("message", "document", "tool_result", "tool_call")
_STATES = ("complete", "interrupted", "failed")
_UTC = ZoneInfo("UTC")


def recognises(element: Any) -> bool:
    """Whether `element` is the first line of this format."""
    return isinstance(element, dict) and element.get("type") == "everword"


def parse(source: Source, reading: Reading) -> Iterator[Record]:
    """Conversations, entries with all their versions, and attachments, in the order of the file."""
    parts = {part.path: part for part in source.parts()}
    ledger = next((part for part in parts.values() if part.name == LEDGER), None) or next(iter(parts.values()))
    folder = ledger.path.removesuffix(LEDGER)
    for line in objects(source.open(ledger), ledger.path):
        if isinstance(line, Skipped):
            yield line
            continue
        number, raw = line
        try:
            yield from _records(source, raw, parts, folder)
        except (KeyError, TypeError, ValueError) as error:
            yield Skipped(f"{ledger.path}, line {number}", f"it is not as documented: {type(error).__name__} {error}")


def _records(source: Source, raw: dict[str, Any], parts: dict[str, Part], folder: str) -> Iterator[Record]:
    match raw.get("type"):
        case "everword":
            if raw.get("version") != VERSION:
                yield Skipped("the version of the export", f"it is {raw.get('version')!r}, known is {VERSION}")
        case "conversation":
            yield _conversation(raw)
        case "entry":
            yield _entry(raw)
        case "shown":
            yield Shown(_text(raw, "conversation"), _text(raw, "source"), _text(raw, "leaf"))
        case "ruling":
            yield _ruling(raw)
        case "note":
            yield note(raw)
        case "task":
            yield task(raw)
        case "promise":
            yield promise(raw)
        case "attachment":
            yield _attachment(source, raw, parts, folder)
        case other:
            yield Skipped(f"lines of type {str(other)[:40]!r}", "this version knows no such type")


def _conversation(raw: dict[str, Any]) -> Conversation:
    instants = {
        name: from_iso(raw.get(name), _UTC) for name in ("created_at", "updated_at", "pinned_at", "archived_at")
    }
    key = _text(raw, "id")
    return Conversation(key, _text(raw, "source"), str(raw.get("title", "")), restores=_identity(raw), **instants)


def _entry(raw: dict[str, Any]) -> Message:
    kind, state, details = raw.get("kind", "message"), raw.get("state", "complete"), raw.get("details")
    if kind not in _KINDS or state not in _STATES or not isinstance(details, dict | None):
        raise ValueError("kind, state or details")
    key = _text(raw, "id")
    return Message(
        external_id=key,
        source=_text(raw, "source"),
        role=_ROLES.get(str(raw.get("label")), Role.PERSON),
        speaker=str(raw.get("speaker", "")),
        text=str(raw["text"]),
        said_at=from_iso(raw["said_at"], _UTC),
        conversation=raw.get("conversation"),
        parent=raw.get("parent"),
        version_of=raw.get("version_of"),
        kind=kind,
        state=state,
        model=raw.get("model"),
        details=details,
        restores=_identity(raw),
    )


def _ruling(raw: dict[str, Any]) -> Ruling:
    over = raw.get("over")
    return Ruling(
        _text(raw, "entry"),
        _text(raw, "source"),
        str(raw.get("subject", "")),
        _text(raw, "slot"),
        _text(raw, "value"),
        pinned_at=from_iso(raw.get("pinned_at"), _UTC),
        refused_at=from_iso(raw.get("refused_at"), _UTC),
        over=over if isinstance(over, str) else None,
    )


def _attachment(source: Source, raw: dict[str, Any], parts: dict[str, Part], folder: str) -> Record:
    name, path = _text(raw, "name"), folder + _text(raw, "file")
    part = parts.get(path)
    if part is None:
        return Skipped(name, "the export does not hold its file")
    read = read_file(source, part, _text(raw, "entry"), _text(raw, "source"), name)
    if not isinstance(read, File):
        return read
    text_state = raw.get("text_state", "none")
    return File(
        message=read.message,
        source=read.source,
        name=name,
        media_type=str(raw.get("media_type") or mimetypes.guess_type(name)[0] or "application/octet-stream"),
        content=read.content,
        text_state=text_state if text_state in ("none", "extracted", "failed") else "none",
        text=raw.get("text") if isinstance(raw.get("text"), str) else None,
        created_at=from_iso(raw.get("created_at"), _UTC),
        restores=_identity(raw),
    )


def _identity(raw: dict[str, Any]) -> Identity | None:
    """The row's id where it is one of ours, and the id that the row had where it came from."""
    external_id = raw.get("external_id")
    if not is_id(str(raw.get("id"))):
        return None
    return Identity(raw["id"], external_id if isinstance(external_id, str) else None)


def _text(raw: dict[str, Any], name: str) -> str:
    value = raw[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is no text")
    return value
