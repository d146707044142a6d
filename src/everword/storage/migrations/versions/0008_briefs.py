"""Briefs and their cards: what is put before a person in the morning."""

import sqlalchemy as sa
from alembic import op

from everword.storage import columns
from everword.storage.row_security import protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "brief",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("due_at", columns.Instant(), nullable=False),
        sa.Column("made_at", columns.Instant(), nullable=False),
        sa.Column("since", columns.Instant(), nullable=False),
        sa.Column("summary_state", sa.String(length=16), nullable=False),
        sa.Column("summary_attempts", sa.Integer(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("summary_model", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_brief_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief")),
        sa.UniqueConstraint("space_id", "day", name=op.f("uq_brief_space_id_day")),
    )
    op.create_table(
        "card",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("brief_id", columns.Id(), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("source_id", columns.Id(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sort", sa.String(length=80), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("held_back", sa.String(length=24), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["brief_id"], ["brief.id"], name=op.f("fk_card_brief_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_card_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("brief_id", "source", "source_id", name=op.f("uq_card_brief_id_source_source_id")),
    )
    op.create_index("ix_card_source", "card", ["space_id", "source", "source_id"])
    protect(op.get_bind(), "brief")
    protect(op.get_bind(), "card")
