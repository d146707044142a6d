"""The brief of the day: its cards, what is held back and why, and what the person says to them."""

from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel

from everword.agents import schedules
from everword.agents.conversation import title_of
from everword.attention.briefs import Shown
from everword.attention.days import bounds, local_day
from everword.attention.due import LATE
from everword.attention.types import CardId, CardKind, CardState, HeldBack, Source, SummaryState
from everword.core import clock
from everword.core.types import Principal
from everword.http.door import principal
from everword.http.facts import FactQuoteShape
from everword.http.identifiers import Identifier
from everword.http.services import Services, services_of
from everword.runs.schedules import rule
from everword.runs.schedules.types import Schedule, ScheduleState

router = APIRouter(prefix="/api/brief", tags=["brief"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
Sort = Annotated[str, Path(pattern=r"^[a-z_]+:[a-z0-9_-]{1,40}$")]
_TIMES_OF_ONE = 3
_TIMES = 12


class BriefCardShape(BaseModel):
    """One card: what, why now, on whose words, and the row it tells of. `held_back`: why it is not among the seven.

    `run_id` and `run_kind` say which run it is about; `quote` the words it stands on. `can_less`: whether one can ask
    for less like this; `sort` is what that would be about.
    """

    id: str
    kind: CardKind
    source: Source
    source_id: str
    title: str
    why: str
    body: str
    came_at: datetime
    due_at: datetime | None
    run_id: str | None
    run_kind: str
    conversation_id: str | None
    quote: FactQuoteShape | None
    can_less: bool
    sort: str
    held_back: HeldBack | None

    @staticmethod
    def of(shown: Shown) -> "BriefCardShape":
        item, quoted = shown.item, shown.item.quoted
        return BriefCardShape(
            id=shown.card.id,
            kind=item.kind,
            source=item.source,
            source_id=item.source_id,
            title=item.title,
            why=item.why,
            body=item.body,
            came_at=item.came,
            due_at=item.due,
            run_id=item.run_id,
            run_kind=item.run_kind,
            conversation_id=item.conversation_id,
            quote=None if quoted is None else FactQuoteShape.of(quoted.entry, quoted.start, quoted.end),
            can_less=bool(item.sort),
            sort=item.sort,
            held_back=shown.held_back,
        )


class SummaryShape(BaseModel):
    """A model's words beside the cards, where the person lets one word them."""

    state: SummaryState
    text: str | None
    model: str | None


class LessShape(BaseModel):
    """A rule that the person made by saying "less like this": what is held back."""

    sort: str
    says: str


class TimeShape(BaseModel):
    """A time of today at which something begins."""

    at: datetime
    what: str
    schedule_id: str | None


class BriefShape(BaseModel):
    """The brief of today as it stands. Without `made_at` there is none yet; `next_at` says when, if one is wanted.

    `was_missed`: its hour passed while the program did not run, and it was made when that began.
    """

    day: str | None
    made_at: datetime | None
    due_at: datetime | None
    was_missed: bool
    summary: SummaryShape
    cards: list[BriefCardShape]
    held_back: list[BriefCardShape]
    less: list[LessShape]
    times: list[TimeShape]
    next_at: datetime | None


class CardAnswer(BaseModel):
    """What is said to a card: that it is done, is for the next brief, is not to come again, or is open after all; or
    that there is to be less like it.
    """

    says: Literal["done", "later", "dismissed", "open", "less"]


@router.get("")
def brief(who: Who, house: House) -> BriefShape:
    """The brief of today, and the times of today."""
    reading = house.briefs.read(who)
    made = reading.brief
    return BriefShape(
        day=made.day if made else None,
        made_at=made.made_at if made else None,
        due_at=made.due_at if made else None,
        was_missed=made is not None and made.made_at - made.due_at > LATE,
        summary=SummaryShape(
            state=made.summary_state if made else SummaryState.NONE,
            text=made.summary if made else None,
            model=made.summary_model if made else None,
        ),
        cards=[BriefCardShape.of(each) for each in reading.cards],
        held_back=[BriefCardShape.of(each) for each in reading.held],
        less=[LessShape(sort=sort, says=says) for sort, says in sorted(reading.less.items())],
        times=_times(who, house, reading.next_at),
        next_at=reading.next_at,
    )


@router.post("")
def make(who: Who, house: House) -> BriefShape:
    """Make the brief of today now; where it is made already, what has come since is added."""
    house.briefs.make_now(who)
    house.morning.notify()
    return brief(who, house)


@router.put("/cards/{card_id}", status_code=204)
def answer(who: Who, house: House, card_id: Identifier, said: CardAnswer) -> None:
    """Say something to a card. It is said to what it tells of, too: a promise is kept, a failure was seen."""
    if said.says == "less":
        house.briefs.less(who, CardId(card_id))
    else:
        house.briefs.decide(who, CardId(card_id), CardState(said.says))


@router.delete("/less/{sort}", status_code=204)
def lift(who: Who, house: House, sort: Sort) -> None:
    """Show cards of that sort again."""
    house.briefs.lift(who, sort)


def _times(who: Principal, house: Services, next_at: datetime | None) -> list[TimeShape]:
    """What begins by itself from now until the person's day ends: the next times of each schedule, the next brief."""
    zone, now = house.briefs.habits(who).time_zone, clock.now()
    _, end = bounds(local_day(now, zone), zone)
    with house.database.reading(who) as connection:
        found = [each for each in schedules.listed(connection, who) if each[0].state is ScheduleState.ACTIVE]
    times = [
        TimeShape(at=at, what=title_of(text), schedule_id=schedule.id)
        for schedule, text in found
        for at in _coming(schedule, now, end)
    ]
    if next_at is not None and next_at < end:
        times.append(TimeShape(at=next_at, what="Brief", schedule_id=None))
    return sorted(times, key=lambda each: each.at)[:_TIMES]


def _coming(schedule: Schedule, now: datetime, end: datetime) -> list[datetime]:
    if schedule.next_at is None or schedule.next_at >= end:
        return []
    following = rule.times(schedule.rule, schedule.time_zone, max(schedule.next_at - timedelta(seconds=1), now))
    return list(takewhile(lambda at: at < end, islice(following, _TIMES_OF_ONE)))
