"""Imports: what was brought, how far it has got, and what was skipped and why."""

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, Text

from everword.storage.columns import Json
from everword.storage.schema.base import id_column, instant, metadata, reference, space_column

import_job = Table(
    "import_job",
    metadata,
    id_column(),
    space_column(),
    reference("person_id", "person.id"),
    Column("name", String(300), nullable=False),  # the file's name
    Column("format", String(32)),  # found by looking, once it is known
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32)),
    Column("state", String(16), nullable=False),  # queued, running, delivered, failed, cancelled
    Column("done_bytes", BigInteger, nullable=False),
    Column("counts", Json, nullable=False),  # entries, conversations, already_there, skipped
    Column("report", Json, nullable=False),  # what was skipped and why
    Column("checkpoint", Json),  # where to go on after an interruption
    Column("error_code", String(64)),
    Column("error", Text),
    instant("created_at"),
    instant("ended_at", nullable=True),
)
