"""Inserting rows that may be there already: each database has its own statement for it, imported where it is used."""

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    NewRows = postgresql.Insert | sqlite.Insert


def insert_if_new(connection: Connection, table: Table) -> "NewRows":
    """An insert that passes over rows which would break a unique constraint."""
    return _inserting(connection.dialect.name, table)


def insert_if_new_returning(connection: Connection, table: Table) -> Any:
    """The same insert; it gives back the rows that were written."""
    return _returning(connection.dialect.name, table)


@cache
def _returning(dialect: str, table: Table) -> Any:
    return _inserting(dialect, table).returning(table)


@cache
def _inserting(dialect: str, table: Table) -> "NewRows":
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        return insert_postgresql(table).on_conflict_do_nothing()
    from sqlalchemy.dialects.sqlite import insert as insert_sqlite

    return insert_sqlite(table).on_conflict_do_nothing()
