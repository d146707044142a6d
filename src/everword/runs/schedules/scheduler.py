"""The scheduler: one thread of one process that sleeps until the next time, and deals with each in one transaction."""

import logging
import threading
from collections.abc import Callable

from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.ids import PersonId, RunId, ScheduleId
from everword.core.types import Principal
from everword.runs.schedules import store
from everword.runs.schedules.firing import NEEDS_YOU, SCHEDULE_CHANGED, Begin, fire
from everword.runs.schedules.types import Schedule, ScheduleState
from everword.storage import events
from everword.storage.database import Database
from everword.storage.leadership import Leadership

_log = logging.getLogger(__name__)

ATTEMPTS = 3
_AGAIN_S = 15.0
_LONGEST_SLEEP_S = 5.0  # other processes commit unheard, and a clock that was set wakes nobody
_FAILED_SLEEP_S = 1.0
_GATHER_S = 0.2
_LEADER = 0x73636864  # "schd"
_SYSTEM = Principal.system()


class Scheduler:
    """Begins what is due.

    `begin` writes the run of a time, `launch` lets it execute once that is committed.
    """

    def __init__(
        self,
        database: Database,
        principal_of: Callable[[PersonId], Principal],
        begin: Begin,
        launch: Callable[[RunId], None],
    ) -> None:
        self._database = database
        self._principal_of = principal_of
        self._begin = begin
        self._launch = launch
        self._failed_at: dict[ScheduleId, float] = {}
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._leadership = Leadership(database, _LEADER)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Deal with what is due from now on, once this process leads. Returns at once."""
        self._thread = threading.Thread(target=self._work, name="schedules", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End between two times."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self._leadership.release()

    def notify(self) -> None:
        """Something was committed: a schedule may be new, or a run have ended. Returns at once."""
        self._wake.set()

    def _work(self) -> None:
        if not self._leadership.wait(self._stopping):
            return
        while not self._stopping.is_set():
            self._wake.clear()
            sleep_s = _LONGEST_SLEEP_S
            try:
                while not self._stopping.is_set() and self.fire_due():
                    pass
                sleep_s = self._until_next()
            except Exception:  # boundary: one failed round must not end all rounds
                _log.exception("Looking for what is due failed; the next round is in %s s.", _LONGEST_SLEEP_S)
            if self._wake.wait(sleep_s):
                self._stopping.wait(_GATHER_S)  # commits come in bursts

    def fire_due(self) -> int:
        """Deal with one time of each schedule that has one now. Returns how many were dealt with."""
        with self._database.reading(_SYSTEM) as connection:
            due = [*store.ready(connection, _SYSTEM), *store.due(connection, _SYSTEM, clock.now())]
        return sum(map(self._fire, {each.id: each for each in due}.values()))

    def _fire(self, schedule: Schedule) -> bool:
        """Deal with one time of one schedule, alone: what goes wrong here stays here."""
        failed_at = self._failed_at.get(schedule.id)
        if failed_at is not None and 0 <= clock.monotonic() - failed_at < _AGAIN_S:
            return False
        try:
            who = self._principal_of(schedule.person_id)
            with self._database.writing(who) as connection:
                held = store.find(connection, who, schedule.id, hold=True)
                run = None if held is None else fire(connection, who, held, clock.now(), self._begin)
        except Exception as error:  # boundary: one broken schedule must not stop another
            _log.exception("Schedule %s could not begin its run.", schedule.id)
            self._count_failure(schedule.id, error)
            return False
        self._failed_at.pop(schedule.id, None)
        if run is not None:
            self._launch(run.id)
        return held is not None

    def _count_failure(self, schedule_id: ScheduleId, error: Exception) -> None:
        """Try again a little later; after a few failures in a row the schedule is paused, and the owner told why."""
        self._failed_at[schedule_id] = clock.monotonic()
        why = error.message if isinstance(error, EverwordError) else "An unexpected error; the log says more."
        with self._database.writing(_SYSTEM) as connection:
            held = store.find(connection, _SYSTEM, schedule_id, hold=True)
            if held is None:  # deleted meanwhile, perhaps with the account
                return
            is_given_up = held.failures + 1 >= ATTEMPTS
            paused = {"state": ScheduleState.PAUSED.value, "next_at": None, "reason": why[:300]} if is_given_up else {}
            store.change(connection, _SYSTEM, schedule_id, {"failures": held.failures + 1, **paused})
            events.append(connection, _SYSTEM, held.space_id, SCHEDULE_CHANGED, {"schedule_id": schedule_id})
            if is_given_up:
                events.append(connection, _SYSTEM, held.space_id, NEEDS_YOU, {})

    def _until_next(self) -> float:
        """Seconds to sleep: until the next time, within bounds. What is due still has failed, or has only just come."""
        with self._database.reading(_SYSTEM) as connection:
            following = store.next_due(connection, _SYSTEM)
        if following is None:
            return _LONGEST_SLEEP_S
        ahead_s = (following - clock.now()).total_seconds()
        return min(ahead_s, _LONGEST_SLEEP_S) if ahead_s > 0 else _FAILED_SLEEP_S
