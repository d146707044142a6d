"""Runs and their segments: our rows are the truth, the durable engine an executor whose ids are ours."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from everword.storage.columns import Id, Json
from everword.storage.schema.base import id_column, instant, metadata, reference, space_column

_IS_CHILD = text("parent_id IS NOT NULL")
_WAITS_FOR = text("waits_for_id IS NOT NULL")
_IS_HELD = text("ended_at IS NULL AND executor IS NOT NULL")

run = Table(
    "run",
    metadata,
    id_column(),
    space_column(),
    reference("person_id", "person.id"),
    Column("kind", String(64), nullable=False),
    Column("priority", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("waiting_for", String(64)),  # approval, question, time
    instant("wakes_at", nullable=True),  # when it goes on by itself: its time has come, or nobody answered
    Column("parent_id", Id, index=True),  # the run that started it
    Column("waits_for_id", Id),  # the run whose end it waits for
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
    Index("ix_run_turn", "state", "priority", "person_id", "created_at"),
    Index("ix_run_recent", "space_id", "created_at"),
    Index("ix_run_ended", "ended_at"),
    Index("ix_run_child_state", "state", sqlite_where=_IS_CHILD, postgresql_where=_IS_CHILD),
    Index("ix_run_waits_for", "waits_for_id", sqlite_where=_WAITS_FOR, postgresql_where=_WAITS_FOR),
    Index(
        "ix_run_wakes",
        "wakes_at",
        sqlite_where=text("wakes_at IS NOT NULL"),
        postgresql_where=text("wakes_at IS NOT NULL"),
    ),
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
    Index("ix_segment_held", "executor", sqlite_where=_IS_HELD, postgresql_where=_IS_HELD),
)

executor = Table(
    "executor",
    metadata,
    id_column(),
    space_column(),  # the installation's
    Column("session", String(64), nullable=False),  # the name of its connections to the database
    Column("beats", Integer, nullable=False),  # grows while it lives
    instant("joined_at"),
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

effect = Table(
    "effect",
    metadata,
    id_column(),  # also the idempotency key that targets are given
    space_column(),
    reference("run_id", "run.id", index=True),
    Column("call_id", Id, nullable=False, unique=True),  # the entry that says what was to be done
    Column("tool", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("arguments_hash", String(64), nullable=False),
    Column("state", String(16), nullable=False),  # held, intended, done, failed, unknown, refused
    Column("cause", String(300), nullable=False),  # why it is in that state; never words of others
    Column("allowed_by", String(16)),  # rule, yes; null while it is held
    instant("created_at"),
    instant("intended_at", nullable=True),
    instant("look_up_at", nullable=True),  # unknown: when its target is asked again what became of it
    instant("ended_at", nullable=True),
    Index("ix_effect_state", "space_id", "state"),
    Index(
        "ix_effect_look_up",
        "look_up_at",
        sqlite_where=text("look_up_at IS NOT NULL"),
        postgresql_where=text("look_up_at IS NOT NULL"),
    ),
)

approval = Table(
    "approval",
    metadata,
    id_column(),
    space_column(),
    reference("effect_id", "effect.id", index=True),
    reference("run_id", "run.id", index=True),
    Column("arguments_hash", String(64), nullable=False),
    Column("state", String(16), nullable=False),  # open, granted, used, refused, expired, replaced, withdrawn
    instant("created_at"),
    instant("expires_at"),
    instant("answered_at", nullable=True),
    Column("answered_by", Id),
    Index("ix_approval_state", "space_id", "state"),
)
