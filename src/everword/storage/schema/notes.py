"""Notes and tasks: what is kept in view. Their words are entries of the ledger, and they go with them."""

from sqlalchemy import Column, ForeignKey, Index, String, Table

from everword.storage.columns import Id
from everword.storage.schema.base import id_column, instant, metadata, reference, space_column

note = Table(
    "note",
    metadata,
    id_column(),
    space_column(),
    reference("entry_id", "entry.id", index=True),  # its words as they are now
    Column("run_id", Id),  # the run that wrote it first
    instant("created_at"),
    instant("updated_at"),
    Index("ix_note_recent", "space_id", "updated_at"),
)

task = Table(
    "task",
    metadata,
    id_column(),
    space_column(),
    reference("entry_id", "entry.id", index=True),  # its title as it is now
    Column("source_entry_id", Id, ForeignKey("entry.id", ondelete="SET NULL"), index=True),  # what it came from
    Column("run_id", Id),  # the run that wrote it first
    Column("due", String(32)),  # a day, or an instant in UTC: 2026-12-24, 2026-12-24T09:00:00Z
    instant("done_at", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    Index("ix_task_done", "space_id", "done_at"),
)
