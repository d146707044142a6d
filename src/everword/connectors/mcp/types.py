"""An MCP server as it was added, and each of its tools as it was agreed to."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from everword.core.ids import McpServerId, PersonId, SpaceId


class Transport(StrEnum):
    """How a server is spoken to: a process of ours by its standard input and output, or streamable HTTP."""

    STDIO = "stdio"
    HTTP = "http"


class ServerState(StrEnum):
    """How a server was when it was last reached. `CHANGED`: it says of a tool what nobody agreed to."""

    READY = "ready"
    CHANGED = "changed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PinnedTool:
    """A tool as its server describes it. It can be used while that is what its owner agreed to.

    `hash` is SHA-256 over name, description, schema and hint; `agreed` is the hash that was agreed to, or empty.
    `why_not` says why it can never be used, where its schema is one we do not take.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    is_read_only: bool
    hash: str
    agreed: str = ""
    why_not: str = ""

    @property
    def is_available(self) -> bool:
        """Whether it may be offered to a model."""
        return self.hash == self.agreed and not self.why_not


@dataclass(frozen=True, slots=True)
class NewServer:
    """What a person adds. `secrets` are the process's environment or the headers; only their names are shown again."""

    name: str
    transport: Transport
    command: str = ""
    arguments: tuple[str, ...] = ()
    url: str = ""
    secret_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class McpServer:
    """A server that was added. Its environment or headers are in the vault, by its id."""

    id: McpServerId
    space_id: SpaceId
    person_id: PersonId
    name: str
    transport: Transport
    command: str
    arguments: tuple[str, ...]
    url: str
    secret_names: tuple[str, ...]
    is_trusted_for_reading: bool
    state: ServerState
    error: str | None
    tools: tuple[PinnedTool, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Launch:
    """All that opening a connection needs. `is_public_only`: it must be on the public internet."""

    key: str
    name: str
    transport: Transport
    command: str = ""
    arguments: tuple[str, ...] = ()
    url: str = ""
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    is_public_only: bool = True


@dataclass(frozen=True, slots=True)
class Answered:
    """What a tool answered, as text. `is_error`: by its own word it failed."""

    text: str
    is_error: bool


def tool_hash(name: str, description: str, parameters: dict[str, Any], *, is_read_only: bool) -> str:
    """What a yes to a tool is bound to, in hexadecimal."""
    said = [name, description, parameters, is_read_only]
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
