"""Ten thousand runs in a queue: who may have the next is read from an index, what a process has from a small one."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_IS_HELD = sa.text("ended_at IS NULL AND executor IS NOT NULL")


def upgrade() -> None:
    op.drop_index(op.f("ix_run_turn"), table_name="run")
    op.create_index("ix_run_turn", "run", ["state", "priority", "person_id", "created_at"], unique=False)
    op.drop_index(op.f("ix_segment_held"), table_name="segment")
    op.create_index(
        "ix_segment_held",
        "segment",
        ["executor"],
        unique=False,
        sqlite_where=_IS_HELD,
        postgresql_where=_IS_HELD,
    )
