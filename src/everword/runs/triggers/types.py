"""What triggers speak: their kinds, their states, their rows, and how they look for an entry."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Connection

from everword.core.ids import EntryId, PersonId, RunId, SpaceId, TriggerId
from everword.core.types import Principal
from everword.runs.schedules.types import OnOverlap
from everword.runs.types import Run

TRIGGER_CHANGED = "trigger.changed"


class TriggerKind(StrEnum):
    """What sets it off: an entry that fits its conditions, or one that came in by its own webhook."""

    ENTRY = "entry"
    WEBHOOK = "webhook"


class TriggerState(StrEnum):
    """Whether it begins runs."""

    ACTIVE = "active"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Trigger:
    """What begins work when something comes. `request_id` names the entry that says what is to be done.

    `words_id` names the entry with the words that have to be there; `reached` is up to where the ledger is dealt with.
    """

    id: TriggerId
    space_id: SpaceId
    person_id: PersonId
    request_id: EntryId
    words_id: EntryId | None
    kind: TriggerKind
    speaker: str
    source: str
    reached: int
    on_overlap: OnOverlap
    ceiling: dict[str, Any] | None
    state: TriggerState
    reason: str | None
    failures: int
    run_id: RunId | None
    last_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def person(self) -> Principal:
        """Whose it is, in the one space that it looks at."""
        return Principal(self.person_id, self.space_id, frozenset({self.space_id}))


@dataclass(frozen=True, slots=True)
class Looked:
    """How far the ledger was looked through, and the first entry that fits, which is there."""

    position: int
    entry_id: EntryId | None = None


class Looking(Protocol):
    """The ledger, as triggers need it."""

    def newest(self, connection: Connection, who: Principal) -> int:
        """Its last position."""

    def look(self, connection: Connection, trigger: Trigger, after: int) -> Looked:
        """Look for the next entry after a position that sets a trigger off, some hundred at a time."""

    def begin(self, connection: Connection, who: Principal, trigger: Trigger, entry_id: EntryId) -> Run:
        """Write the run for an entry, queued. Asked again for the same entry: the same run."""
