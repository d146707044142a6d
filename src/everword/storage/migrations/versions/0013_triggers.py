"""Triggers: what comes begins work."""

import sqlalchemy as sa
from alembic import op

from everword.storage import columns
from everword.storage.row_security import protect

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trigger",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("person_id", columns.Id(), nullable=False),
        sa.Column("request_id", columns.Id(), nullable=False),
        sa.Column("words_id", columns.Id(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("speaker", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("reached", columns.Position, nullable=False),
        sa.Column("on_overlap", sa.String(length=16), nullable=False),
        sa.Column("ceiling", columns.Json, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("run_id", columns.Id(), nullable=True),
        sa.Column("last_at", columns.Instant(), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("updated_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_trigger_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["request_id"], ["entry.id"], name=op.f("fk_trigger_request_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_trigger_space_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["words_id"], ["entry.id"], name=op.f("fk_trigger_words_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trigger")),
    )
    op.create_index(op.f("ix_trigger_request_id"), "trigger", ["request_id"])
    op.create_index("ix_trigger_space", "trigger", ["space_id", "created_at"])
    op.create_index("ix_trigger_state", "trigger", ["state"])
    op.create_index(op.f("ix_trigger_words_id"), "trigger", ["words_id"])
    protect(op.get_bind(), "trigger")
