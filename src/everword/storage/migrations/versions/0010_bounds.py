"""What let an effect happen, when its target is asked what became of it, and what a call to a model cost."""

import sqlalchemy as sa
from alembic import op

from everword.storage import columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("effect", sa.Column("allowed_by", sa.String(length=16), nullable=True))
    op.add_column("effect", sa.Column("look_up_at", columns.Instant(), nullable=True))
    had_yes = "EXISTS (SELECT 1 FROM approval WHERE approval.effect_id = effect.id AND approval.state = 'used')"
    op.execute(f"UPDATE effect SET allowed_by = 'yes' WHERE intended_at IS NOT NULL AND {had_yes}")  # noqa: S608
    op.execute("UPDATE effect SET allowed_by = 'rule' WHERE intended_at IS NOT NULL AND allowed_by IS NULL")
    is_due = sa.text("look_up_at IS NOT NULL")
    op.create_index("ix_effect_look_up", "effect", ["look_up_at"], sqlite_where=is_due, postgresql_where=is_due)
    op.add_column("usage", sa.Column("cost_microdollars", sa.Integer(), nullable=True))
