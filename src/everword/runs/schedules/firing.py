"""What is done at a time that has come: begin a run, wait behind the one before, or put on record that it was missed.

Everything here happens in one transaction with the schedule's row held, and moves `next_at` past what was dealt with:
no time is fired twice, and none is passed over without a word. Locks are taken in one order: the schedule's row, then
the order of events; the run before is only read, for whoever ends it holds its row while waiting for that order.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any, Protocol

from sqlalchemy import Connection

from everword.core.types import Principal
from everword.runs import store as run_store
from everword.runs.rounds import in_the_way
from everword.runs.schedules import rule, store
from everword.runs.schedules.types import OnMissed, OnOverlap, Schedule, ScheduleState
from everword.runs.types import Run
from everword.storage import events

SCHEDULE_CHANGED = "schedule.changed"
LATE = timedelta(seconds=60)
"""Later than this a time was missed."""
_MOST_COUNTED = 1000


class Begin(Protocol):
    """Writes the run of a schedule for one time: queued, or as missed. Asked again for the same time: the same run."""

    def __call__(
        self, connection: Connection, who: Principal, schedule: Schedule, due: datetime, *, cause: str, is_missed: bool
    ) -> Run: ...


@dataclass(frozen=True, slots=True)
class Stretch:
    """Times that were missed one after the other: the first, the last, how many, and what comes after."""

    first: datetime
    last: datetime
    count: int
    following: datetime | None


def fire(connection: Connection, who: Principal, schedule: Schedule, now: datetime, begin: Begin) -> Run | None:
    """Deal with the earliest time that has come of a schedule whose row is held. Returns the run that was begun."""
    if schedule.state is ScheduleState.PAUSED:
        return None
    if schedule.queued_at is not None and in_the_way(connection, who, schedule.run_id) is None:
        return _begin_queued(connection, who, schedule, schedule.queued_at, now, begin)
    due = schedule.next_at
    if due is None or due > now:
        return None
    is_late = now - due > LATE
    stretch = _stretch(schedule, due, now) if is_late else Stretch(due, due, 1, _following(schedule, due))
    if is_late and schedule.on_missed is OnMissed.REPORT:
        begin(connection, who, schedule, due, cause=_missed(schedule, stretch, now), is_missed=True)
        _move(connection, who, schedule, stretch)
        return None
    cause = f"scheduled for {rule.told(due, schedule.time_zone, now)}"
    if is_late:
        cause = f"{_missed(schedule, stretch, now)}; caught up"
    before = in_the_way(connection, who, schedule.run_id)
    if before is not None:
        _overlap(connection, who, schedule, before, stretch, now)
        return None
    run = begin(connection, who, schedule, due, cause=cause, is_missed=False)
    _move(connection, who, schedule, stretch, run_id=run.id)
    return run


def _begin_queued(
    connection: Connection, who: Principal, schedule: Schedule, due: datetime, now: datetime, begin: Begin
) -> Run:
    cause = f"scheduled for {rule.told(due, schedule.time_zone, now)}; begun when the one before had ended"
    run = begin(connection, who, schedule, due, cause=cause, is_missed=False)
    _write(connection, who, schedule, {"queued_at": None, "run_id": run.id, "failures": 0})
    return run


def _overlap(
    connection: Connection, who: Principal, schedule: Schedule, before: Run, stretch: Stretch, now: datetime
) -> None:
    """By the schedule's rule; what becomes of the time is on record with the run that is in its way."""
    when = rule.told(stretch.first, schedule.time_zone, now)
    if schedule.on_overlap is OnOverlap.SKIP:
        outcome, queued_at = "skipped, because this one had not ended", schedule.queued_at
    elif schedule.queued_at is not None:
        outcome, queued_at = "skipped, because one waits behind this already", schedule.queued_at
    else:
        outcome, queued_at = "waits until this one has ended", stretch.first
    more = f" and {stretch.count - 1:,} times since" if stretch.count > 1 else ""
    run_store.write_transition(connection, who, before, before.state, f"due again at {when}{more}: {outcome}")
    _move(connection, who, schedule, stretch, queued_at=queued_at)


def _stretch(schedule: Schedule, due: datetime, now: datetime) -> Stretch:
    """What was missed from `due` on. What is caught up includes what is due just now: it would only be done twice."""
    horizon = now if schedule.on_missed is OnMissed.CATCH_UP else now - LATE - timedelta(microseconds=1)
    times = takewhile(lambda at: at <= horizon, rule.times(schedule.rule, schedule.time_zone, due))
    more = len(list(islice(times, _MOST_COUNTED)))
    return Stretch(due, horizon if more else due, 1 + more, _following(schedule, horizon))


def _missed(schedule: Schedule, stretch: Stretch, now: datetime) -> str:
    """Why it is late, in words."""
    when = rule.told(stretch.first, schedule.time_zone, now)
    if stretch.count == 1:
        return f"scheduled for {when}, when Everword did not run"
    number = f"{stretch.count:,}" if stretch.count <= _MOST_COUNTED else f"more than {_MOST_COUNTED:,}"
    return f"scheduled for {when} and since, {number} times in which Everword did not run"


def _following(schedule: Schedule, after: datetime) -> datetime | None:
    return rule.following(schedule.rule, schedule.time_zone, after)


def _move(connection: Connection, who: Principal, schedule: Schedule, stretch: Stretch, **values: Any) -> None:
    """Past what was dealt with."""
    is_over = stretch.following is None
    moved = {
        "next_at": stretch.following,
        "last_at": max(stretch.last, schedule.last_at or stretch.last),
        "state": (ScheduleState.ENDED if is_over else ScheduleState.ACTIVE).value,
        "failures": 0,
    }
    _write(connection, who, schedule, moved | values)


def _write(connection: Connection, who: Principal, schedule: Schedule, values: dict[str, Any]) -> None:
    store.change(connection, who, schedule.id, values)
    events.append(connection, who, schedule.space_id, SCHEDULE_CHANGED, {"schedule_id": schedule.id})
