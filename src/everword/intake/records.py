"""What a parser finds in a file: plain records that know nothing of the ledger, and their form between processes."""

import base64
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """Who a file says was speaking. It is a claim; `everword.intake.labels` decides what is believed of it."""

    ACCOUNT = "account"  # the person whose account was exported
    ASSISTANT = "assistant"
    TOOL = "tool"  # a tool's result, or the service itself
    PERSON = "person"  # somebody with a name
    FILE = "file"  # words in a file that was sent along, whoever wrote them


@dataclass(frozen=True, slots=True)
class Identity:
    """What a row was in the ledger that one of our own exports came from. Kept where it is free."""

    id: str
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation begins. It comes before its messages."""

    external_id: str
    source: str
    title: str
    created_at: datetime | None = None
    updated_at: datetime | None = None
    pinned_at: datetime | None = None
    archived_at: datetime | None = None
    restores: Identity | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said or written. `conversation`, `parent` and `version_of` are external ids of records before it."""

    external_id: str
    source: str
    role: Role
    speaker: str
    text: str
    said_at: datetime | None = None
    conversation: str | None = None
    parent: str | None = None
    version_of: str | None = None
    kind: str = "message"
    state: str = "complete"
    model: str | None = None
    details: dict[str, Any] | None = None
    restores: Identity | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file that belongs to the message with the external id `message`."""

    message: str
    source: str
    name: str
    media_type: str
    content: bytes
    text_state: str = "none"
    text: str | None = None
    created_at: datetime | None = None
    restores: Identity | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A conversation is complete; `leaf` is the last message of the branch that was on the screen."""

    conversation: str
    source: str
    leaf: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the owner decided there about a fact that `entry` states: pinned, refused, or kept `over` another value."""

    entry: str
    source: str
    subject: str
    slot: str
    value: str
    pinned_at: datetime | None = None
    refused_at: datetime | None = None
    over: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """The words of the message `entry` are a note. `run`: the run that wrote it first."""

    entry: str
    source: str
    restores: Identity
    created_at: datetime
    updated_at: datetime
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """The words of the message `entry` are a task, which came from `cause`. `due`: a day, or an instant in UTC."""

    entry: str
    source: str
    restores: Identity
    created_at: datetime
    updated_at: datetime
    cause: str | None = None
    run: str | None = None
    due: str | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """What the owner decided there about a promise: `start` to `end` of the message `entry`, done or dismissed."""

    entry: str
    source: str
    start: int
    end: int
    action: str
    state: str
    said_at: datetime
    decided_at: datetime
    due_at: datetime | None = None
    due_precision: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something was left out. `count` says how many times, for the same reason."""

    what: str
    why: str
    count: int = 1


Record = Conversation | Message | File | Shown | Ruling | Note | Task | Promise | Skipped

_KINDS: dict[str, type[Record]] = {
    kind.__name__: kind for kind in (Conversation, Message, File, Shown, Ruling, Note, Task, Promise, Skipped)
}
_FIELDS = {kind: frozenset(field.name for field in fields(kind)) for kind in _KINDS.values()}
_INSTANTS = frozenset(
    {"said_at", "created_at", "updated_at", "pinned_at", "archived_at", "refused_at", "done_at", "decided_at", "due_at"}
)


def to_wire(record: Record) -> dict[str, Any]:
    """The record as JSON values: instants as ISO 8601, bytes as base64, what is absent left out."""
    wire: dict[str, Any] = {"record": type(record).__name__}
    for name, value in asdict(record).items():
        if isinstance(value, datetime):
            wire[name] = value.isoformat()
        elif isinstance(value, bytes):
            wire[name] = base64.b64encode(value).decode("ascii")
        elif value is not None:
            wire[name] = value
    return wire


def from_wire(wire: dict[str, Any]) -> Record:
    """The record that `to_wire` made. Raises ValueError, KeyError or TypeError for anything else."""
    kind = _KINDS[wire["record"]]
    known = _FIELDS[kind]
    values = {name: value for name, value in wire.items() if name in known}
    for name, value in values.items():
        if name in _INSTANTS:
            values[name] = _instant(value)
        elif name == "role":
            values[name] = Role(value)
        elif name == "content":
            values[name] = base64.b64decode(value)
        elif name == "restores":
            values[name] = Identity(value["id"], value.get("external_id"))
    return kind(**values)


def _instant(value: str) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return instant
