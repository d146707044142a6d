"""Child processes in which tools do what could hang: one a call, kept for the next, killed when nobody waits for it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, cast

from everword.core.errors import EverwordError
from everword.core.types import Permit
from everword.guard import handing
from everword.intake.wire import read_frames, write_frame
from everword.tools.errors import BrokeOff, NothingHappened, OutsideFolders

Do = Callable[[str, Mapping[str, Any], Permit | None], Awaitable[Any]]
"""Do what is called so. What changes something outside takes its permit."""

_MOST = 64
_FORESEEN: dict[str, type[EverwordError]] = {kind.__name__: kind for kind in (NothingHappened, OutsideFolders)}


class Children:
    """Safe to share between threads and event loops. A child ends by itself after `idle_s` without work."""

    def __init__(self, idle_s: float = 60.0) -> None:
        self._idle_s = idle_s
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(max_workers=_MOST, thread_name_prefix="children")

    async def do(self, name: str, arguments: Mapping[str, Any], permit: Permit | None) -> Any:
        """Have it done. Cancelled, it kills the child at once, with all that this started: then nothing more happens.

        Raises NothingHappened, what the act is known to raise, and BrokeOff where nobody knows how far it came.
        """
        request = {
            "do": name,
            "arguments": dict(arguments),
            "permit": None if permit is None else handing.packed(permit),
        }
        while True:
            child, is_kept = self._take()
            try:
                answer = await asyncio.get_running_loop().run_in_executor(self._threads, child.ask, request)
            except asyncio.CancelledError:
                child.kill()
                raise
            if answer is not None:
                self._keep(child)
                return _result(name, answer)
            if not is_kept:
                raise NothingHappened(why="the process that was to do it ended at once.")

    def stop(self) -> None:
        """Kill them all."""
        with self._lock:
            everyone, self._idle = list(self._all), []
        for child in everyone:
            child.kill()
        self._threads.shutdown()

    def _take(self) -> "tuple[_Child, bool]":
        """A child that waits for work; or a new one."""
        with self._lock:
            if self._idle:
                return self._idle.pop(), True
            child = _Child(self._idle_s, self._ended)
            self._all.add(child)
            return child, False

    def _keep(self, child: "_Child") -> None:
        with self._lock:
            if child in self._all:
                self._idle.append(child)

    def _ended(self, child: "_Child") -> None:
        with self._lock:
            self._all.discard(child)
            if child in self._idle:
                self._idle.remove(child)


class _Child:
    """One process; one caller at a time."""

    def __init__(self, idle_s: float, on_end: "Callable[[_Child], None]") -> None:
        self._idle_s, self._on_end = idle_s, on_end
        self._process: subprocess.Popen[bytes] | None = None
        self._frames: Iterator[dict[str, Any]] = iter(())
        self._lock = threading.Lock()
        self._is_killed = False

    def ask(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """Ask, and block for the answer. None where it ended before it began: then nothing was done."""
        has_begun = False
        try:
            process = self._process or self._start()
            write_frame(cast(BinaryIO, process.stdin), request)
            has_begun = next(self._frames, None) is not None
            answer = next(self._frames, None)
        except (OSError, ValueError):
            answer = None
        if answer is not None:
            return answer
        self.kill()
        return {"error": BrokeOff.__name__} if has_begun else None

    def kill(self) -> None:
        """End it at once, with all that it started."""
        with self._lock:
            self._is_killed = True
            process = self._process
        self._on_end(self)
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()

    def _start(self) -> "subprocess.Popen[bytes]":
        with self._lock:
            if self._is_killed:
                raise BrokenPipeError
            self._process = process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
                [sys.executable, "-P", "-m", "everword.tools.child", str(self._idle_s)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={} if sys.platform != "win32" else None,
                start_new_session=True,
            )
        self._frames = read_frames(cast(BinaryIO, process.stdout))
        threading.Thread(target=self._reap, args=(process,), name="child", daemon=True).start()
        return process

    def _reap(self, process: "subprocess.Popen[bytes]") -> None:
        process.wait()
        self._on_end(self)
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # what could not be written any more
                cast(BinaryIO, pipe).close()


def _result(name: str, answer: Mapping[str, Any]) -> Any:
    """What a child gave back, or the error that it told of."""
    if "result" in answer:
        return answer["result"]
    kind = _FORESEEN.get(str(answer["error"]))
    if kind is None:
        raise BrokeOff(what=name)
    raise kind(**{str(key): str(value)[:500] for key, value in answer["values"].items()})
