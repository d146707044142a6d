"""The durable engine's own records, as forgetting sees them: removed by segment, and looked through for words."""

import base64
import binascii
import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa  # allowed: sql: these are DBOS's tables, which no store of ours has

from everword.core.ids import SegmentId
from everword.storage.database import Database
from everword.storage.scrub import engine_tables, scrub_postgresql, scrub_sqlite

SCHEMA = "dbos"
_KEYS = ("workflow_uuid", "destination_uuid")
_AT_ONCE = 500


class EngineRecords:
    """DBOS's database: a file beside ours on SQLite, a schema in ours on PostgreSQL."""

    name = "engine"

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def file(self) -> Path | None:
        """Its file on SQLite."""
        return Path(f"{self._database.url.database}.engine") if self._database.is_sqlite else None

    def remove(self, segment_ids: Collection[SegmentId]) -> int:
        """Remove all that the engine keeps of those segments. Returns how many rows went."""
        removed = 0
        ids = sorted(segment_ids)
        with self._connected() as connection:
            for table in self._tables(connection):
                for key in (name for name in _KEYS if name in table.c):
                    for first in range(0, len(ids), _AT_ONCE):
                        some = table.c[key].in_(ids[first : first + _AT_ONCE])
                        removed += connection.execute(sa.delete(table).where(some)).rowcount
        return removed

    def rewrite(self, words: Collection[str]) -> None:
        """Leave nothing of removed rows in its files. Raises StorageBusy."""
        if self.file is not None:
            scrub_sqlite(self.file, words)
        else:
            scrub_postgresql(self._database, engine_tables(self._database, SCHEMA))

    def look(self, words: Sequence[str]) -> tuple[int, int]:
        """How many rows there are, and how many hold any of `words`: as text, within JSON, or in base64."""
        looked = found = 0
        folded = [word.casefold() for word in words]
        with self._connected() as connection:
            for table in self._tables(connection):
                for row in connection.execute(sa.select(table)):
                    looked += 1
                    content = "\n".join(_texts(row)).casefold()
                    found += any(word in content for word in folded)
        return looked, found

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        if self.file is None:
            with self._database.engine.begin() as connection:
                yield connection
            return
        if not self.file.exists():
            engine = sa.create_engine("sqlite://")
        else:
            engine = sa.create_engine(f"sqlite:///{self.file}", connect_args={"timeout": 15})
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
                yield connection
        finally:
            engine.dispose()

    def _tables(self, connection: sa.Connection) -> list[sa.Table]:
        """What tables there are is asked of the database: another version of the engine may have others."""
        schema = SCHEMA if self.file is None else None
        names = sa.inspect(connection).get_table_names(schema=schema)
        metadata = sa.MetaData(schema=schema)
        return [sa.Table(name, metadata, autoload_with=connection, resolve_fks=False) for name in sorted(names)]


def _texts(row: Any) -> Iterator[str]:
    for value in row:
        if isinstance(value, bytes):
            yield value.decode("utf-8", "replace")
        elif isinstance(value, str):
            yield value
            yield from _unwrapped(value)


def _unwrapped(value: str) -> Iterator[str]:
    """What a text holds inside JSON, whose escapes hide letters, and inside base64."""
    with suppress(ValueError):
        yield json.dumps(json.loads(value), ensure_ascii=False)
    with suppress(binascii.Error, ValueError):
        yield base64.b64decode(value, validate=True).decode("utf-8", "replace")
