"""Runs and their segments: our rows are the truth, the durable engine an executor whose ids are ours."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from everword.storage.columns import Id, Json
from everword.storage.schema.base import id_column, instant, metadata, reference, space_column

run = Table(
    "run",
    metadata,
    id_column(),
    space_column(),
    reference("person_id", "person.id"),
    Column("kind", String(64), nullable=False),
    Column("priority", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("waiting_for", String(64)),
    Column("conversation_id", Id, index=True),
    Column("input", Json, nullable=False),  # references only, never words
    Column("result", Json),  # references only
    Column("error_code", String(64)),
    Column("error", Text),
    Column("attempt", Integer, nullable=False),
    instant("created_at"),
    instant("started_at", nullable=True),
    instant("ended_at", nullable=True),
    instant("stop_requested_at", nullable=True),
    Index("ix_run_state", "state", "created_at"),
    Index("ix_run_recent", "space_id", "created_at"),
)

segment = Table(
    "segment",
    metadata,
    id_column(),  # also the workflow's id in the durable engine
    space_column(),
    reference("run_id", "run.id", index=True),
    Column("number", Integer, nullable=False),
    Column("executor", String(64)),  # the process that has it
    instant("created_at"),
    instant("ended_at", nullable=True),
)

transition = Table(
    "transition",
    metadata,
    id_column(),
    space_column(),
    reference("run_id", "run.id", index=True),
    Column("from_state", String(16)),
    Column("to_state", String(16), nullable=False),
    Column("cause", String(300), nullable=False),
    instant("at"),
)
