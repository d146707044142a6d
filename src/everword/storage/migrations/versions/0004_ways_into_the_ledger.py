"""Ways into the ledger: a space's entries in the order recorded, and the later versions of an entry."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    has_versions = sa.text("version_of IS NOT NULL")
    op.create_index("ix_entry_recorded", "entry", ["space_id", "position"])
    op.create_index(
        "ix_entry_version_of", "entry", ["version_of"], sqlite_where=has_versions, postgresql_where=has_versions
    )
