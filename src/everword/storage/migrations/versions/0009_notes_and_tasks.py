"""Notes and tasks: what is kept in view, with its words in the ledger."""

import sqlalchemy as sa
from alembic import op

from everword.storage import columns
from everword.storage.row_security import protect

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "note",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("entry_id", columns.Id(), nullable=False),
        sa.Column("run_id", columns.Id(), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("updated_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_note_entry_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_note_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_entry_id"), "note", ["entry_id"])
    op.create_index("ix_note_recent", "note", ["space_id", "updated_at"])
    op.create_table(
        "task",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("entry_id", columns.Id(), nullable=False),
        sa.Column("source_entry_id", columns.Id(), nullable=True),
        sa.Column("run_id", columns.Id(), nullable=True),
        sa.Column("due", sa.String(length=32), nullable=True),
        sa.Column("done_at", columns.Instant(), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("updated_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_task_entry_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["source_entry_id"], ["entry.id"], name=op.f("fk_task_source_entry_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_task_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index("ix_task_done", "task", ["space_id", "done_at"])
    op.create_index(op.f("ix_task_entry_id"), "task", ["entry_id"])
    op.create_index(op.f("ix_task_source_entry_id"), "task", ["source_entry_id"])
    protect(op.get_bind(), "note")
    protect(op.get_bind(), "task")
