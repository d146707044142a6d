"""Model providers that were added, and what each call used."""

from sqlalchemy import Column, Float, Index, Integer, String, Table, UniqueConstraint

from everword.storage.columns import Id
from everword.storage.schema.base import id_column, instant, metadata, space_column

provider = Table(
    "provider",
    metadata,
    id_column(),
    space_column(),
    Column("kind", String(32), nullable=False),  # openai, anthropic, google, openai_compatible
    Column("name", String(64), nullable=False),  # the part of a model's id before the slash
    Column("base_url", String(500)),
    Column("key_hint", String(16)),  # the last characters of the key; the key itself is in the vault
    instant("created_at"),
    UniqueConstraint("space_id", "name"),
)

usage = Table(
    "usage",
    metadata,
    id_column(),
    space_column(),
    Column("person_id", Id, nullable=False),
    Column("run_id", Id, index=True),
    Column("model", String(200), nullable=False),
    Column("priority", String(16), nullable=False),
    Column("status", String(32), nullable=False),  # completed, stopped, or an error code
    Column("prompt_tokens", Integer),
    Column("completion_tokens", Integer),
    Column("cost_microdollars", Integer),  # millionths of a US dollar; null where the price is not known
    Column("queued_ms", Float, nullable=False),
    Column("first_token_ms", Float),
    Column("duration_ms", Float, nullable=False),
    instant("started_at"),
    Index("ix_usage_recent", "space_id", "started_at"),
)
