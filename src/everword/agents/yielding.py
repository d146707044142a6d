"""When background work gives way and goes on by itself: to a new day, to who waits, to a model that is away."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from everword.agents.bounds import Day
from everword.core import clock
from everword.models.errors import (
    AnswerBroken,
    LocalEngineFailed,
    ModelError,
    ModelTimeout,
    ModelUnreachable,
    Overloaded,
    ProviderOverloaded,
    RateLimited,
)
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.segment import Segment
from everword.runs.types import RunState, Waiting

PASSES = (
    AnswerBroken,
    LocalEngineFailed,
    ModelTimeout,
    ModelUnreachable,
    Overloaded,
    ProviderOverloaded,
    RateLimited,
)
"""What is over after a while, without anybody doing anything."""

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
GIVES_UP_AFTER = timedelta(days=1)
_AWAY = "model_away_since"


def until_tomorrow(segment: Segment, day: Day, reached: str) -> None:
    """The day is used up (`reached` says of what): the run waits for the next one."""
    with segment.writing() as connection:
        cause = f"today's ceiling of {reached} for background work is reached; it goes on when a new day begins"
        runs.wait(connection, segment.who, segment.run.id, Waiting.CEILING, until=day.until, cause=cause)


def shelve(segment: Segment) -> None:
    """Somebody who waits needs what the next step would take: the run waits until there is room again."""
    with segment.writing() as connection:
        cause = "somebody waits for an answer, and comes first"
        runs.wait(connection, segment.who, segment.run.id, Waiting.POSTURE, until=clock.now(), cause=cause)


def back_off(segment: Segment, error: ModelError) -> bool:
    """Wait, and try again: after as long as the model has been away by now. False where it was away for a day."""
    with segment.writing() as connection:
        run = run_store.get(connection, segment.who, segment.run.id, hold=True)
        if run.state is not RunState.RUNNING:
            return True
        now = clock.now()
        since = datetime.fromisoformat(run.input.get(_AWAY) or now.isoformat())
        if now - since >= GIVES_UP_AFTER:
            return False
        asked = timedelta(seconds=error.retry_after_s or 0) if isinstance(error, RateLimited) else timedelta()
        pause = max(FIRST_PAUSE, min(LONGEST_PAUSE, now - since), asked)
        run_store.change(connection, segment.who, run.id, {"input": {**run.input, _AWAY: since.isoformat()}})
        cause = f"the model does not answer ({error.code}); it is asked again in {pause.total_seconds():.0f} s"
        runs.wait(connection, segment.who, run.id, Waiting.TIME, until=now + pause, cause=cause)
    return True


def is_back(connection: Connection, segment: Segment) -> None:
    """The model answered: the next time that it is away counts anew."""
    if _AWAY not in segment.run.input:  # it was not away when this segment began, and what finds it away ends one
        return
    run = run_store.get(connection, segment.who, segment.run.id, hold=True)
    rest = {name: value for name, value in run.input.items() if name != _AWAY}
    run_store.change(connection, segment.who, run.id, {"input": rest})
