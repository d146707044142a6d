"""Work for the engine while nobody waits: it begins only when no call is under way and gives way to the first."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class IdleWork:
    """At most one piece of work at a time, from any event loop; a newer piece replaces the one under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls = 0
        self._under_way: tuple[asyncio.AbstractEventLoop, asyncio.Task[object]] | None = None

    async def run(self, work: Callable[[], Awaitable[T]], *, replaces: bool = True) -> T | None:
        """Do `work` unless a call is under way; None if it was not begun or had to give way.

        Work that is under way already gives way, too, unless `replaces` is False: then this work is not begun.
        """

        async def wrapped() -> T:
            return await work()

        with self._lock:
            if self._calls or (self._under_way is not None and not replaces):
                return None
            self._cancel()
            task: asyncio.Task[T] = asyncio.get_running_loop().create_task(wrapped())
            mine = self._under_way = (asyncio.get_running_loop(), task)
        try:
            done, _ = await asyncio.wait([task])
            return None if task.cancelled() else done.pop().result()
        finally:
            task.cancel()
            with self._lock:
                if self._under_way is mine:
                    self._under_way = None

    @property
    def is_busy(self) -> bool:
        """Whether a call is under way."""
        return self._calls > 0

    def begin_call(self) -> None:
        """A call is about to be made; what is done at idle stops."""
        with self._lock:
            self._calls += 1
            self._cancel()

    def end_call(self) -> None:
        """A call is over."""
        with self._lock:
            self._calls -= 1

    def cancel(self) -> None:
        """Stop what is done at idle."""
        with self._lock:
            self._cancel()

    def _cancel(self) -> None:
        if self._under_way is not None:
            loop, task = self._under_way
            if not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)
