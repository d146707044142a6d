"""Every row at one moment as lines of JSON, and back: the same lines whatever database they come from or go to."""

import base64
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, func, inspect, select, text

from everword.core.types import Principal
from everword.storage.backup.errors import BackupDamaged
from everword.storage.columns import Id, Instant
from everword.storage.database import Database
from everword.storage.schema import metadata

_AT_ONCE = 500
_LEFT_OUT = frozenset({"session", "one_time_link", "event", "backup"})
"""What must not come back to life (ways in), and what only a running installation needs."""

Line = dict[str, Any]


def dump(database: Database) -> Iterator[Line]:
    """`{"table", "columns"}` before the rows of each table, then `{"row"}` for each, all as of one moment.

    One transaction with one view: writers go on meanwhile and are not in it.
    """
    with _one_view(database) as connection:
        for table in metadata.sorted_tables:
            if table.name in _LEFT_OUT:
                continue
            yield {"table": table.name, "columns": [column.name for column in table.columns]}
            rows = connection.execute(select(table).execution_options(yield_per=_AT_ONCE))
            for row in rows:
                yield {"row": [_out(column, value) for column, value in zip(table.columns, row, strict=True)]}


@contextmanager
def _one_view(database: Database) -> Iterator[Connection]:
    """A transaction that sees one moment: on SQLite any does, PostgreSQL is asked for it."""
    if database.is_sqlite:
        with database.reading(Principal.system()) as connection:
            yield connection
        return
    engine = database.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with engine.begin() as connection:
        connection.execute(text("SELECT set_config('everword.spaces', 'all', true)"))
        yield connection


def load(database: Database, lines: Iterable[Line]) -> int:
    """Write rows into a database that was brought to the schema they come from, in one transaction; how many.

    Raises BackupDamaged for what it does not know; then nothing is written.
    """
    count = 0
    with database.writing(Principal.system()) as connection:
        there = set(inspect(connection).get_table_names())
        table: Table | None = None
        columns: list[Column[Any]] = []
        waiting: list[dict[str, Any]] = []
        for line in lines:
            if "row" in line and table is not None and len(line["row"]) == len(columns):
                waiting.append(
                    {column.name: _in(column, value) for column, value in zip(columns, line["row"], strict=True)}
                )
                count += 1
            elif "table" in line and line["table"] in there and line["table"] in metadata.tables:
                _write(connection, table, waiting)
                table = _as_it_is(connection, line["table"])
                columns = [metadata.tables[table.name].c[name] for name in line["columns"]]
            else:
                raise BackupDamaged
            if len(waiting) >= _AT_ONCE:
                _write(connection, table, waiting)
        _write(connection, table, waiting)
        _go_on_counting(connection)
    return count


def is_empty(database: Database) -> bool:
    """Whether a database has no table of ours yet, or nobody in it."""
    with database.reading(Principal.system()) as connection:
        if not inspect(connection).has_table("person"):
            return True
        return connection.execute(select(metadata.tables["person"].c.id).limit(1)).first() is None


def clear(database: Database) -> None:
    """Remove what a first start has written, so that the rows of a backup take its place."""
    with database.writing(Principal.system()) as connection:
        there = set(inspect(connection).get_table_names())
        for table in reversed(metadata.sorted_tables):
            if table.name in there:
                connection.execute(table.delete())


def _as_it_is(connection: Connection, name: str) -> Table:
    """A table with the columns it has now, which may be fewer than the newest schema's."""
    names = {column["name"] for column in inspect(connection).get_columns(name)}
    known = metadata.tables[name]
    return Table(
        name, MetaData(), *(Column(column.name, column.type) for column in known.columns if column.name in names)
    )


def _write(connection: Connection, table: Table | None, waiting: list[dict[str, Any]]) -> None:
    if table is not None and waiting:
        connection.execute(table.insert(), waiting)
    waiting.clear()


def _go_on_counting(connection: Connection) -> None:
    """PostgreSQL counts positions in sequences of its own, which know nothing of rows that brought theirs."""
    if connection.dialect.name != "postgresql":
        return
    for name in ("entry", "event"):
        highest = connection.execute(select(func.max(metadata.tables[name].c.position))).scalar() or 0
        question = text("SELECT setval(pg_get_serial_sequence(:name, 'position'), :next, false)")
        connection.execute(question, {"name": name, "next": highest + 1})


def _out(column: Column[Any], value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def _in(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Instant):
        return datetime.fromisoformat(value)
    if isinstance(column.type, LargeBinary) and not isinstance(column.type, Id):
        return base64.b64decode(value)
    return value


def as_bytes(lines: Iterable[Line]) -> Iterator[bytes]:
    """One line of JSON each."""
    for line in lines:
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
