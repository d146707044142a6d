"""Every row belongs to a space."""

from __future__ import annotations

from everword.storage.schema import metadata
from everword.storage.schema.base import space_of


def test_every_table_says_whose_its_rows_are() -> None:
    """Every table has a `space_id` that is never empty (`space` itself has its id), so that row security can hold."""
    without = [name for name, table in metadata.tables.items() if name != "space" and "space_id" not in table.c]
    assert not without, f"Tables without space_id: {without}. Add storage.schema.base.space_column()."
    assert metadata.tables
    assert not [table.name for table in metadata.tables.values() if space_of(table).nullable]
