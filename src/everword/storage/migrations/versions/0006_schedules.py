"""Schedules: when work is begun by itself."""

import sqlalchemy as sa
from alembic import op

from everword.storage import columns
from everword.storage.row_security import protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "schedule",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("person_id", columns.Id(), nullable=False),
        sa.Column("request_id", columns.Id(), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("follows_owner", sa.Boolean(), nullable=False),
        sa.Column("on_missed", sa.String(length=16), nullable=False),
        sa.Column("on_overlap", sa.String(length=16), nullable=False),
        sa.Column("ceiling", columns.Json, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", columns.Instant(), nullable=True),
        sa.Column("last_at", columns.Instant(), nullable=True),
        sa.Column("queued_at", columns.Instant(), nullable=True),
        sa.Column("run_id", columns.Id(), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("updated_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_schedule_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["request_id"], ["entry.id"], name=op.f("fk_schedule_request_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_schedule_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
    )
    is_queued = sa.text("queued_at IS NOT NULL")
    op.create_index("ix_schedule_next", "schedule", ["state", "next_at"])
    op.create_index("ix_schedule_queued", "schedule", ["queued_at"], sqlite_where=is_queued, postgresql_where=is_queued)
    op.create_index(op.f("ix_schedule_request_id"), "schedule", ["request_id"])
    op.create_index("ix_schedule_space", "schedule", ["space_id", "created_at"])
    protect(op.get_bind(), "schedule")
