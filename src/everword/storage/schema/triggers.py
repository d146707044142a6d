"""Triggers: which new entries begin work. What they do and the words they look for are entries; they go with them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from everword.storage.columns import Id, Json, Position
from everword.storage.schema.base import id_column, instant, metadata, reference, space_column

trigger = Table(
    "trigger",
    metadata,
    id_column(),
    space_column(),
    reference("person_id", "person.id"),
    reference("request_id", "entry.id", index=True),  # what is to be done
    Column("words_id", Id, ForeignKey("entry.id", ondelete="CASCADE"), index=True),  # what an entry has to say
    Column("kind", String(16), nullable=False),  # entry, webhook
    Column("speaker", String(200), nullable=False),  # "" for anybody
    Column("source", String(64), nullable=False),  # "" for any
    Column("reached", Position, nullable=False),  # the ledger is dealt with up to here
    Column("on_overlap", String(16), nullable=False),  # queue, skip
    Column("ceiling", Json),  # what each run may use at most
    Column("state", String(16), nullable=False),  # active, paused
    Column("reason", String(300)),  # why it was paused, where it was not the owner
    Column("failures", Integer, nullable=False),  # in a row
    Column("run_id", Id),  # the newest run it began
    instant("last_at", nullable=True),  # when it began that
    instant("created_at"),
    instant("updated_at"),
    Index("ix_trigger_state", "state"),
    Index("ix_trigger_space", "space_id", "created_at"),
)
