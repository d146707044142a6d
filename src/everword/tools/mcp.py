"""Tools of the MCP servers that somebody added: `server__tool`, what they answer a stranger's words."""

import re
from collections.abc import Iterator

from everword.connectors.mcp.errors import ServerUnreachable, ToolChanged
from everword.connectors.mcp.servers import Servers
from everword.connectors.mcp.types import Answered, McpServer, PinnedTool
from everword.core.types import Effect, Label, Permit, Principal
from everword.tools.errors import NothingHappened
from everword.tools.manifest import Arguments, Asked, Reach, Result, Tool

_SAID = 1_000  # characters of a description that a model is told
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME = 64


def mcp_tools(servers: Servers, who: Principal) -> Iterator[Tool]:
    """The tools of somebody's servers that they agreed to.

    A call executes something outside, so it asks; but not where by the tool's own word it only reads, and the owner
    trusts its server in that.
    """
    for server, pinned in servers.available(who):
        if pinned.is_read_only and server.is_trusted_for_reading:
            yield _reading(servers, server, pinned)
        else:
            yield _acting(servers, server, pinned)


def _reading(servers: Servers, server: McpServer, pinned: PinnedTool) -> Tool:
    async def read(asked: Asked, arguments: Arguments) -> Result:
        return _result(await servers.read(asked.who, server, pinned, arguments))

    return Tool(
        name=tool_name(server, pinned),
        description=pinned.description[:_SAID],
        parameters=pinned.parameters,
        effect=Effect.READ,
        reach=Reach.OUTSIDE,
        says=lambda _arguments: f"Ask {pinned.name} of {server.name}",
        read=read,
    )


def _acting(servers: Servers, server: McpServer, pinned: PinnedTool) -> Tool:
    async def act(asked: Asked, arguments: Arguments, permit: Permit) -> Result:
        try:
            return _result(await servers.act(asked.who, server, pinned, arguments, permit))
        except (ServerUnreachable, ToolChanged) as error:
            raise NothingHappened(why=error.message) from error

    return Tool(
        name=tool_name(server, pinned),
        description=pinned.description[:_SAID],
        parameters=pinned.parameters,
        effect=Effect.EXECUTE,
        reach=Reach.OUTSIDE,
        says=lambda _arguments: f"Call {pinned.name} of {server.name}",
        act=act,
    )


def tool_name(server: McpServer, pinned: PinnedTool) -> str:
    """The name that models call it by: letters, digits, underscores and hyphens, 64 at most."""
    return f"{server.name}__{_NOT_IN_NAMES.sub('_', pinned.name)}"[:_LONGEST_NAME]


def _result(answered: Answered) -> Result:
    text = answered.text or "It answered nothing."
    return Result(f"The tool says that it failed: {text}" if answered.is_error else text, Label.STRANGER)
