"""The outbox: domain events written in the transaction of what they tell; the live stream and attention read it."""

from sqlalchemy import Column, Index, String, Table

from everword.storage.columns import Id, Json, Position
from everword.storage.schema.base import instant, metadata, space_column

event = Table(
    "event",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=True),
    space_column(),
    Column("type", String(64), nullable=False),
    Column("run_id", Id, index=True),
    Column("payload", Json, nullable=False),
    instant("created_at"),
    Index("ix_event_space", "space_id", "position"),
    sqlite_autoincrement=True,
)
