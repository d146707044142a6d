"""MCP servers of the person who asks: added, looked at again, agreed to, called, removed."""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from everword.accounts.types import INSTALLATION_SPACE
from everword.connectors.mcp import store
from everword.connectors.mcp.connections import Connections
from everword.connectors.mcp.errors import ServerUnreachable, ToolChanged
from everword.connectors.mcp.pinning import agreed_to, compared, state_of
from everword.connectors.mcp.types import (
    Answered,
    Launch,
    McpServer,
    NewServer,
    PinnedTool,
    ServerState,
    Transport,
)
from everword.core.errors import Conflict, Invalid
from everword.core.ids import McpServerId, new_id
from everword.core.types import Permit, Principal
from everword.storage import events
from everword.storage.database import Database
from everword.vault.types import Secret
from everword.vault.vault import Vault

CHANGED = "tools.changed"
_NAME = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,23}")
_MOST_SERVERS = 20
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


class Servers:
    """The servers of the person who asks. What is secret is sealed in the vault and shown to nobody again."""

    def __init__(self, database: Database, vault: Vault, connections: Connections) -> None:
        self._database, self._vault, self._connections = database, vault, connections

    def all(self, who: Principal) -> list[McpServer]:
        """The servers, in the order they were added."""
        with self._database.reading(who) as connection:
            return store.all_of(connection, who, who.own_space)

    def available(self, who: Principal) -> list[tuple[McpServer, PinnedTool]]:
        """Each tool that may be offered to a model, with its server."""
        may_run = runs_this_machine(who)
        return [
            (server, tool)
            for server in self.all(who)
            if may_run or server.transport is Transport.HTTP
            for tool in server.tools
            if tool.is_available
        ]

    def add(self, who: Principal, new: NewServer, secrets: Mapping[str, str]) -> McpServer:
        """Reach a server, and add it with the tools it has: adding it is the yes to them. Blocks.

        Raises Invalid, Conflict, ServerUnreachable.
        """
        _check(who, new, secrets)
        if any(server.name == new.name for server in self.all(who)):
            raise Conflict(why=f'There is a server called "{new.name}" already. Remove that one, or choose a name.')
        listed = self._connections.listed(_launch(who, new, new_id(), secrets))
        tools = agreed_to(listed, {tool.name: tool.hash for tool in listed})
        with self._database.writing(who) as connection:
            if len(store.all_of(connection, who, who.own_space)) >= _MOST_SERVERS:
                raise Conflict(why=f"There are {_MOST_SERVERS} servers already. Remove one first.")
            server = store.add(connection, who, who.own_space, new)
            if secrets:
                sealed = Secret(json.dumps(dict(secrets)))
                self._vault.put(connection, who, who.own_space, _secret_name(server.id), sealed)
            events.append(connection, who, who.own_space, CHANGED, {"name": new.name})
            return store.record(connection, who, server.id, state_of(tools), None, tools)

    def remove(self, who: Principal, server_id: McpServerId) -> None:
        """Remove a server with its secrets, and end its process. Raises NotFound."""
        with self._database.writing(who) as connection:
            server = store.get(connection, who, server_id)
            self._vault.delete(connection, who, server.space_id, _secret_name(server_id))
            store.remove(connection, who, server_id)
            events.append(connection, who, server.space_id, CHANGED, {"name": server.name})
        self._connections.forget(server_id)

    def refresh(self, who: Principal, server_id: McpServerId) -> McpServer:
        """Ask a server anew what tools it has. What it cannot be asked is told in its `error`. Blocks."""
        server, launch = self._opened(who, server_id)
        try:
            tools = compared(server.tools, self._connections.listed(launch))
        except ServerUnreachable as error:
            return self._record(who, server_id, ServerState.FAILED, error.message, None)
        return self._record(who, server_id, state_of(tools), None, tools)

    def trust(
        self, who: Principal, server_id: McpServerId, seen: Mapping[str, str], is_trusted_for_reading: bool | None
    ) -> McpServer:
        """Agree to tools as they were seen: their names with their hashes. Raises Conflict where one changed."""
        with self._database.writing(who) as connection:
            server = store.get(connection, who, server_id)
            now = {tool.name: tool.hash for tool in server.tools}
            if any(now.get(name) != found for name, found in seen.items()):
                raise Conflict(why="What you saw is not what the server says now. Look at it again.")
            if is_trusted_for_reading is not None:
                store.trust_reading(connection, who, server_id, is_trusted_for_reading)
            tools = agreed_to(server.tools, seen)
            events.append(connection, who, server.space_id, CHANGED, {"name": server.name})
            return store.record(connection, who, server_id, state_of(tools), server.error, tools)

    async def act(
        self, who: Principal, server: McpServer, tool: PinnedTool, arguments: Mapping[str, Any], _permit: Permit
    ) -> Answered:
        """Call a tool under a permit. Raises ServerUnreachable and ToolChanged before, ServerBroke in the middle."""
        return await self._call(who, server, tool, arguments)

    async def read(self, who: Principal, server: McpServer, tool: PinnedTool, arguments: Mapping[str, Any]) -> Answered:
        """Call a tool that by its own word only reads, of a server that its owner trusts in that. Raises as `act`."""
        if not (tool.is_read_only and server.is_trusted_for_reading):
            raise ToolChanged(server=server.name, tool=tool.name)
        return await self._call(who, server, tool, arguments)

    async def _call(
        self, who: Principal, server: McpServer, tool: PinnedTool, arguments: Mapping[str, Any]
    ) -> Answered:
        _, launch = await asyncio.to_thread(self._opened, who, server.id)
        try:
            return await self._connections.call(launch, tool.name, tool.agreed, arguments)
        except ToolChanged:
            await asyncio.to_thread(self.refresh, who, server.id)
            raise

    def _opened(self, who: Principal, server_id: McpServerId) -> tuple[McpServer, Launch]:
        """A server, and all that reaching it needs."""
        with self._database.writing(who) as connection:
            server = store.get(connection, who, server_id)
            sealed = self._vault.get(connection, who, server.space_id, _secret_name(server_id))
        if server.transport is Transport.STDIO and not runs_this_machine(who):
            raise ServerUnreachable(server=server.name, why="commands are run only for who runs this machine.")
        secrets = json.loads(sealed.reveal()) if sealed is not None else {}
        return server, _launch(who, server, server_id, secrets)

    def _record(
        self,
        who: Principal,
        server_id: McpServerId,
        state: ServerState,
        error: str | None,
        tools: tuple[PinnedTool, ...] | None,
    ) -> McpServer:
        with self._database.writing(who) as connection:
            server = store.record(connection, who, server_id, state, error, tools)
            events.append(connection, who, server.space_id, CHANGED, {"name": server.name})
            return server


def runs_this_machine(who: Principal) -> bool:
    """Whether somebody may run commands here, and reach what only this machine reaches."""
    return INSTALLATION_SPACE in who.spaces


def _launch(who: Principal, server: NewServer | McpServer, key: str, secrets: Mapping[str, str]) -> Launch:
    return Launch(
        key,
        server.name,
        server.transport,
        server.command,
        server.arguments,
        server.url,
        dict(secrets),
        is_public_only=not runs_this_machine(who),
    )


def _check(who: Principal, new: NewServer, secrets: Mapping[str, str]) -> None:
    """Raises Invalid."""
    if not _NAME.fullmatch(new.name):
        raise Invalid(why="Name it with small letters, digits and hyphens, at most 24.")
    pattern = _HEADER if new.transport is Transport.HTTP else _VARIABLE
    for name, value in secrets.items():
        if not pattern.fullmatch(name) or re.search(r"[\r\n\0]", value):
            raise Invalid(
                why=f"{name[:100]} cannot be the name of a header or variable, or its value holds a line break."
            )
    if new.transport is Transport.STDIO:
        if not new.command.strip() or "\0" in "".join((new.command, *new.arguments)):
            raise Invalid(why="Say which command starts the server.")
        if not runs_this_machine(who):
            raise Invalid(why="Only who runs this machine can add a server that is a command. Add one by its address.")
        return
    try:
        parts = urlsplit(new.url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_address = False
    if not is_address:
        raise Invalid(why="Give the server's address, beginning with https:// or http://, without a name or password.")


def _secret_name(server_id: str) -> str:
    return f"mcp/{server_id}"
