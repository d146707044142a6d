"""A server as a process of ours: lines of JSON on its standard input and output, a bound on each, and a quick end."""

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.shared.message import SessionMessage

    Streams = tuple[MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]]

_MOST_LINE_BYTES = 10_000_000
_GRACE_S = 1.0


class Child:
    """One process, started by `connected` and ended with it. `kill` ends it at once, with all that it started."""

    def __init__(self, command: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command, self._arguments, self._environment = command, arguments, environment
        self._process: asyncio.subprocess.Process | None = None
        self._complaints: deque[str] = deque(maxlen=5)

    @property
    def complaint(self) -> str:
        """The last that it wrote to its standard error."""
        return " ".join(self._complaints)[-500:]

    def kill(self) -> None:
        """End the process and its group now."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            elif process.returncode is None:
                process.kill()

    @asynccontextmanager
    async def connected(
        self,
    ) -> "AsyncIterator[Streams]":
        """Its streams, as the SDK takes a transport. Raises OSError where it cannot be started."""
        from mcp.client.stdio import get_default_environment

        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            self._command,
            *self._arguments,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=get_default_environment() | dict(self._environment),
            limit=_MOST_LINE_BYTES,
            start_new_session=True,
        )
        came_in, came = anyio.create_memory_object_stream["SessionMessage | Exception"](0)
        goes, goes_out = anyio.create_memory_object_stream["SessionMessage"](0)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._read, self._process, came_in)
                tasks.start_soon(self._write, self._process, goes_out, came_in)
                tasks.start_soon(self._listen, self._process)
                try:
                    yield came, goes
                finally:
                    with anyio.CancelScope(shield=True):
                        await self._end(self._process)
                    tasks.cancel_scope.cancel()
        finally:
            for stream in (came_in, came, goes, goes_out):
                stream.close()

    async def _read(
        self, process: asyncio.subprocess.Process, came_in: "MemoryObjectSendStream[SessionMessage | Exception]"
    ) -> None:
        from mcp.shared.message import SessionMessage
        from mcp.types import jsonrpc_message_adapter

        async with came_in:
            with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                while process.stdout is not None and (line := await _line(process.stdout)):
                    if not line.strip():
                        continue
                    try:
                        told: SessionMessage | Exception = SessionMessage(
                            jsonrpc_message_adapter.validate_json(line, by_name=False)
                        )
                    except ValueError as error:
                        told = error
                    await came_in.send(told)

    async def _write(
        self,
        process: asyncio.subprocess.Process,
        goes_out: "MemoryObjectReceiveStream[SessionMessage]",
        came_in: "MemoryObjectSendStream[SessionMessage | Exception]",
    ) -> None:
        """Send what is to be sent; where it cannot be, the connection ends, so that no call waits for ever."""
        try:
            async for told in goes_out:
                if process.stdin is not None:
                    process.stdin.write(
                        told.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
                    )
                    await process.stdin.drain()
        except (ConnectionError, RuntimeError, anyio.ClosedResourceError):
            await came_in.aclose()

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        while process.stderr is not None and (line := await _line(process.stderr)):
            self._complaints.append(line.decode("utf-8", "replace").strip()[:500])

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        """By the protocol: its input is closed, and it has a moment to end by itself."""
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await process.wait()
        self.kill()
        await process.wait()


async def _line(stream: asyncio.StreamReader) -> bytes:
    """The next line; nothing at the end, and where one is longer than it may be."""
    try:
        return await stream.readline()
    except (ValueError, ConnectionError):
        return b""
