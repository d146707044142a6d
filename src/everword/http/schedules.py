"""Schedules: say in words or cron when work is to be begun, see what was understood, change it, delete it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from everword.agents import schedules
from everword.agents.conversation import MAX_CHARACTERS
from everword.agents.schedules import Changed, Understood, Wanted
from everword.agents.spending import Ceiling
from everword.core.ids import ScheduleId
from everword.core.types import Principal
from everword.http.ceilings import BoundsShape, CeilingChange, CeilingWanted
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.services import Services, services_of
from everword.runs.schedules import rule
from everword.runs.schedules.types import OnMissed, OnOverlap, Schedule, ScheduleState

router = APIRouter(prefix="/api/schedules", tags=["schedules"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
When = Annotated[
    str, Field(min_length=1, max_length=200, description="“every weekday at 8:30”, “in 2 hours”, or “30 8 * * 1-5”")
]
Zone = Annotated[str | None, Field(max_length=64, description="Such as Europe/Lisbon; without: the owner's.")]
Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]


class WhenWanted(BaseModel):
    """Words or cron that are to be understood."""

    when: When
    time_zone: Zone = None


class UnderstoodShape(BaseModel):
    """What was understood: the rule, the same in words, and the next three times (fewer where there are no more)."""

    rule: str
    says: str
    time_zone: str
    next: list[datetime]

    @staticmethod
    def of(found: Understood) -> "UnderstoodShape":
        return UnderstoodShape(rule=found.rule, says=found.says, time_zone=found.time_zone, next=found.next)


class ScheduleWanted(WhenWanted):
    """A schedule to be made. Without a time zone it lives by the owner's, and follows when that changes."""

    text: Text
    client_id: Annotated[str, Field(min_length=8, max_length=64, description="Made by the client")]
    on_missed: OnMissed = OnMissed.CATCH_UP
    on_overlap: OnOverlap = OnOverlap.SKIP
    ceiling: CeilingWanted | None = None


class ScheduleChange(BaseModel):
    """What of a schedule is to be another; what is left out stays as it is. `time_zone` null: the owner's again."""

    text: Text | None = None
    when: When | None = None
    time_zone: Zone = None
    on_missed: OnMissed | None = None
    on_overlap: OnOverlap | None = None
    ceiling: CeilingChange | None = None
    is_paused: bool | None = None


class ScheduleShape(BaseModel):
    """One schedule. `reason`: why it was paused, where it was not by the owner."""

    id: str
    text: str
    rule: str
    says: str
    time_zone: str
    follows_owner: bool
    on_missed: OnMissed
    on_overlap: OnOverlap
    ceiling: BoundsShape
    state: ScheduleState
    reason: str | None
    next_at: datetime | None
    last_at: datetime | None
    is_queued: bool
    run_id: str | None
    created_at: datetime


class SchedulesShape(BaseModel):
    """All schedules, the oldest first."""

    schedules: list[ScheduleShape]


@router.get("")
def listed(who: Who, house: House) -> SchedulesShape:
    """All schedules of the person who asks."""
    with house.database.reading(who) as connection:
        found = schedules.listed(connection, who)
    return SchedulesShape(schedules=[_shape(*each) for each in found])


@router.post("/preview")
def preview(who: Who, house: House, wanted: WhenWanted) -> UnderstoodShape:
    """What words or cron would be understood as. Nothing is made."""
    return UnderstoodShape.of(schedules.understand(wanted.when, wanted.time_zone or _own_zone(house, who)))


@router.post("", status_code=201)
def create(who: Who, house: House, wanted: ScheduleWanted) -> ScheduleShape:
    """Make a schedule. Sent twice with the same `client_id` it is made once."""
    made = Wanted(
        text=wanted.text,
        when=wanted.when,
        time_zone=wanted.time_zone or _own_zone(house, who),
        follows_owner=wanted.time_zone is None,
        on_missed=wanted.on_missed,
        on_overlap=wanted.on_overlap,
        ceiling=None if wanted.ceiling is None else wanted.ceiling.ceiling(),
    )
    return _told(who, house, schedules.create(house.database, who, made, client_id=wanted.client_id))


@router.patch("/{schedule_id}")
def change(who: Who, house: House, schedule_id: Identifier, wanted: ScheduleChange) -> ScheduleShape:
    """Change, pause or resume a schedule."""
    follows = "time_zone" in wanted.model_fields_set and wanted.time_zone is None
    changed = Changed(
        text=wanted.text,
        when=wanted.when,
        time_zone=_own_zone(house, who) if follows else wanted.time_zone,
        follows_owner=follows,
        on_missed=wanted.on_missed,
        on_overlap=wanted.on_overlap,
        ceiling=None if wanted.ceiling is None else wanted.ceiling.wanted(),
        is_paused=wanted.is_paused,
    )
    return _told(who, house, schedules.change(house.database, who, ScheduleId(schedule_id), changed))


@router.delete("/{schedule_id}", status_code=204)
def remove(who: Who, house: House, schedule_id: Identifier) -> None:
    """Delete a schedule: it is not due again. Its past runs stay."""
    schedules.remove(house.database, who, ScheduleId(schedule_id))


def _own_zone(house: Services, who: Principal) -> str:
    return str(house.preferences.read_all(who).get("time_zone") or "UTC")


def _told(who: Principal, house: Services, made: Schedule) -> ScheduleShape:
    with house.database.reading(who) as connection:
        return _shape(*schedules.with_requests(connection, who, [made])[0])


def _shape(found: Schedule, text: str) -> ScheduleShape:
    return ScheduleShape(
        id=found.id,
        text=text,
        rule=found.rule,
        says=rule.described(found.rule, found.time_zone),
        time_zone=found.time_zone,
        follows_owner=found.follows_owner,
        on_missed=found.on_missed,
        on_overlap=found.on_overlap,
        ceiling=BoundsShape.of(Ceiling.stored(found.ceiling)),
        state=found.state,
        reason=found.reason,
        next_at=found.next_at,
        last_at=found.last_at,
        is_queued=found.queued_at is not None,
        run_id=found.run_id,
        created_at=found.created_at,
    )
