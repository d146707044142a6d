"""What begins runs by itself, in rounds: each thing alone, tried three times, then paused and put before its owner."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection

from everword.core import clock
from everword.core.background import Background
from everword.core.errors import EverwordError, NotFound
from everword.core.ids import PersonId, RunId, SpaceId
from everword.core.types import Principal
from everword.runs import store
from everword.runs.types import Run
from everword.storage import events
from everword.storage.database import Database
from everword.storage.leadership import Leadership

_log = logging.getLogger(__name__)

ATTEMPTS = 3
NEEDS_YOU = "work.waits"  # what waits for the person has changed
LONGEST_SLEEP_S = 5.0  # other processes commit unheard, and a clock that was set wakes nobody
_AGAIN_S = 15.0
_GATHER_S = 0.2
_SYSTEM = Principal.system()


class Standing(Protocol):
    """What begins runs by itself: a schedule, a trigger."""

    @property
    def id(self) -> str: ...
    @property
    def space_id(self) -> SpaceId: ...
    @property
    def person_id(self) -> PersonId: ...
    @property
    def failures(self) -> int: ...


T = TypeVar("T", bound=Standing)


class Rounds(Background, ABC, Generic[T]):
    """One thread of one process that wakes after commits, and deals with what is due: one thing a transaction.

    `launch` lets a run execute once that is committed.
    """

    def __init__(
        self,
        database: Database,
        principal_of: Callable[[PersonId], Principal],
        launch: Callable[[RunId], None],
        *,
        name: str,
        leader: int,
    ) -> None:
        turn = Leadership(database, leader)
        super().__init__(name, after_failure_s=LONGEST_SLEEP_S, gather_s=_GATHER_S, turn=turn)
        self._database = database
        self._principal_of = principal_of
        self._launch = launch
        self._failed_at: dict[str, float] = {}

    @abstractmethod
    def _due(self) -> Iterable[T]:
        """What may be dealt with now."""

    @abstractmethod
    def _deal(self, connection: Connection, who: Principal, item: T) -> tuple[bool, Run | None]:
        """Deal with it once, its row held: whether anything was done, and the run that was begun."""

    @abstractmethod
    def _hold(self, connection: Connection, item: T) -> T | None:
        """It as it is now, held by the installation; None where it was deleted."""

    @abstractmethod
    def _record_failure(self, connection: Connection, item: T, values: dict[str, Any], *, is_paused: bool) -> None:
        """Write that it failed; with `is_paused` it rests from now on."""

    @abstractmethod
    def _until_next(self) -> float:
        """Seconds to sleep where nothing is committed."""

    def _is_ready(self, _item: T) -> bool:
        """Whether to hold its row at all; asked for each thing alone."""
        return True

    def fire_due(self) -> int:
        """Deal once with each thing that is due now. Returns how many were dealt with."""
        return sum(map(self._fire, self._due()))

    def _round(self) -> float:
        while not self._stopping.is_set() and self.fire_due():
            pass
        return self._until_next()

    def _fire(self, item: T) -> bool:
        """Deal with one thing, alone: what goes wrong here stays here."""
        failed_at = self._failed_at.get(item.id)
        if failed_at is not None and 0 <= clock.monotonic() - failed_at < _AGAIN_S:
            return False
        try:
            if not self._is_ready(item):
                return False
            who = self._principal_of(item.person_id)
            with self._database.writing(who) as connection:
                is_done, run = self._deal(connection, who, item)
        except Exception as error:  # boundary: one that is broken must not stop another
            _log.exception("%s: %s could not begin its run.", self._name, item.id)
            self._count_failure(item, error)
            return False
        self._failed_at.pop(item.id, None)
        if run is not None:
            self._launch(run.id)
        return is_done

    def _count_failure(self, item: T, error: Exception) -> None:
        """Try again a little later; after a few failures in a row it is paused, and the owner told why."""
        self._failed_at[item.id] = clock.monotonic()
        why = error.message if isinstance(error, EverwordError) else "An unexpected error; the log says more."
        with self._database.writing(_SYSTEM) as connection:
            held = self._hold(connection, item)
            if held is None:  # deleted meanwhile, perhaps with the account
                return
            is_given_up = held.failures + 1 >= ATTEMPTS
            values = {"failures": held.failures + 1} | ({"reason": why[:300]} if is_given_up else {})
            self._record_failure(connection, held, values, is_paused=is_given_up)
            if is_given_up:
                events.append(connection, _SYSTEM, held.space_id, NEEDS_YOU, {})


def in_the_way(connection: Connection, who: Principal, run_id: RunId | None) -> Run | None:
    """The run that was begun last, while it has not ended."""
    if run_id is None:
        return None
    try:
        run = store.get(connection, who, run_id)
    except NotFound:  # it was forgotten
        return None
    return None if run.state.is_ended else run
