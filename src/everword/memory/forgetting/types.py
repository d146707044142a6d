"""What forgetting speaks: a selection, what goes with it, a preview, a forgetting under way and its receipt."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType, Protocol

from sqlalchemy import Connection

from everword.core.ids import ConversationId, EntryId, PersonId, RunId, SegmentId, SpaceId
from everword.core.types import Label, Principal
from everword.memory.types import Entry

Why = Literal["cites", "recalled", "says"]
ForgettingId = NewType("ForgettingId", str)
BackupId = NewType("BackupId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What to forget: entries that are named, or those that fit everything else that is set.

    `since` is included, `until` is not. `words` are looked for as a search does: entries that have all of them.
    `older_than` means both said and recorded before then, in every version: what was imported today is not old, though
    it was said long ago.
    """

    entry_ids: tuple[EntryId, ...] = ()
    conversation_id: ConversationId | None = None
    speaker: str | None = None
    label: Label | None = None
    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    words: str = ""
    older_than: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it names nothing, which would be everything."""
        return self == Selection()


class Stage(StrEnum):
    """What a forgetting does next. Each is repeated from its start after a crash."""

    REDACT = "redact"
    ROWS = "rows"
    INDEX = "index"
    ENGINE = "engine"
    FILES = "files"
    CHECK = "check"
    ENDED = "ended"


class ForgettingState(StrEnum):
    """`failed` is taken up again at the next start: words that were to go must not stay for want of trying."""

    RUNNING = "running"
    DELIVERED = "delivered"
    FAILED = "failed"


class ItemKind(StrEnum):
    """What a thing to go is. A redaction is an entry that stays, without the words that it repeats."""

    ENTRY = "entry"
    REDACTION = "redaction"
    CONVERSATION = "conversation"
    RUN = "run"
    SEGMENT = "segment"


@dataclass(frozen=True, slots=True)
class Check:
    """Where was looked, how many things there, and in how many words were found."""

    place: str
    looked: int
    found: int


@dataclass(frozen=True, slots=True)
class Remains:
    """What somebody beyond us still holds, until when, and how to end it."""

    what: str
    until: str
    how: str


@dataclass(frozen=True, slots=True)
class Forgetting:
    """A forgetting, and once it has ended its receipt: random ids and counts, nothing of what was said."""

    id: ForgettingId
    space_id: SpaceId
    person_id: PersonId
    state: ForgettingState
    stage: Stage
    counts: dict[str, int]
    checks: list[Check]
    remains: list[Remains]
    error_code: str | None
    error: str | None
    first_recorded_at: datetime | None
    created_at: datetime
    ended_at: datetime | None

    @property
    def person(self) -> Principal:
        """Who forgets, in the one space that it goes from."""
        return Principal(self.person_id, self.space_id, frozenset({self.space_id}))


@dataclass(frozen=True, slots=True)
class RunRef:
    """A run that worked with entries, and its segments (the durable engine's ids)."""

    run_id: RunId
    segment_ids: tuple[SegmentId, ...]
    conversation_id: ConversationId | None
    is_open: bool
    names: frozenset[str]
    """Those of the entries that its input or result refers to."""


@dataclass(frozen=True, slots=True)
class Gone:
    """What goes in one transaction: references to it must go from every table."""

    entry_ids: frozenset[EntryId]
    conversation_ids: frozenset[ConversationId] = frozenset()
    run_ids: frozenset[RunId] = frozenset()
    recorded: tuple[datetime, datetime] | None = None
    """When the first and the last of the imported entries were recorded."""
    imported_from: frozenset[str] = frozenset()
    """Where they were imported from, as entries name it."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is looked for when all is done: words and runs of words that nothing which stays has."""

    spoken: tuple[str, ...] = ()
    """As they were written."""
    folded: tuple[str, ...] = ()
    """As the word index has them."""

    def __bool__(self) -> bool:
        return bool(self.spoken or self.folded)


@dataclass(frozen=True, slots=True)
class Repeat:
    """An entry that stays and repeats words. `spans` of its text would be blacked out."""

    entry: Entry
    spans: tuple[tuple[int, int], ...]
    is_chosen: bool
    why: Why


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that would go. `entries` are the first of `entry_count`."""

    entries: tuple[Entry, ...]
    entry_count: int
    counts: Mapping[str, int]
    repeats: tuple[Repeat, ...]
    backups: int
    is_answering: bool


RowStore = Callable[[Connection, Principal, Gone], Mapping[str, int]]
"""Removes from the tables of one room what `Gone` names, in the caller's transaction; how many of what."""


Hanging = Callable[[Connection, Principal, Collection[EntryId]], Mapping[str, int]]
"""How many rows of one room stand on those entries and go with them."""


Redacted = Callable[[Connection, Principal, EntryId, EntryId], None]
"""An entry is about to go, and a redacted one takes its place: what stands on it moves, in the caller's transaction."""


RunsOf = Callable[
    [Connection, Principal, Collection[EntryId], Collection[ConversationId], Collection[RunId]], list[RunRef]
]
"""The runs of those conversations and those runs, and which of the entries they name."""


class RecordStore(Protocol):
    """A store beside the database's tables that may hold words."""

    name: str

    def remove(self, segment_ids: Collection[SegmentId]) -> int:
        """Remove what belongs to those segments. How many records went."""

    def rewrite(self, words: Collection[str]) -> None:
        """Leave nothing of what was removed in the store's files."""

    def look(self, words: Sequence[str]) -> tuple[int, int]:
        """How many records there are, and how many hold any of the words, as the store writes them."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """What forgetting needs of rooms that it does not know; bootstrap hands it over."""

    runs_of: RunsOf
    rows: tuple[RowStore, ...] = ()
    records: tuple[RecordStore, ...] = ()
    hanging: tuple[Hanging, ...] = ()
    redacted: tuple[Redacted, ...] = ()
    is_importing: Callable[[Connection, Principal], bool] = field(default=lambda _connection, _who: False)
    forget_prompts: Callable[[], None] = field(default=lambda: None)
