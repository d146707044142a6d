"""Preferences: what an owner sets on a screen."""

from sqlalchemy import Column, PrimaryKeyConstraint, String, Table

from everword.storage.columns import Json
from everword.storage.schema.base import instant, metadata, space_column

preference = Table(
    "preference",
    metadata,
    space_column(),
    Column("name", String(64), nullable=False),
    Column("value", Json, nullable=False),
    instant("updated_at"),
    PrimaryKeyConstraint("space_id", "name"),
)
