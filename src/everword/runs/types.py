"""What runs speak: their states, their rows, and what a kind of run is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from everword.core.ids import ConversationId, PersonId, RunId, SegmentId, SpaceId
from everword.core.types import Priority

if TYPE_CHECKING:
    from everword.runs.segment import Segment


class RunState(StrEnum):
    """Where a run is. It ends as what it really was."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    MISSED = "missed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in {RunState.QUEUED, RunState.RUNNING, RunState.WAITING}


class Waiting(StrEnum):
    """What a run waits for. It holds nothing meanwhile: no slot, no process, no memory."""

    APPROVAL = "approval"
    QUESTION = "question"
    TIME = "time"
    PAUSE = "pause"
    RUN = "run"
    CEILING = "ceiling"
    """The next day: what somebody's background work may use in this one is used up."""
    POSTURE = "posture"
    """Somebody who waits for an answer needs what it would take."""


@dataclass(frozen=True, slots=True)
class Run:
    """One durable piece of work. `input` and `result` hold references, never words."""

    id: RunId
    space_id: SpaceId
    person_id: PersonId
    kind: str
    priority: Priority
    state: RunState
    waiting_for: str | None
    conversation_id: ConversationId | None
    input: dict[str, Any]
    result: dict[str, Any] | None
    error_code: str | None
    error: str | None
    attempt: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    stop_requested_at: datetime | None
    wakes_at: datetime | None
    parent_id: RunId | None
    waits_for_id: RunId | None


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A stretch of a run between two waits; its id is the engine's workflow id."""

    id: SegmentId
    space_id: SpaceId
    run_id: RunId
    number: int
    executor: str | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A segment that a process has to execute now. One that is not `is_fresh` may have been begun by another."""

    segment_id: SegmentId
    priority: Priority
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class Transition:
    """A run went from one state to another, and why."""

    at: datetime
    from_state: RunState | None
    to_state: RunState
    cause: str


Kind = Callable[["Segment"], Awaitable[None]]
"""What runs of one kind execute. It ends the run itself (`service.finish`), in the transaction of its last words."""
