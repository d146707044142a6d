"""What attention speaks: items that rules find, the cards made of them, and a day's brief."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import NewType

from everword.core.ids import ConversationId, EntryId, RunId, SpaceId
from everword.memory.types import Entry

BriefId = NewType("BriefId", str)
CardId = NewType("CardId", str)
SourceId = NewType("SourceId", str)
"""The id of the row that a card tells of, of whatever kind that is."""


class CardKind(StrEnum):
    """What a card is for, the weightiest first: this is the order of a brief."""

    DECIDE = "decide"
    PREPARED = "prepared"
    CHANGED = "changed"
    WATCH = "watch"


class Source(StrEnum):
    """What a card tells of; the id beside it is that row's."""

    APPROVAL = "approval"
    QUESTION = "question"
    UNKNOWN = "unknown"
    FAILURE = "failure"
    SCHEDULE = "schedule"
    TRIGGER = "trigger"
    MCP_SERVER = "mcp_server"
    ANSWER = "answer"
    PROMISE = "promise"
    FACT = "fact"
    TASK = "task"


class CardState(StrEnum):
    """What the person said to a card. `LATER`: in the next brief again; `DISMISSED`: never again."""

    OPEN = "open"
    DONE = "done"
    LATER = "later"
    DISMISSED = "dismissed"


class HeldBack(StrEnum):
    """Why something is in the brief, but not among its cards."""

    MOST = "most"
    ALIKE = "alike"
    LESS = "less"
    LATER = "later"


class SummaryState(StrEnum):
    """Whether a model words a summary of a brief: it need not, it is to, it has, or it could not."""

    NONE = "none"
    WANTED = "wanted"
    WORDED = "worded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Quoted:
    """The words that an item stands on: `text[start:end]` of an entry."""

    entry: Entry
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something a rule found worth a card, with its words as they are now.

    `due`: when it is too late; `came`: when it came about. `sort` is what "less like this" would be about, empty where
    that cannot be said: what waits for a decision is never held back by a rule.
    """

    source: Source
    source_id: SourceId
    kind: CardKind
    title: str
    why: str
    came: datetime
    due: datetime | None = None
    body: str = ""
    sort: str = ""
    sort_says: str = ""
    quoted: Quoted | None = None
    run_id: RunId | None = None
    run_kind: str = ""
    conversation_id: ConversationId | None = None
    entry_id: EntryId | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What it is told apart by."""
        return self.source.value, self.source_id


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a brief, by reference: what it says is read from its source."""

    id: CardId
    space_id: SpaceId
    brief_id: BriefId
    source: Source
    source_id: SourceId
    kind: CardKind
    sort: str
    place: int
    held_back: HeldBack | None
    state: CardState
    decided_at: datetime | None

    @property
    def key(self) -> tuple[str, str]:
        """The key of the item it was made of."""
        return self.source.value, self.source_id


@dataclass(frozen=True, slots=True)
class Brief:
    """The brief of one day. It tells of what came after `since`."""

    id: BriefId
    space_id: SpaceId
    day: str
    due_at: datetime
    made_at: datetime
    since: datetime
    summary_state: SummaryState
    summary_attempts: int
    summary: str | None
    summary_model: str | None


@dataclass(frozen=True, slots=True)
class Habits:
    """What a person has set: when the brief is made (None: never), by whom it is worded, and when it is quiet."""

    time_zone: str
    brief_at: time | None
    worded_by: str  # rules only, this machine, any model
    quiet_from: time | None
    quiet_until: time
