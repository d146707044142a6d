"""MCP servers whose tools background work may call: added, looked at, agreed to, removed."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field, SecretStr

from everword.connectors.mcp.types import McpServer, NewServer, PinnedTool, ServerState, Transport
from everword.core.ids import McpServerId
from everword.core.types import Principal
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.security import person_present
from everword.http.services import Services, services_of
from everword.tools.mcp import tool_name

router = APIRouter(prefix="/api", tags=["MCP servers"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
Present = [Depends(person_present)]
Value = Annotated[SecretStr, Field(max_length=8_000)]
Hash = Annotated[str, Field(min_length=64, max_length=64)]


class McpToolShape(BaseModel):
    """A tool as its server describes it. While `is_available` is false nothing calls it; `why_not` says why never."""

    name: str
    called: str  # the name that models call it by
    description: str
    parameters: dict[str, Any]
    is_read_only: bool
    hash: str
    is_available: bool
    why_not: str | None

    @staticmethod
    def of(server: McpServer, tool: PinnedTool) -> "McpToolShape":
        return McpToolShape(
            name=tool.name,
            called=tool_name(server, tool),
            description=tool.description,
            parameters=tool.parameters,
            is_read_only=tool.is_read_only,
            hash=tool.hash,
            is_available=tool.is_available,
            why_not=tool.why_not or None,
        )


class McpServerShape(BaseModel):
    """A server. Of its environment or headers only the names are told."""

    id: str
    name: str
    transport: Transport
    command: str
    arguments: list[str]
    url: str
    secret_names: list[str]
    is_trusted_for_reading: bool
    state: ServerState
    error: str | None
    tools: list[McpToolShape]
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def of(server: McpServer) -> "McpServerShape":
        return McpServerShape(
            id=server.id,
            name=server.name,
            transport=server.transport,
            command=server.command,
            arguments=list(server.arguments),
            url=server.url,
            secret_names=list(server.secret_names),
            is_trusted_for_reading=server.is_trusted_for_reading,
            state=server.state,
            error=server.error,
            tools=[McpToolShape.of(server, tool) for tool in server.tools],
            created_at=server.created_at,
            updated_at=server.updated_at,
        )


class McpServersShape(BaseModel):
    """The servers, in the order they were added."""

    servers: list[McpServerShape]


class NewMcpServer(BaseModel):
    """What to add. `secrets` are variables of the command's environment, or headers; they are sealed."""

    name: Annotated[str, Field(min_length=1, max_length=24)]
    transport: Transport
    command: Annotated[str, Field(max_length=1_000)] = ""
    arguments: Annotated[list[Annotated[str, Field(max_length=2_000)]], Field(max_length=50)] = []
    url: Annotated[str, Field(max_length=2_000)] = ""
    secrets: Annotated[dict[str, Value], Field(max_length=30)] = {}


class McpTrust(BaseModel):
    """A yes to tools as they were seen: their names with their hashes. What is null stays as it is."""

    tools: Annotated[dict[str, Hash], Field(max_length=200)] = {}
    is_trusted_for_reading: bool | None = None


@router.get("/mcp-servers")
def listed(who: Who, house: House) -> McpServersShape:
    """The servers of the person who asks."""
    return McpServersShape(servers=[McpServerShape.of(server) for server in house.mcp_servers.all(who)])


@router.post("/mcp-servers", status_code=201, dependencies=Present)
def add(who: Who, house: House, wanted: NewMcpServer) -> McpServerShape:
    """Reach a server and add it with the tools it has: that is the yes to them as they are. Waits for 30 s at most.

    A command is run on this machine, so only who runs it may add one.
    """
    stdio = wanted.transport is Transport.STDIO
    new = NewServer(
        name=wanted.name,
        transport=wanted.transport,
        command=wanted.command.strip() if stdio else "",
        arguments=tuple(wanted.arguments) if stdio else (),
        url="" if stdio else wanted.url.strip(),
        secret_names=tuple(wanted.secrets),
    )
    secrets = {name: value.get_secret_value() for name, value in wanted.secrets.items()}
    return McpServerShape.of(house.mcp_servers.add(who, new, secrets))


@router.post("/mcp-servers/{server_id}/refresh")
def refresh(who: Who, house: House, server_id: Identifier) -> McpServerShape:
    """Ask a server anew what tools it has. A tool it says something else of needs a new yes."""
    return McpServerShape.of(house.mcp_servers.refresh(who, McpServerId(server_id)))


@router.post("/mcp-servers/{server_id}/trust", dependencies=Present)
def trust(who: Who, house: House, server_id: Identifier, said: McpTrust) -> McpServerShape:
    """Agree to tools as they were seen, and say whether what only reads may be called without asking."""
    agreed = house.mcp_servers.trust(who, McpServerId(server_id), said.tools, said.is_trusted_for_reading)
    return McpServerShape.of(agreed)


@router.delete("/mcp-servers/{server_id}", status_code=204, dependencies=Present)
def remove(who: Who, house: House, server_id: Identifier) -> Response:
    """Remove a server with its secrets; its process ends."""
    house.mcp_servers.remove(who, McpServerId(server_id))
    return Response(status_code=204)
