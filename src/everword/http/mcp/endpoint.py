"""`/mcp`: streamable HTTP without sessions. Each request is whole in itself, so any process may answer it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastapi import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from everword.http.body_limit import DEFAULT_LIMIT
from everword.http.mcp import resources
from everword.http.mcp.caller import Caller
from everword.http.mcp.tools import TOOLS
from everword.http.security import credential, principal
from everword.http.services import services_of

if TYPE_CHECKING:
    from mcp import types
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager


class Endpoint:
    """Answers one request at a time to whoever the door let through."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. The server has nothing to tell unasked, so there is no stream to open by GET."""
        request = Request(scope, receive)
        if request.method != "POST":
            await Response(status_code=405, headers={"Allow": "POST"})(scope, receive, send)
            return
        principal(request)  # somebody's memory is asked
        caller = Caller(services_of(request), credential(request))
        manager = await to_thread.run_sync(_manager, caller)
        async with manager.run():
            await manager.handle_request(scope, receive, send)


ROUTES = tuple(Route(path, Endpoint(), include_in_schema=False) for path in ("/mcp", "/mcp/"))


def _manager(caller: Caller) -> "StreamableHTTPSessionManager":
    """The SDK's side of one request. The first one imports the SDK, for which it waits a second."""
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from everword.http.mcp.protocol import answered, build_server

    by_name = {tool.name: tool for tool in TOOLS if caller.may(tool.scope)}

    async def call(name: str, arguments: Mapping[str, Any], client: str) -> "types.CallToolResult":
        return answered(await by_name[name].call(replace(caller, client=client), arguments))

    async def read(uri: str) -> str:
        return await resources.read(caller, uri)

    server = build_server(tuple(by_name.values()), call, read)
    return StreamableHTTPSessionManager(server, json_response=True, stateless=True, max_request_body_size=DEFAULT_LIMIT)
