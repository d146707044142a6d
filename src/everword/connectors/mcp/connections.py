"""The connections that are open: one a server while it is used, on a loop of their own, ended when idle."""

import asyncio
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

from everword.connectors.mcp.session import Session, opened
from everword.connectors.mcp.types import Answered, Launch, PinnedTool


class Connections:
    """Connections by the key of their server. Safe to share between threads and event loops."""

    def __init__(self, *, start_s: float = 30.0, call_s: float = 120.0, idle_s: float = 60.0) -> None:
        self._start_s, self._call_s, self._idle_s = start_s, call_s, idle_s
        self._sessions: dict[str, Session] = {}
        self._in_use: Counter[str] = Counter()
        self._idle: dict[str, asyncio.TimerHandle] = {}
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def listed(self, launch: Launch) -> tuple[PinnedTool, ...]:
        """What a server says of its tools, asked over a connection of its own. Blocks. Raises ServerUnreachable."""
        return asyncio.run_coroutine_threadsafe(self._listed(launch), self._running()).result()

    async def call(self, launch: Launch, tool: str, agreed: str, arguments: Mapping[str, Any]) -> Answered:
        """Call a tool. Cancelled, it kills the process. Raises ServerUnreachable, ToolChanged, ServerBroke."""
        calling = self._call(launch, tool, agreed, arguments)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(calling, self._running()))

    def forget(self, key: str) -> None:
        """End the connection to a server that is gone, if there is one."""
        with self._lock:
            loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._drop, key)

    def stop(self) -> None:
        """End all connections, and the loop."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._end_all(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="mcp servers", daemon=True)
                self._thread.start()
            return self._loop

    async def _listed(self, launch: Launch) -> tuple[PinnedTool, ...]:
        async with opened(launch, start_s=self._start_s, call_s=self._call_s) as session:
            return await session.tools()

    async def _call(self, launch: Launch, tool: str, agreed: str, arguments: Mapping[str, Any]) -> Answered:
        session = self._session(launch)
        self._in_use[launch.key] += 1
        try:
            await session.open()
            return await session.call(tool, agreed, arguments)
        except asyncio.CancelledError:
            session.kill()
            raise
        finally:
            self._in_use[launch.key] -= 1
            self._rest(launch.key)

    def _session(self, launch: Launch) -> Session:
        if (timer := self._idle.pop(launch.key, None)) is not None:
            timer.cancel()
        session = self._sessions.get(launch.key)
        if session is None or session.is_over:
            session = Session(launch, start_s=self._start_s, call_s=self._call_s)
            self._sessions[launch.key] = session
        return session

    def _rest(self, key: str) -> None:
        """Nobody uses it now: end it after a while, unless somebody does again."""
        if self._in_use[key]:
            return
        del self._in_use[key]
        self._idle[key] = asyncio.get_running_loop().call_later(self._idle_s, self._drop, key)

    def _drop(self, key: str) -> None:
        if (timer := self._idle.pop(key, None)) is not None:
            timer.cancel()
        if (session := self._sessions.pop(key, None)) is not None:
            session.finish()

    async def _end_all(self) -> None:
        for timer in self._idle.values():
            timer.cancel()
        sessions, self._sessions = list(self._sessions.values()), {}
        await asyncio.gather(*(session.end() for session in sessions))
