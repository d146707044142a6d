"""Schedules: when work is begun by itself. What is to be done is an entry, and a schedule goes with it."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, text

from everword.storage.columns import Id, Json
from everword.storage.schema.base import id_column, instant, metadata, reference, space_column

_QUEUED = text("queued_at IS NOT NULL")

schedule = Table(
    "schedule",
    metadata,
    id_column(),
    space_column(),
    reference("person_id", "person.id"),
    reference("request_id", "entry.id", index=True),
    Column("rule", String(200), nullable=False),  # five cron fields, or one instant in UTC
    Column("time_zone", String(64), nullable=False),
    Column("follows_owner", Boolean, nullable=False),  # the time zone is the owner's, and changes with it
    Column("on_missed", String(16), nullable=False),  # catch_up, report
    Column("on_overlap", String(16), nullable=False),  # queue, skip
    Column("ceiling", Json),  # what each run may use at most
    Column("state", String(16), nullable=False),  # active, paused, ended
    Column("reason", String(300)),  # why it was paused, where it was not the owner
    Column("failures", Integer, nullable=False),  # in a row
    instant("next_at", nullable=True),  # when it is due next
    instant("last_at", nullable=True),  # up to when its times are dealt with: fired, reported or skipped
    instant("queued_at", nullable=True),  # a time that waits until the run before has ended
    Column("run_id", Id),  # the newest run it began
    instant("created_at"),
    instant("updated_at"),
    Index("ix_schedule_next", "state", "next_at"),
    Index("ix_schedule_queued", "queued_at", sqlite_where=_QUEUED, postgresql_where=_QUEUED),
    Index("ix_schedule_space", "space_id", "created_at"),
)
