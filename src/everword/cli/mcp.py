"""`everword mcp`: the MCP server on standard input and output, for programs that start one by a command.

It lists what there is by itself and hands each call on to the running server: that may start later, or start again.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from everword.cli.client import Refused
from everword.core.errors import EverwordError
from everword.http.control import find_server
from everword.settings import environment

if TYPE_CHECKING:
    import httpx2
    from mcp import Client, types
    from mcp.server.lowlevel import Server

    from everword.settings.environment import Settings

_CONNECT_S = 2.0
_ANSWER_S = 120.0


class NotServing(EverwordError):
    """Everword does not run on this machine. Start it with `everword serve`, then ask again."""

    code = "not_serving"
    status = 503


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("mcp")(mcp)


def mcp(
    person: Annotated[
        str | None, typer.Option("--person", help="Whose memory, where several people live here.")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Offer nothing that adds to memory.")] = False,
) -> None:
    """Speak the Model Context Protocol on standard input and output, for the program that started this.

    Recall, timeline, context, facts and remember, from the Everword that runs on this machine.
    """
    import anyio

    anyio.run(_serve, environment.read(), person, read_only)


async def _serve(settings: "Settings", person: str | None, read_only: bool) -> None:
    from mcp.server.stdio import stdio_server

    server = _server(settings, person, read_only=read_only)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def _server(settings: "Settings", person: str | None, *, read_only: bool) -> "Server[Any]":
    from everword.http.mcp.protocol import build_server
    from everword.http.mcp.tools import TOOLS

    async def call(name: str, arguments: Mapping[str, Any], client: str) -> "types.CallToolResult":
        async with _running(settings, person, client) as running:
            return await running.call_tool(name, dict(arguments))

    async def read(uri: str) -> str:
        async with _running(settings, person, "") as running:
            found = await running.read_resource(uri)
        return "".join(getattr(part, "text", "") for part in found.contents)

    return build_server([tool for tool in TOOLS if not (read_only and tool.writes)], call, read)


@asynccontextmanager
async def _running(settings: "Settings", person: str | None, client: str) -> "AsyncIterator[Client]":
    """A client of the server that runs now. Raises NotServing or Refused."""
    import httpx2
    from mcp import Client, types
    from mcp.client.streamable_http import streamable_http_client
    from mcp.types.version import LATEST_MODERN_VERSION

    server = find_server(settings.home)
    if server is None:
        raise NotServing
    headers = {"Authorization": f"Bearer {server.token}"}
    if person:
        headers["X-Everword-Person"] = quote(person)
    timeout = httpx2.Timeout(_ANSWER_S, connect=_CONNECT_S)
    async with httpx2.AsyncClient(headers=headers, timeout=timeout, trust_env=False) as http:
        await _require_answer(http, server.address)
        transport = streamable_http_client(f"{server.address}/mcp", http_client=http)
        told = types.Implementation(name=client or "A program on this machine", version="")
        async with Client(transport, mode=LATEST_MODERN_VERSION, client_info=told, cache=None) as running:
            yield running


async def _require_answer(http: "httpx2.AsyncClient", address: str) -> None:
    """See that the server is there and knows whose memory is meant: the SDK would only tell that a call failed."""
    import httpx2

    try:
        response = await http.get(f"{address}/api/settings")
    except httpx2.HTTPError as error:
        raise NotServing from error
    if not response.is_success:
        raise Refused(message=response.json()["error"]["message"])
