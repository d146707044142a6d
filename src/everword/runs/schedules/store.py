"""Schedules' rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import EntryId, PersonId, ScheduleId, SpaceId, new_id
from everword.core.types import Principal
from everword.runs.schedules.types import OnMissed, OnOverlap, Schedule, ScheduleState
from everword.runs.types import RunState
from everword.storage.schema.runs import run
from everword.storage.schema.schedules import schedule
from everword.storage.scope import require_space, visible

_ENDED = [state.value for state in RunState if state.is_ended]


def create(
    connection: Connection,
    who: Principal,
    *,
    space_id: SpaceId,
    person_id: PersonId,
    request_id: EntryId,
    rule: str,
    time_zone: str,
    follows_owner: bool,
    on_missed: OnMissed,
    on_overlap: OnOverlap,
    ceiling: dict[str, Any] | None,
    next_at: datetime | None,
) -> Schedule:
    """Write a schedule that is active."""
    at = clock.now()
    values = {
        "id": new_id(),
        "space_id": require_space(who, space_id),
        "person_id": person_id,
        "request_id": request_id,
        "rule": rule,
        "time_zone": time_zone,
        "follows_owner": follows_owner,
        "on_missed": on_missed.value,
        "on_overlap": on_overlap.value,
        "ceiling": ceiling,
        "state": ScheduleState.ACTIVE.value,
        "failures": 0,
        "next_at": next_at,
        "created_at": at,
        "updated_at": at,
    }
    return _schedule(connection.execute(insert(schedule).values(values).returning(schedule)).one())


def find(connection: Connection, who: Principal, schedule_id: ScheduleId, *, hold: bool = False) -> Schedule | None:
    """One schedule, if it is there. With `hold` nobody else changes it until the transaction ends."""
    query = select(schedule).where(visible(schedule, who), schedule.c.id == schedule_id)
    row = connection.execute(query.with_for_update() if hold else query).one_or_none()
    return None if row is None else _schedule(row)


def get(connection: Connection, who: Principal, schedule_id: ScheduleId, *, hold: bool = False) -> Schedule:
    """One schedule. Raises NotFound. With `hold` nobody else changes it until the transaction ends."""
    found = find(connection, who, schedule_id, hold=hold)
    if found is None:
        raise NotFound(what="schedule")
    return found


def of_request(connection: Connection, who: Principal, request_id: EntryId) -> Schedule | None:
    """The schedule whose words that entry holds, if there is one."""
    query = select(schedule).where(visible(schedule, who), schedule.c.request_id == request_id)
    row = connection.execute(query.limit(1)).one_or_none()
    return None if row is None else _schedule(row)


def listed(connection: Connection, who: Principal, *, state: ScheduleState | None = None) -> list[Schedule]:
    """All schedules, the oldest first; only those in a state where one is given."""
    query = select(schedule).where(visible(schedule, who, by_space=True))
    if state is not None:
        query = query.where(schedule.c.state == state.value)
    return list(map(_schedule, connection.execute(query.order_by(schedule.c.created_at, schedule.c.id))))


def change(connection: Connection, who: Principal, schedule_id: ScheduleId, values: dict[str, Any]) -> Schedule:
    """Set columns of a schedule. Raises NotFound."""
    where = (visible(schedule, who), schedule.c.id == schedule_id)
    statement = update(schedule).where(*where).values(**values, updated_at=clock.now()).returning(schedule)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(what="schedule")
    return _schedule(row)


def remove(connection: Connection, who: Principal, schedule_id: ScheduleId) -> None:
    """Delete a schedule. Raises NotFound."""
    where = (visible(schedule, who), schedule.c.id == schedule_id)
    if connection.execute(delete(schedule).where(*where)).rowcount == 0:
        raise NotFound(what="schedule")


def due(connection: Connection, who: Principal, now: datetime, limit: int = 500) -> list[Schedule]:
    """The active schedules whose time has come, the earliest first."""
    where = (visible(schedule, who), schedule.c.state == ScheduleState.ACTIVE.value, schedule.c.next_at <= now)
    return list(
        map(_schedule, connection.execute(select(schedule).where(*where).order_by(schedule.c.next_at).limit(limit)))
    )


def ready(connection: Connection, who: Principal, limit: int = 500) -> list[Schedule]:
    """The schedules with a time that waited for a run that has ended, or is gone."""
    query = select(schedule).outerjoin(run, run.c.id == schedule.c.run_id)
    query = query.where(visible(schedule, who), schedule.c.queued_at.is_not(None))
    query = query.where(
        schedule.c.state != ScheduleState.PAUSED.value, or_(run.c.id.is_(None), run.c.state.in_(_ENDED))
    )
    return list(map(_schedule, connection.execute(query.order_by(schedule.c.queued_at).limit(limit))))


def next_due(connection: Connection, who: Principal) -> datetime | None:
    """When the next active schedule is due; None where none is."""
    query = select(func.min(schedule.c.next_at)).where(visible(schedule, who))
    found: datetime | None = connection.execute(query.where(schedule.c.state == ScheduleState.ACTIVE.value)).scalar()
    return found


def _schedule(row: Row[Any]) -> Schedule:
    values = dict(row._mapping)
    values["on_missed"] = OnMissed(values["on_missed"])
    values["on_overlap"] = OnOverlap(values["on_overlap"])
    values["state"] = ScheduleState(values["state"])
    return Schedule(**values)
