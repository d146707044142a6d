"""Facts with their quotes, what took whose place, promises, and how far distilling has got."""

import sqlalchemy as sa
from alembic import op

from everword.storage import columns
from everword.storage.row_security import protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# ANALYZE copies values of the columns it samples into pg_statistic, which only a superuser can rewrite (see 0002).
_CLAIMED = ("subject", "subject_key", "slot", "value", "statement", "said_by")
_HOLDING_WORDS = {"fact": _CLAIMED, "fact_source": _CLAIMED, "promise": ("action",)}


def upgrade() -> None:
    op.create_table(
        "distilling",
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ranges", columns.Json, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("updated_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_distilling_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("space_id", "stage", name=op.f("pk_distilling")),
    )
    op.create_table(
        "fact",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("subject_key", sa.String(length=200), nullable=False),
        sa.Column("slot", sa.String(length=300), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("valid_from", columns.Instant(), nullable=True),
        sa.Column("from_precision", sa.String(length=8), nullable=True),
        sa.Column("valid_to", columns.Instant(), nullable=True),
        sa.Column("to_precision", sa.String(length=8), nullable=True),
        sa.Column("said_by", sa.String(length=200), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("sources", sa.Integer(), nullable=False),
        sa.Column("is_disputed", sa.Boolean(), nullable=False),
        sa.Column("learned_at", columns.Instant(), nullable=False),
        sa.Column("last_said_at", columns.Instant(), nullable=False),
        sa.Column("pinned_at", columns.Instant(), nullable=True),
        sa.Column("refused_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_fact_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
    )
    with op.batch_alter_table("fact", schema=None) as batch_op:
        batch_op.create_index("ix_fact_recent", ["space_id", "last_said_at"], unique=False)
        batch_op.create_index("ix_fact_slot", ["space_id", "subject_key", "slot"], unique=False)

    op.create_table(
        "supersession",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("fact_id", columns.Id(), nullable=False),
        sa.Column("by_id", columns.Id(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("decided_by", sa.String(length=16), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("undone_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["fact.id"], name=op.f("fk_supersession_by_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["fact_id"], ["fact.id"], name=op.f("fk_supersession_fact_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_supersession_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supersession")),
    )
    with op.batch_alter_table("supersession", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supersession_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_supersession_fact_id"), ["fact_id"], unique=False)

    op.create_table(
        "fact_source",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("fact_id", columns.Id(), nullable=False),
        sa.Column("entry_id", columns.Id(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("subject_key", sa.String(length=200), nullable=False),
        sa.Column("slot", sa.String(length=300), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("valid_from", columns.Instant(), nullable=True),
        sa.Column("from_precision", sa.String(length=8), nullable=True),
        sa.Column("valid_to", columns.Instant(), nullable=True),
        sa.Column("to_precision", sa.String(length=8), nullable=True),
        sa.Column("said_at", columns.Instant(), nullable=False),
        sa.Column("said_by", sa.String(length=200), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_fact_source_entry_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["fact_id"], ["fact.id"], name=op.f("fk_fact_source_fact_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_fact_source_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_source")),
    )
    with op.batch_alter_table("fact_source", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fact_source_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fact_source_fact_id"), ["fact_id"], unique=False)
        batch_op.create_index("ix_fact_source_slot", ["space_id", "subject_key", "slot"], unique=False)

    op.create_table(
        "promise",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("entry_id", columns.Id(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("due_at", columns.Instant(), nullable=True),
        sa.Column("due_precision", sa.String(length=8), nullable=True),
        sa.Column("said_at", columns.Instant(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_promise_entry_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_promise_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    with op.batch_alter_table("promise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_promise_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index("ix_promise_state", ["space_id", "state"], unique=False)

    protect(op.get_bind(), "distilling")
    protect(op.get_bind(), "fact")
    protect(op.get_bind(), "supersession")
    protect(op.get_bind(), "fact_source")
    protect(op.get_bind(), "promise")
    if op.get_bind().dialect.name == "postgresql":
        for table, columns_of_it in _HOLDING_WORDS.items():
            for column in columns_of_it:
                op.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET STATISTICS 0')
