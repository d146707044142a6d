"""Inserting rows that may be there already: each database has its own statement for it, imported where it is used."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    NewRows = postgresql.Insert | sqlite.Insert


def insert_if_new(connection: Connection, table: Table) -> "NewRows":
    """An insert that passes over rows which would break a unique constraint."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        return insert_postgresql(table).on_conflict_do_nothing()
    from sqlalchemy.dialects.sqlite import insert as insert_sqlite

    return insert_sqlite(table).on_conflict_do_nothing()
