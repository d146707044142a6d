"""Alembic's entry point: runs the migrations on the connection that `storage.migrate` hands over."""

from typing import Any, Literal

from alembic import context

from everword.storage import columns
from everword.storage.schema import metadata


def render_item(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Write our own column types by their name in a drafted migration; leave all else to Alembic."""
    if kind == "type":
        if isinstance(item, columns.Id | columns.Instant):
            return f"columns.{type(item).__name__}()"
        for name in ("Json", "Position"):
            if item is getattr(columns, name):
                return f"columns.{name}"
    return False


def run() -> None:
    """Run what Alembic was asked for, inside the caller's transaction."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_as_batch=True,  # SQLite alters a table by copying it
        compare_type=True,
        render_item=render_item,
    )
    context.run_migrations()


run()
