"""What brings tools: MCP servers that a person added."""

from sqlalchemy import Boolean, Column, String, Table, Text, UniqueConstraint

from everword.storage.columns import Json
from everword.storage.schema.base import id_column, instant, metadata, reference, space_column

mcp_server = Table(
    "mcp_server",
    metadata,
    id_column(),
    space_column(),
    reference("person_id", "person.id"),
    Column("name", String(32), nullable=False),  # what its tools' names begin with
    Column("transport", String(16), nullable=False),  # stdio, http
    Column("command", String(1000), nullable=False),
    Column("arguments", Json, nullable=False),
    Column("url", String(2000), nullable=False),
    Column("secret_names", Json, nullable=False),  # of the environment or headers, which are in the vault
    Column("is_trusted_for_reading", Boolean, nullable=False),
    Column("state", String(16), nullable=False),  # ready, changed, failed
    Column("error", Text),
    Column("tools", Json, nullable=False),  # as the server describes them, each with the hash that was agreed to
    instant("created_at"),
    instant("updated_at"),
    UniqueConstraint("space_id", "name"),
)
