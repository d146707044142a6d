"""Forgetting: what was told to go and how far that has got, the receipts that stay, and which backups were made."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Table, Text, UniqueConstraint

from everword.storage.columns import Id, Json
from everword.storage.schema.base import id_column, instant, metadata, reference, space_column

forgetting = Table(
    "forgetting",
    metadata,
    id_column(),
    space_column(),
    reference("person_id", "person.id"),
    Column("state", String(16), nullable=False),  # running, delivered, failed
    Column("stage", String(16), nullable=False),  # what is done next: rows, index, engine, files, check, ended
    Column("sealed", LargeBinary),  # the words to look for, sealed by the vault; none once it has ended
    Column("counts", Json, nullable=False),  # how many of each kind went
    Column("checks", Json, nullable=False),  # where was looked: {place, looked, found}
    Column("remains", Json, nullable=False),  # what others still hold: {what, until, how}
    Column("error_code", String(64)),
    Column("error", Text),
    instant("first_recorded_at", nullable=True),  # when the oldest of the entries was recorded
    instant("created_at"),
    instant("ended_at", nullable=True),
    Index("ix_forgetting_state", "state"),
)

forgetting_item = Table(
    "forgetting_item",
    metadata,
    id_column(),
    space_column(),
    reference("forgetting_id", "forgetting.id"),
    Column("kind", String(16), nullable=False),  # entry, redaction, conversation, run, segment
    Column("target_id", Id, nullable=False),
    Column("is_done", Boolean, nullable=False),
    UniqueConstraint("forgetting_id", "kind", "target_id"),
)

backup = Table(
    "backup",
    metadata,
    id_column(),
    space_column(),  # the installation's: a backup holds everybody's words
    Column("place", String(1000), nullable=False),  # where the file was written
    Column("size_bytes", BigInteger, nullable=False),
    instant("created_at"),
    instant("expires_at", nullable=True),  # until when it is kept; none: until somebody removes it
)
