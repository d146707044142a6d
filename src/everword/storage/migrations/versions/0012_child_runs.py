"""A run can wait for another that it has started."""

import sqlalchemy as sa
from alembic import op

from everword.storage import columns

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("waits_for_id", columns.Id(), nullable=True))
    is_child, waits_for = sa.text("parent_id IS NOT NULL"), sa.text("waits_for_id IS NOT NULL")
    op.create_index(op.f("ix_run_parent_id"), "run", ["parent_id"])
    op.create_index("ix_run_child_state", "run", ["state"], sqlite_where=is_child, postgresql_where=is_child)
    op.create_index("ix_run_waits_for", "run", ["waits_for_id"], sqlite_where=waits_for, postgresql_where=waits_for)
