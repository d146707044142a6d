"""Plain entries as JSON Lines: the documented form for whatever has no format of its own (docs/import.md).

A line needs `text`. It may have `conversation`, `id`, `said_at`, `speaker`, `role`, `title`, `session`. Lines of one
conversation follow each other in the order of the file. Times without a zone are the owner's local time.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from everword.intake.formats.lines import objects
from everword.intake.records import Conversation, Message, Record, Role, Shown, Skipped
from everword.intake.source import Reading, Source
from everword.intake.times import from_epoch, from_iso

SOURCE = "entries"
_ROLES = {
    "user": Role.ACCOUNT,
    "human": Role.ACCOUNT,
    "assistant": Role.ASSISTANT,
    "tool": Role.TOOL,
    "system": Role.TOOL,
}
_MORE = ("session",)


def recognises(element: Any) -> bool:
    """Whether `element` is a line of this form."""
    return isinstance(element, dict) and isinstance(element.get("text"), str) and "type" not in element


def parse(source: Source, reading: Reading) -> Iterator[Record]:
    """The lines of every file."""
    talk = _Talk()
    for part in source.parts():
        for line in objects(source.open(part), part.path):
            if isinstance(line, Skipped):
                yield line
            elif recognises(line[1]):
                yield from talk.records(line[1], reading)
            else:
                yield Skipped(f"{part.path}, line {line[0]}", "it has no text")
    yield from talk.end()


class _Talk:
    """Which conversations were begun, and the last message of each."""

    def __init__(self) -> None:
        self._last: dict[str, str | None] = {}
        self._current: str | None = None

    def records(self, raw: dict[str, Any], reading: Reading) -> Iterator[Record]:
        """What a line amounts to."""
        conversation = _name(raw.get("conversation"))
        if conversation != self._current:
            yield from self.end()
            self._current = conversation
        said_at = from_iso(raw.get("said_at"), reading.time_zone) or from_epoch(raw.get("said_at"))
        if conversation is not None and conversation not in self._last:
            self._last[conversation] = None
            yield Conversation(conversation, SOURCE, _name(raw.get("title")) or conversation, said_at)
        before = self._last.get(conversation or "")
        message = _message(raw, conversation, before, said_at)
        if conversation is not None:
            self._last[conversation] = message.external_id
        yield message

    def end(self) -> Iterator[Record]:
        """The conversation that was read has no further line here."""
        leaf = self._last.get(self._current or "")
        if self._current is not None and leaf is not None:
            yield Shown(self._current, SOURCE, leaf)


def _message(raw: dict[str, Any], conversation: str | None, before: str | None, said_at: datetime | None) -> Message:
    speaker = _name(raw.get("speaker")) or ""
    role = _ROLES.get(str(raw.get("role") or speaker).strip().lower(), Role.PERSON)
    return Message(
        external_id=_name(raw.get("id")) or _derived_id(raw, conversation, before),
        source=SOURCE,
        role=role,
        speaker=speaker,
        text=raw["text"],
        said_at=said_at,
        conversation=conversation,
        parent=before,
        details={name: raw[name] for name in _MORE if isinstance(raw.get(name), str | int)} or None,
    )


def _derived_id(raw: dict[str, Any], conversation: str | None, before: str | None) -> str:
    """An id for a line without one, the same whichever file it comes in: what it says, and what it follows."""
    facts = (conversation, before, raw.get("said_at"), raw.get("speaker"), raw["text"])
    digest = hashlib.sha256()
    for fact in facts:
        value = str(fact).encode("utf-8", "surrogatepass")
        digest.update(len(value).to_bytes(8) + value)
    return f"sha256:{digest.hexdigest()[:32]}"


def _name(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None
