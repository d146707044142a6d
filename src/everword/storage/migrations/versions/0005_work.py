"""Work: what runs wait for and who started them, effects, approvals."""

import sqlalchemy as sa
from alembic import op

from everword.storage import columns
from everword.storage.row_security import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "effect",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("run_id", columns.Id(), nullable=False),
        sa.Column("call_id", columns.Id(), nullable=False),
        sa.Column("tool", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("arguments_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=300), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("intended_at", columns.Instant(), nullable=True),
        sa.Column("ended_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_effect_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_effect_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effect")),
        sa.UniqueConstraint("call_id", name=op.f("uq_effect_call_id")),
    )
    op.create_index(op.f("ix_effect_run_id"), "effect", ["run_id"])
    op.create_index("ix_effect_state", "effect", ["space_id", "state"])
    op.create_table(
        "approval",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("effect_id", columns.Id(), nullable=False),
        sa.Column("run_id", columns.Id(), nullable=False),
        sa.Column("arguments_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("expires_at", columns.Instant(), nullable=False),
        sa.Column("answered_at", columns.Instant(), nullable=True),
        sa.Column("answered_by", columns.Id(), nullable=True),
        sa.ForeignKeyConstraint(["effect_id"], ["effect.id"], name=op.f("fk_approval_effect_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_approval_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_approval_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_effect_id"), "approval", ["effect_id"])
    op.create_index(op.f("ix_approval_run_id"), "approval", ["run_id"])
    op.create_index("ix_approval_state", "approval", ["space_id", "state"])
    op.add_column("run", sa.Column("wakes_at", columns.Instant(), nullable=True))
    op.add_column("run", sa.Column("parent_id", columns.Id(), nullable=True))
    op.create_index(op.f("ix_usage_run_id"), "usage", ["run_id"])
    op.create_index("ix_run_ended", "run", ["ended_at"])
    wakes = sa.text("wakes_at IS NOT NULL")
    op.create_index("ix_run_wakes", "run", ["wakes_at"], sqlite_where=wakes, postgresql_where=wakes)
    protect(op.get_bind(), "effect")
    protect(op.get_bind(), "approval")
