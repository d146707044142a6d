"""The rows of MCP servers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from everword.connectors.mcp.types import McpServer, NewServer, PinnedTool, ServerState, Transport
from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import McpServerId, SpaceId, new_id
from everword.core.types import Principal
from everword.storage.schema.tools import mcp_server
from everword.storage.scope import require_space, visible


def add(connection: Connection, who: Principal, space_id: SpaceId, new: NewServer) -> McpServer:
    """Add a server to a space; it has no tools yet."""
    values = {
        **asdict(new),
        "id": new_id(),
        "space_id": require_space(who, space_id),
        "person_id": who.person_id,
        "transport": new.transport.value,
        "arguments": list(new.arguments),
        "secret_names": list(new.secret_names),
        "is_trusted_for_reading": False,
        "state": ServerState.READY.value,
        "tools": [],
        "created_at": clock.now(),
        "updated_at": clock.now(),
    }
    return _server(connection.execute(insert(mcp_server).values(values).returning(mcp_server)).one())


def all_of(connection: Connection, who: Principal, space_id: SpaceId) -> list[McpServer]:
    """The servers of a space, in the order they were added."""
    query = select(mcp_server).where(visible(mcp_server, who), mcp_server.c.space_id == space_id)
    return [_server(row) for row in connection.execute(query.order_by(mcp_server.c.id))]


def get(connection: Connection, who: Principal, server_id: McpServerId) -> McpServer:
    """One server, held until the transaction ends. Raises NotFound."""
    query = select(mcp_server).where(visible(mcp_server, who), mcp_server.c.id == server_id)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound(what="MCP server")
    return _server(row)


def record(
    connection: Connection,
    who: Principal,
    server_id: McpServerId,
    state: ServerState,
    error: str | None,
    tools: Sequence[PinnedTool] | None,
) -> McpServer:
    """Record how a server is, and its tools where they were listed. Raises NotFound."""
    values: dict[str, Any] = {"state": state.value, "error": error}
    if tools is not None:
        values["tools"] = [asdict(tool) for tool in tools]
    return _change(connection, who, server_id, values)


def trust_reading(connection: Connection, who: Principal, server_id: McpServerId, is_trusted: bool) -> McpServer:
    """Record whether what only reads may be called without asking. Raises NotFound."""
    return _change(connection, who, server_id, {"is_trusted_for_reading": is_trusted})


def remove(connection: Connection, who: Principal, server_id: McpServerId) -> None:
    """Remove a server. Raises NotFound."""
    statement = delete(mcp_server).where(visible(mcp_server, who), mcp_server.c.id == server_id)
    if not connection.execute(statement).rowcount:
        raise NotFound(what="MCP server")


def _change(connection: Connection, who: Principal, server_id: McpServerId, values: Mapping[str, Any]) -> McpServer:
    statement = update(mcp_server).where(visible(mcp_server, who), mcp_server.c.id == server_id)
    row = connection.execute(statement.values(**values, updated_at=clock.now()).returning(mcp_server)).one_or_none()
    if row is None:
        raise NotFound(what="MCP server")
    return _server(row)


def _server(row: Row[Any]) -> McpServer:
    values = dict(row._mapping)
    return McpServer(
        **values
        | {
            "transport": Transport(values["transport"]),
            "state": ServerState(values["state"]),
            "arguments": tuple(values["arguments"]),
            "secret_names": tuple(values["secret_names"]),
            "tools": tuple(PinnedTool(**tool) for tool in values["tools"]),
        }
    )
