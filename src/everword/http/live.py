"""The live stream's bell: wakes those who wait for events when something was committed in this process."""

import asyncio
import threading


class Live:
    """Rings for every committed writing transaction. `ring` from any thread; `wait` from any event loop."""

    def __init__(self) -> None:
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._lock = threading.Lock()
        self._is_closing = False

    def ring(self) -> None:
        """Wake everyone who waits. Quick, and never raises."""
        with self._lock:
            waiting, self._waiting = self._waiting, set()
        for loop, event in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    def listen(self) -> asyncio.Event:
        """An event that the next ring sets. Ask for it before reading, so that nothing falls in between."""
        event = asyncio.Event()
        with self._lock:
            self._waiting.add((asyncio.get_running_loop(), event))
        return event

    async def wait(self, event: asyncio.Event, timeout_s: float) -> bool:
        """Wait until `event` rings; False when `timeout_s` passed first."""
        try:
            await asyncio.wait_for(event.wait(), timeout_s)
        except TimeoutError:
            with self._lock:
                self._waiting = {pair for pair in self._waiting if pair[1] is not event}
            return False
        return True

    @property
    def is_closing(self) -> bool:
        """Whether the server is going down and streams should end."""
        return self._is_closing

    def close(self) -> None:
        """Let every stream end, so that the server can."""
        self._is_closing = True
        self.ring()
