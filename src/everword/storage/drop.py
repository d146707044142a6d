"""Dropping all that is ours in a PostgreSQL database: tables, the migrations' mark, and the engine's schema."""

from sqlalchemy import text

from everword.core.types import Principal
from everword.storage.database import Database
from everword.storage.schema import metadata


def drop_tables(database: Database, engine_schema: str) -> None:
    """In one transaction; what is not there is passed over. Files of dropped tables go at the next checkpoint."""
    names = [f'"{table.name}"' for table in reversed(metadata.sorted_tables)]
    with database.writing(Principal.system()) as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {', '.join(names)}, alembic_version CASCADE"))
        connection.execute(text(f'DROP SCHEMA IF EXISTS "{engine_schema}" CASCADE'))
