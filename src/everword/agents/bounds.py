"""What somebody's background work may use in a day, and what it has: a day is theirs, from midnight to midnight."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from everword.core import clock
from everword.core.types import Principal
from everword.memory import store
from everword.models import store as model_store
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.types import Run, RunState, Waiting

DAY_SETTINGS = {"tokens": "day_tokens", "dollars": "day_dollars", "calls": "day_calls"}
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens read and written, US dollars, calls of tools. `unpriced`: calls to models whose price nobody knows."""

    tokens: int = 0
    dollars: float = 0.0
    calls: int = 0
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """What background work may use at most from `since` until `until`. None: as much as it wants."""

    since: datetime
    until: datetime
    tokens: float | None = None
    dollars: float | None = None
    calls: float | None = None

    def reached(self, used: Used) -> str | None:
        """The first ceiling that is reached, in words; None where there is room."""
        for name, most, has in (
            ("tokens", self.tokens, used.tokens),
            ("dollars", self.dollars, used.dollars),
            ("calls", self.calls, used.calls),
        ):
            if most is not None and has >= most:
                return f"${most:,.2f}" if name == "dollars" else f"{most:,.0f} {name}"
        return None


def day_of(settings: Mapping[str, Any]) -> Day:
    """The day that it is where somebody lives, with what they set for it."""
    zone = ZoneInfo(str(settings["time_zone"]))
    today = clock.now().astimezone(zone).date()
    since, until = (
        datetime.combine(day, time(), zone).astimezone(clock.now().tzinfo) for day in (today, today + timedelta(days=1))
    )
    return Day(since, until, **{name: settings[setting] for name, setting in DAY_SETTINGS.items()})


def used_in(connection: Connection, who: Principal, day: Day) -> Used:
    """What the background work of who asks has used since the day began."""
    spent = model_store.spent_in_background(connection, who, day.since)
    calls = store.count_calls(connection, who, day.since)
    return Used(spent.tokens, spent.microdollars / 1e6, calls, spent.unpriced)


def after_change(connection: Connection, who: Principal) -> list[Run]:
    """The day's ceilings are others now: what waits because of one is looked at again. `Engine.launch` them."""
    waiting = run_store.listed(connection, who, states=[RunState.WAITING], limit=_MOST)
    held = [run for run in waiting if run.waiting_for == Waiting.CEILING.value and run.person_id == who.person_id]
    return [runs.go_on(connection, who, run.id, cause="the owner changed what a day may take") for run in held]
