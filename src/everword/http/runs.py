"""Runs: what is being done, by its true state; stop."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from everword.agents import today, waiting
from everword.core.ids import RunId
from everword.core.types import Principal
from everword.http import rendering
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.services import Services, services_of
from everword.http.shapes import RunShape
from everword.runs import store
from everword.runs.types import RunState

router = APIRouter(prefix="/api", tags=["runs"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]


class RunsShape(BaseModel):
    """Runs, newest first."""

    runs: list[RunShape]


class Stopped(BaseModel):
    """How many runs were told to stop."""

    stopped: int


@router.get("/runs")
def listed(
    who: Who,
    house: House,
    state: Annotated[list[RunState] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RunsShape:
    """Runs, newest first, narrowed to `state` where given."""
    with house.database.reading(who) as connection:
        found = store.listed(connection, who, states=state or (), limit=limit)
        return RunsShape(runs=rendering.run_shapes(connection, who, found))


@router.post("/runs/stop")
def stop_all(who: Who, house: House) -> Stopped:
    """Stop all work of the person who asks; what waits first, so that none of it begins meanwhile."""
    with house.database.reading(who) as connection:
        unfinished = store.listed(connection, who, states=rendering.OPEN, limit=10_000)
    for run in unfinished:
        _stop(house, who, run.id)
    return Stopped(stopped=len(unfinished))


@router.get("/runs/{run_id}")
def one(who: Who, house: House, run_id: Identifier) -> RunShape:
    """One run."""
    with house.database.reading(who) as connection:
        return rendering.run_shape(connection, who, store.get(connection, who, RunId(run_id)))


@router.post("/runs/{run_id}/stop")
def stop(who: Who, house: House, run_id: Identifier) -> RunShape:
    """Stop a run: the model stops, and what it had said stays, marked as broken off. One that waits is taken back."""
    _stop(house, who, RunId(run_id))
    return one(who, house, run_id)


@router.post("/runs/{run_id}/take-back")
def take_back(who: Who, house: House, run_id: Identifier) -> RunShape:
    """Take back a run that has not begun. One that has goes on: its state says so."""
    waiting.take_back(house.database, who, RunId(run_id))
    return one(who, house, run_id)


@router.post("/runs/{run_id}/seen", status_code=204)
def seen(who: Who, house: House, run_id: Identifier) -> None:
    """Its answer was on an open page as it came, so Today need not tell of it."""
    with house.database.writing(who) as connection:
        today.seen(connection, who, store.get(connection, who, RunId(run_id)).id)


def _stop(house: Services, who: Principal, run_id: RunId) -> None:
    waiting.stop(house.database, who, run_id)
    house.engine.stop(run_id)
