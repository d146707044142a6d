"""What a day of background work may take, and what it has taken. It is set where all settings are."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from everword.agents import bounds
from everword.agents.spending import Ceiling
from everword.core.types import Principal
from everword.http.ceilings import BoundsShape
from everword.http.door import principal
from everword.http.services import Services, services_of

router = APIRouter(prefix="/api", tags=["work"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]


class DayUsedShape(BaseModel):
    """Tokens read and written, US dollars, calls of tools. `unpriced`: calls to models whose price nobody knows."""

    tokens: int
    dollars: float
    calls: int
    unpriced: int


class DayCeilingShape(BaseModel):
    """At most; null is no end."""

    tokens: float | None
    dollars: float | None
    calls: float | None


class SpentDayShape(BaseModel):
    """The day that it is where the owner lives. `reached` names the ceiling that background work waits for.

    `run_at_most`: what one run may use where nothing else was said.
    """

    since: datetime
    until: datetime
    used: DayUsedShape
    at_most: DayCeilingShape
    reached: str | None
    run_at_most: BoundsShape


@router.get("/bounds")
def today(who: Who, house: House) -> SpentDayShape:
    """What background work has used today, and what it may."""
    day = bounds.day_of(house.preferences.read_all(who))
    with house.database.reading(who) as connection:
        used = bounds.used_in(connection, who, day)
    return SpentDayShape(
        since=day.since,
        until=day.until,
        used=DayUsedShape(tokens=used.tokens, dollars=used.dollars, calls=used.calls, unpriced=used.unpriced),
        at_most=DayCeilingShape(tokens=day.tokens, dollars=day.dollars, calls=day.calls),
        reached=day.reached(used),
        run_at_most=BoundsShape.of(Ceiling()),
    )
