"""The scheduler: it sleeps until the next time, and deals with each in one transaction."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from everword.core import clock
from everword.core.ids import PersonId, RunId
from everword.core.types import Principal
from everword.runs.rounds import LONGEST_SLEEP_S, Rounds
from everword.runs.schedules import store
from everword.runs.schedules.firing import SCHEDULE_CHANGED, Begin, fire
from everword.runs.schedules.types import Schedule, ScheduleState
from everword.runs.types import Run
from everword.storage import events
from everword.storage.database import Database

_FAILED_SLEEP_S = 1.0
_LEADER = 0x73636864  # "schd"
_SYSTEM = Principal.system()


class Scheduler(Rounds[Schedule]):
    """Begins what is due. `begin` writes the run of a time."""

    def __init__(
        self,
        database: Database,
        principal_of: Callable[[PersonId], Principal],
        begin: Begin,
        launch: Callable[[RunId], None],
    ) -> None:
        super().__init__(database, principal_of, launch, name="schedules", leader=_LEADER)
        self._begin = begin

    def _due(self) -> list[Schedule]:
        """One time of each schedule that has one now."""
        with self._database.reading(_SYSTEM) as connection:
            due = [*store.ready(connection, _SYSTEM), *store.due(connection, _SYSTEM, clock.now())]
        return list({each.id: each for each in due}.values())

    def _deal(self, connection: Connection, who: Principal, item: Schedule) -> tuple[bool, Run | None]:
        held = store.find(connection, who, item.id, hold=True)
        return held is not None, None if held is None else fire(connection, who, held, clock.now(), self._begin)

    def _hold(self, connection: Connection, item: Schedule) -> Schedule | None:
        return store.find(connection, _SYSTEM, item.id, hold=True)

    def _record_failure(
        self, connection: Connection, item: Schedule, values: dict[str, Any], *, is_paused: bool
    ) -> None:
        paused = {"state": ScheduleState.PAUSED.value, "next_at": None} if is_paused else {}
        store.change(connection, _SYSTEM, item.id, values | paused)
        events.append(connection, _SYSTEM, item.space_id, SCHEDULE_CHANGED, {"schedule_id": item.id})

    def _until_next(self) -> float:
        """Until the next time, within bounds. What is due still has failed, or has only just come."""
        with self._database.reading(_SYSTEM) as connection:
            following = store.next_due(connection, _SYSTEM)
        if following is None:
            return LONGEST_SLEEP_S
        ahead_s = (following - clock.now()).total_seconds()
        return min(ahead_s, LONGEST_SLEEP_S) if ahead_s > 0 else _FAILED_SLEEP_S
