"""What facts are made of: claims that entries make, the facts they add up to, and promises."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import NewType

from everword.core.ids import EntryId, SpaceId
from everword.core.types import Label

FactId = NewType("FactId", str)
PromiseId = NewType("PromiseId", str)
SupersessionId = NewType("SupersessionId", str)
YES = "yes"
NO = "no"
CORRECTION = "correction"
"""The source of an entry that the owner wrote to set a fact right."""


class Precision(StrEnum):
    """How exactly a moment is known: within that day, month or year, or only that it was `by` then."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    BY = "by"


class Origin(StrEnum):
    """Who drew a claim from the words: a rule, a model whose output a rule checked, or the owner, who is believed."""

    RULE = "rule"
    MODEL = "model"
    OWNER = "owner"


class Authority(IntEnum):
    """Whose word outweighs whose: the owner's correction, people on themselves and the owner on anything, others."""

    OTHERS = 1
    FIRST_HAND = 2
    CORRECTION = 3


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant and how exactly it is known. As an end it is exclusive: "until 2019" is 1 January 2020."""

    at: datetime
    precision: Precision = Precision.DAY

    @property
    def is_guess(self) -> bool:
        """Whether only a bound is known."""
        return self.precision is Precision.BY


@dataclass(frozen=True, slots=True)
class Interval:
    """When something holds: from `start` (included) to `end` (not). None: unknown, or still."""

    start: Moment | None = None
    end: Moment | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """What has one value at a time: of whom, and what."""

    subject_key: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one quote says: `text[start:end]` of an entry, about `subject` ("" for the owner of the space).

    `slot` names what has one value at a time ("lives in", "likes olives"), `value` what it is ("Porto", "yes").
    """

    entry_id: EntryId
    start: int
    end: int
    subject: str
    slot: str
    value: str
    statement: str
    interval: Interval
    said_at: datetime
    said_by: str
    label: Label
    confidence: float
    origin: Origin = Origin.RULE
    fact_id: FactId | None = None
    """The fact it was part of when it was last put together."""

    @property
    def of(self) -> Slot:
        """The slot it fills."""
        return Slot(key_of(self.subject), self.slot)

    @property
    def authority(self) -> Authority:
        """How much it counts against what others say of the same."""
        if self.origin is Origin.OWNER:
            return Authority.CORRECTION
        is_own = self.label is Label.OWNER or (self.said_by != "" and key_of(self.said_by) == key_of(self.subject))
        return Authority.FIRST_HAND if is_own else Authority.OTHERS

    @property
    def is_open(self) -> bool:
        """Whether it says that this holds when it is said, or will."""
        return self.interval.end is None or self.interval.end.at > self.said_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A statement with the time it holds. `superseded_at` is when `superseded_by` took its place, if one has."""

    id: FactId
    space_id: SpaceId
    subject: str
    slot: str
    value: str
    statement: str
    interval: Interval
    said_by: str
    label: Label
    confidence: float
    origin: Origin
    sources: int
    """How many claims it stands on."""
    is_disputed: bool
    learned_at: datetime
    last_said_at: datetime
    pinned_at: datetime | None = None
    refused_at: datetime | None = None
    superseded_at: datetime | None = None
    superseded_by: FactId | None = None

    @property
    def ends_at(self) -> datetime | None:
        """When it stopped or will stop to hold: its own end, or when another took its place."""
        own = None if self.interval.end is None else self.interval.end.at
        return min((at for at in (own, self.superseded_at) if at is not None), default=None)

    def holds_at(self, at: datetime) -> bool:
        """Whether it held at that moment, as far as is known."""
        begins = self.interval.start.at if self.interval.start and not self.interval.start.is_guess else None
        ends = self.ends_at
        return self.refused_at is None and (begins is None or begins <= at) and (ends is None or ends > at)


@dataclass(frozen=True, slots=True)
class Supersession:
    """One fact took another's place: `fact_id` was set aside by `by_id` from `at` on. Undone, the row stays."""

    id: SupersessionId
    fact_id: FactId
    by_id: FactId
    at: datetime
    decided_by: str
    created_at: datetime
    undone_at: datetime | None


class PromiseState(StrEnum):
    """Where a promise stands."""

    OPEN = "open"
    DONE = "done"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A promise as it was said: `text[start:end]` of an entry, what is to be done, and by when."""

    entry_id: EntryId
    start: int
    end: int
    action: str
    due: Moment | None
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Something the owner said they would do."""

    id: PromiseId
    space_id: SpaceId
    entry_id: EntryId
    start: int
    end: int
    action: str
    due: Moment | None
    said_at: datetime
    state: PromiseState
    decided_at: datetime | None


def key_of(text: str) -> str:
    """What makes two names or values the same: letters, digits and signs that matter, in lower case."""
    folded = text.casefold().replace("’", "'")
    kept = "".join(sign if sign.isalnum() or sign in "'+#@.%&/-" else " " for sign in folded)
    return " ".join(kept.split()).strip(".'")


def at_day(year: int, month: int = 1, day: int = 1) -> datetime:
    """Midnight in UTC."""
    return datetime(year, month, day, tzinfo=UTC)
