"""What schedules speak: their rules, their states, their rows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from everword.core.ids import EntryId, PersonId, RunId, ScheduleId, SpaceId


class ScheduleState(StrEnum):
    """Whether it will be due again. `ENDED`: it has no time left."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class OnMissed(StrEnum):
    """What becomes of times at which the program did not run: begun once now for all of them, or reported."""

    CATCH_UP = "catch_up"
    REPORT = "report"


class OnOverlap(StrEnum):
    """What becomes of a time at which the run before has not ended: one waits behind it, or it is skipped."""

    QUEUE = "queue"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When work is begun by itself. `request_id` names the entry that says what is to be done.

    `last_at` is up to when its times are dealt with; `queued_at` a time that waits until the run `run_id` has ended.
    """

    id: ScheduleId
    space_id: SpaceId
    person_id: PersonId
    request_id: EntryId
    rule: str
    time_zone: str
    follows_owner: bool
    on_missed: OnMissed
    on_overlap: OnOverlap
    ceiling: dict[str, Any] | None
    state: ScheduleState
    reason: str | None
    failures: int
    next_at: datetime | None
    last_at: datetime | None
    queued_at: datetime | None
    run_id: RunId | None
    created_at: datetime
    updated_at: datetime
