"""Admission: who may call a model now and who waits, by priority. Works across threads and event loops."""

import asyncio
import contextlib
import itertools
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from everword.core import clock
from everword.core.ids import PersonId
from everword.core.types import Priority
from everword.models.errors import Overloaded

_MOST_WAITING = 256
_FIRST_GUESS_S = 10.0
NOBODY = PersonId("")

#: Called with one's place in the queue (1 is next) and about how many seconds that takes, whenever the place changes.
OnQueue = Callable[[int, float], None]


@dataclass(slots=True)
class _Waiter:
    """One call that waits."""

    rank: int
    number: int
    person_id: PersonId
    before: int
    loop: asyncio.AbstractEventLoop
    turn: "asyncio.Future[None]"
    on_queue: OnQueue | None
    told: int = field(default=0)

    @property
    def order(self) -> tuple[int, int, int]:
        """A person before a program before background work; within that, who has fewer calls here; then who came first.

        So of two people with a queue each every second call is the one's, whatever the length of the other's.
        """
        return self.rank, self.before, self.number


class Admission:
    """So many calls at a time to one model.

    A person may take any free slot. A program leaves one slot free where there is more than one, and background work
    leaves half of them: so a person seldom waits for either.
    """

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._lock = threading.Lock()
        self._active: Counter[tuple[int, PersonId]] = Counter()
        self._waiting: list[_Waiter] = []
        self._numbers = itertools.count()
        self._typical_s = _FIRST_GUESS_S

    @asynccontextmanager
    async def admitted(
        self, priority: Priority, on_queue: OnQueue | None = None, person_id: PersonId = NOBODY
    ) -> AsyncIterator[float]:
        """Wait for a slot and hold it; gives the seconds waited. Raises Overloaded where the queue is full.

        Leaving, also by cancellation, frees the slot at once.
        """
        asked = clock.monotonic()
        await self._enter(priority, on_queue, person_id)
        begun = clock.monotonic()
        try:
            yield begun - asked
        finally:
            self._leave(priority.rank, person_id, clock.monotonic() - begun)

    @property
    def is_pressed(self) -> bool:
        """Whether a call that comes before background work waits, or has what background work would need."""
        background = Priority.BACKGROUND.rank
        with self._lock:
            waits = any(waiter.rank < background for waiter in self._waiting)
            holds = any(rank < background for rank, _ in self._active)
            return waits or (holds and self._active.total() >= self._limit(background))

    async def _enter(self, priority: Priority, on_queue: OnQueue | None, person_id: PersonId) -> None:
        loop = asyncio.get_running_loop()
        with self._lock:
            if not self._waiting_before(priority.rank) and self._active.total() < self._limit(priority.rank):
                self._active[priority.rank, person_id] += 1
                return
            if len(self._waiting) >= _MOST_WAITING:
                raise Overloaded(retry_after_s=self._wait_s(len(self._waiting)))
            turn, before = loop.create_future(), self._calls_of(priority.rank, person_id)
            waiter = _Waiter(priority.rank, next(self._numbers), person_id, before, loop, turn, on_queue)
            self._waiting.append(waiter)
            self._waiting.sort(key=lambda waiter: waiter.order)
            self._tell_places()
        try:
            await waiter.turn
        except asyncio.CancelledError:
            self._give_up(waiter)
            raise

    def _give_up(self, waiter: _Waiter) -> None:
        with self._lock:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
                self._tell_places()
                return
        self._leave(waiter.rank, waiter.person_id, None)  # its turn had come in the same moment

    def _calls_of(self, rank: int, person_id: PersonId) -> int:
        """How many calls of somebody are here, made or waiting."""
        waiting = sum(waiter.rank == rank and waiter.person_id == person_id for waiter in self._waiting)
        return waiting + self._active[rank, person_id]

    def _leave(self, rank: int, person_id: PersonId, took_s: float | None) -> None:
        with self._lock:
            self._active.subtract([(rank, person_id)])
            self._active += Counter()  # whoever has none is gone
            if took_s is not None:
                self._typical_s += 0.2 * (took_s - self._typical_s)
            while self._waiting and self._active.total() < self._limit(self._waiting[0].rank):
                waiter = self._waiting.pop(0)
                with contextlib.suppress(RuntimeError):  # its loop has ended, and with it whoever waited
                    waiter.loop.call_soon_threadsafe(_wake, waiter.turn)
                    self._active[waiter.rank, waiter.person_id] += 1
            self._tell_places()

    def _waiting_before(self, rank: int) -> bool:
        return any(waiter.rank <= rank for waiter in self._waiting)

    def _limit(self, rank: int) -> int:
        reserved = (0, 1, self._slots // 2)[rank] if self._slots > 1 else 0
        return self._slots - reserved

    def _wait_s(self, place: int) -> int:
        return max(1, round(self._typical_s * place / self._slots))

    def _tell_places(self) -> None:
        for place, waiter in enumerate(self._waiting, 1):
            if waiter.on_queue is not None and waiter.told != place:
                waiter.told = place
                with contextlib.suppress(RuntimeError):
                    waiter.loop.call_soon_threadsafe(waiter.on_queue, place, float(self._wait_s(place)))


def _wake(turn: "asyncio.Future[None]") -> None:
    if not turn.done():
        turn.set_result(None)
