"""One open connection to an MCP server. It lives on one event loop, and in one task of it."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from everword.connectors.mcp.child import Child
from everword.connectors.mcp.errors import ServerBroke, ServerUnreachable, ToolChanged
from everword.connectors.mcp.pinning import pinned
from everword.connectors.mcp.types import Answered, Launch, PinnedTool, Transport

if TYPE_CHECKING:
    from mcp import Client
    from mcp.client import Transport as Streams
    from mcp.types import CallToolResult

_log = logging.getLogger(__name__)
_MOST_TOOLS = 200
_MOST_TEXT = 200_000


class Session:
    """A connection, from `open` until `end` or `kill`. Raises ServerUnreachable before a call, ServerBroke in one."""

    def __init__(self, launch: Launch, *, start_s: float, call_s: float) -> None:
        self._launch, self._start_s, self._call_s = launch, start_s, call_s
        self._child: Child | None = None
        self._ending = asyncio.Event()
        self._client: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._task = asyncio.get_running_loop().create_task(self._serve())
        self.is_over = False

    async def open(self) -> None:
        """Wait until it can be asked."""
        await asyncio.shield(self._client)

    async def tools(self) -> tuple[PinnedTool, ...]:
        """What the server says of its tools now."""
        client = await asyncio.shield(self._client)
        found: list[PinnedTool] = []
        cursor: str | None = None
        try:
            async with asyncio.timeout(self._start_s):
                while True:
                    page = await client.list_tools(cursor=cursor)
                    found += map(pinned, page.tools)
                    cursor = page.next_cursor
                    if cursor is None or len(found) >= _MOST_TOOLS:
                        return tuple(found[:_MOST_TOOLS])
        except Exception as error:  # boundary: a server of others, over a library that raises much
            raise ServerUnreachable(server=self._launch.name, why=self._why(error)) from error

    async def call(self, tool: str, agreed: str, arguments: Mapping[str, Any]) -> Answered:
        """Call a tool, if the server still says of it what was agreed to. Cancelled, it ends the server."""
        from mcp.shared.exceptions import MCPError
        from mcp.types import CONNECTION_CLOSED

        if agreed not in [listed.hash for listed in await self.tools() if listed.name == tool]:
            raise ToolChanged(server=self._launch.name, tool=tool)
        client = await asyncio.shield(self._client)
        try:
            async with asyncio.timeout(self._call_s):
                return _answered(await client.call_tool(tool, dict(arguments)))
        except MCPError as error:
            if error.error.code == CONNECTION_CLOSED or self.is_over:
                self.kill()
                raise ServerBroke(server=self._launch.name, why=self._why(error)) from error
            return Answered(f"It answered with an error: {error}", is_error=True)
        except TimeoutError as error:
            self.kill()
            why = f"it did not answer within {self._call_s:g} seconds."
            raise ServerBroke(server=self._launch.name, why=why) from error
        except asyncio.CancelledError:
            self.kill()
            raise
        except Exception as error:  # boundary: a server of others, over a library that raises much
            self.kill()
            raise ServerBroke(server=self._launch.name, why=self._why(error)) from error

    def kill(self) -> None:
        """End it at once: a process of ours with all that it started."""
        if self._child is not None:
            self._child.kill()
        self.finish()

    def finish(self) -> None:
        """Let it end in order."""
        self.is_over = True
        if self._client.done():
            self._ending.set()
        else:
            self._task.cancel()

    async def end(self) -> None:
        """End it in order, and wait until it has."""
        self.finish()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _serve(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(self._start_s):
                    client = await stack.enter_async_context(await self._connecting(stack))
                self._client.set_result(client)
                await self._ending.wait()
        except Exception as error:  # boundary: one connection to a server of somebody else's
            _log.warning("The MCP server %s ended.", self._launch.name, exc_info=True)
            self._fail(self._why(error))
        finally:
            self.is_over = True
            self._fail("it was stopped while it started.")

    def _fail(self, why: str) -> None:
        """Tell whoever waits for the start, if anybody does, that there is none."""
        if not self._client.done():
            self._client.set_exception(ServerUnreachable(server=self._launch.name, why=why))
            self._client.exception()

    async def _connecting(self, stack: AsyncExitStack) -> "Client":
        from mcp import Client

        return Client(await self._streams(stack), cache=None)

    async def _streams(self, stack: AsyncExitStack) -> "Streams":
        launch = self._launch
        if launch.transport is Transport.STDIO:
            self._child = Child(launch.command, launch.arguments, launch.secrets)
            return self._child.connected()
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        from everword.connectors.mcp.bounded_http import BoundedTransport
        from everword.connectors.mcp.public_http import PublicTransport

        http = httpx2.AsyncClient(
            headers={**launch.secrets, "Accept-Encoding": "identity"},
            timeout=httpx2.Timeout(self._call_s, connect=self._start_s),
            transport=BoundedTransport(PublicTransport() if launch.is_public_only else httpx2.AsyncHTTPTransport()),
            trust_env=False,
        )
        await stack.enter_async_context(http)
        return streamable_http_client(launch.url, http_client=http)

    def _why(self, error: BaseException) -> str:
        """The reason, without the wrapping of task groups, and with what a process said last."""
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, TimeoutError):
            return f"it did not answer within {self._start_s:g} seconds."
        said = str(error) or type(error).__name__
        complaint = self._child.complaint if self._child is not None else ""
        return f"{said[:300]}." + (f" It said: {complaint}" if complaint else "")


def _answered(result: "CallToolResult") -> Answered:
    """What came back as text; what is no text is named."""
    parts = [getattr(part, "text", None) or f"({part.type} that is not shown)" for part in result.content]
    if not parts and result.structured_content is not None:
        parts = [json.dumps(result.structured_content, ensure_ascii=False)]
    return Answered("\n".join(parts)[:_MOST_TEXT], bool(result.is_error))


@asynccontextmanager
async def opened(launch: Launch, *, start_s: float, call_s: float) -> AsyncIterator[Session]:
    """A connection for the length of a block."""
    session = Session(launch, start_s=start_s, call_s=call_s)
    try:
        await session.open()
        yield session
    finally:
        await session.end()
