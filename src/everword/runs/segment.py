"""What a kind of run works with while it executes: its row, who it works for, recorded steps, and stop."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from everword.core import clock
from everword.core.ids import ExecutorId, SegmentId
from everword.core.types import Principal
from everword.runs import store
from everword.runs.errors import Stopped, TakenOver
from everword.runs.types import Run
from everword.storage.database import Database

T = TypeVar("T")
STORAGE_PAUSE_S = 2.0
"""How long to wait before what could not be recorded is tried again."""
_STOP_POLL_S = 0.5
_GRACE_S = 0.2

RunStep = Callable[[str, Callable[[], Awaitable[Any]]], Awaitable[Any]]


@dataclass
class Segment:
    """One execution of a run, from its start or from where the engine's records end, by one process: `executor`."""

    id: SegmentId
    executor: ExecutorId
    run: Run
    who: Principal
    database: Database
    run_step: RunStep
    is_current: Callable[[], bool] = lambda: True
    """Whether this process may count on not having been taken for dead since its last beat; asks no database."""
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process is about to end: what is under way may come to its end, nothing more is begun."""
    is_acting: bool = False
    """Whether an effect is under way, whose outcome should be recorded before the process ends."""

    _seen: tuple[datetime, float] = field(default_factory=lambda: (clock.now(), clock.monotonic()))

    def jumped_s(self) -> float:
        """How many seconds the clock was put forward since this was asked last, or the machine slept; back is less
        than 0."""
        (at, ticks), self._seen = self._seen, (clock.now(), clock.monotonic())
        return (self._seen[0] - at).total_seconds() - (self._seen[1] - ticks)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction for writing, as long as the run is this process's. Raises TakenOver.

        Whoever takes a run over ends this process's connections once its claim is committed. So what is written here
        was either committed before, and is seen there, or is not committed at all.
        """
        with self.database.writing(self.who) as connection:
            if store.holder(connection, self.who, self.id) != self.executor:
                raise TakenOver
            yield connection

    @contextmanager
    def acting(self) -> Iterator[None]:
        """An effect is under way."""
        self.is_acting = True
        try:
            yield
        finally:
            self.is_acting = False

    def check_current(self) -> None:
        """Ask right before something is done outside: a process that was frozen meanwhile must not do it any more.

        Raises TakenOver.
        """
        if not self.is_current():
            raise TakenOver

    async def stay(self) -> None:
        """Return at once; but where the process is about to end, never: its successor goes on from here."""
        if self.leaving.is_set():
            await asyncio.Event().wait()

    async def step(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do `work` as a recorded step: after a crash its recorded result (JSON, references only) is used instead.

        A crash inside `work` repeats it; so it looks first for what it may have committed already.
        """

        async def held() -> T:
            try:
                return await work()
            except TakenOver:  # no result, and no failure that another process would find recorded
                raise asyncio.CancelledError from None

        result: T = await self.run_step(name, held)
        return result

    async def until_stopped(self, work: Coroutine[Any, Any, T]) -> T:
        """Await `work`, and cancel it as soon as somebody asks the run to stop. Raises Stopped.

        Work that does not end when it is cancelled is left behind: nobody waits for it any more.
        """
        task = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self.stop.wait())
        try:
            while True:
                done, _ = await asyncio.wait(
                    {task, stopping}, timeout=_STOP_POLL_S, return_when=asyncio.FIRST_COMPLETED
                )
                if task in done:
                    return task.result()
                if stopping in done or await asyncio.to_thread(self._is_stop_requested):
                    raise Stopped
        finally:
            stopping.cancel()
            if not task.done():
                task.cancel()
                await asyncio.wait([task], timeout=_GRACE_S)

    def _is_stop_requested(self) -> bool:
        """Asked of the row, because another process may have been told."""
        with self.database.reading(self.who) as connection:
            return store.get(connection, self.who, self.run.id).stop_requested_at is not None
