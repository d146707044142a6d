"""What is forgotten, its receipts, and backups. On PostgreSQL, words stay out of the planner's statistics."""

import sqlalchemy as sa
from alembic import op

from everword.storage import columns
from everword.storage.row_security import protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


# ANALYZE copies values of the columns it samples into pg_statistic, which only a superuser can rewrite.
_HOLDING_WORDS = {
    "entry": ("text", "speaker", "external_id", "details"),
    "attachment": ("name", "content", "text", "sha256"),
    "conversation": ("title", "external_id"),
    "event": ("payload",),
    "run": ("input", "result", "error"),
    "import_job": ("name", "sha256", "report", "checkpoint", "error"),
    "preference": ("value",),
}


def upgrade() -> None:
    op.create_table(
        "backup",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("place", sa.String(length=1000), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("expires_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_backup_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup")),
    )
    op.create_table(
        "forgetting",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("person_id", columns.Id(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("counts", columns.Json, nullable=False),
        sa.Column("checks", columns.Json, nullable=False),
        sa.Column("remains", columns.Json, nullable=False),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("first_recorded_at", columns.Instant(), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("ended_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_forgetting_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_forgetting_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forgetting")),
    )
    with op.batch_alter_table("forgetting", schema=None) as batch_op:
        batch_op.create_index("ix_forgetting_state", ["state"], unique=False)

    op.create_table(
        "forgetting_item",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("forgetting_id", columns.Id(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("target_id", columns.Id(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["forgetting_id"], ["forgetting.id"], name=op.f("fk_forgetting_item_forgetting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name=op.f("fk_forgetting_item_space_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forgetting_item")),
        sa.UniqueConstraint(
            "forgetting_id", "kind", "target_id", name=op.f("uq_forgetting_item_forgetting_id_kind_target_id")
        ),
    )
    protect(op.get_bind(), "backup")
    protect(op.get_bind(), "forgetting")
    protect(op.get_bind(), "forgetting_item")
    _keep_out_of_statistics(op.get_bind())


def _keep_out_of_statistics(connection: sa.Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    for table, columns_of_it in _HOLDING_WORDS.items():
        for column in columns_of_it:
            connection.execute(sa.text(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET STATISTICS 0'))
