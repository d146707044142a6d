"""The database: its engine, and transactions that know who asks."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DataError, DBAPIError, OperationalError

from everword.core.errors import Invalid
from everword.core.ids import new_id
from everword.core.types import Principal
from everword.storage.errors import DatabaseBusy, DatabaseUnreachable, RoleTooPowerful, StorageFull

_SET_SPACES = text("SELECT set_config('everword.spaces', :spaces, true)")
_SQLITE_CACHE_KIB = 16_000
_SQLITE_BUSY_MS = 15_000


class Database:
    """An engine and its transactions. Safe to share between threads.

    `url` is a SQLAlchemy URL: `sqlite:////folder/everword.db` or `postgresql://user@host/name`.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed
        self.session = f"everword-{new_id()}"
        """The name under which its connections are seen by a PostgreSQL server."""
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._listeners: list[Callable[[], None]] = []
        self._writer = threading.Lock()
        self.engine = _sqlite_engine(parsed) if self.is_sqlite else _postgresql_engine(parsed, self.session)

    @contextmanager
    def reading(self, who: Principal) -> Iterator[Connection]:
        """One transaction for reading, with one consistent view on SQLite."""
        with self._transaction(who, "DEFERRED") as connection:
            yield connection

    @contextmanager
    def writing(self, who: Principal, *, is_heard: bool = True) -> Iterator[Connection]:
        """One transaction for writing: committed at the end, rolled back on any error.

        On SQLite it takes the write lock at once, so that it never fails half-way for want of it. What is not
        `is_heard` wakes no listener.
        """
        with self._turn_to_write(), self._transaction(who, "IMMEDIATE") as connection:
            yield connection
        for listener in self._listeners if is_heard else ():
            listener()

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each writing transaction of this process; it must be quick and not raise."""
        self._listeners.append(listener)

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """Wait for this process's other writers to SQLite.

        SQLite alone would look again after up to 0.1 s, and whoever writes much would always be there first.
        """
        has_turn = self.is_sqlite and self._writer.acquire(timeout=_SQLITE_BUSY_MS / 1000)
        try:
            yield
        finally:
            if has_turn:
                self._writer.release()

    @contextmanager
    def _transaction(self, who: Principal, mode: str) -> Iterator[Connection]:
        try:
            with self.engine.connect() as connection:
                connection.info["begin_mode"] = mode
                with connection.begin():
                    if not self.is_sqlite:
                        _set_row_security(connection, who)
                    yield connection
        except (OperationalError, DataError) as error:
            raise _ours(error) from error

    def check_role(self) -> None:
        """Refuse a PostgreSQL role for which row security does not hold. Raises RoleTooPowerful."""
        if self.is_sqlite:
            return
        with self.reading(Principal.system()) as connection:
            question = "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
            role, is_above = connection.execute(text(question)).one()
        if is_above:
            raise RoleTooPowerful(role=role)

    def close(self) -> None:
        """Close every connection. On SQLite the write-ahead log goes back into the file."""
        self.engine.dispose()


def _set_row_security(connection: Connection, who: Principal) -> None:
    """Tell PostgreSQL, for this transaction only, which spaces its rows may come from."""
    spaces = "all" if who.is_system else "{" + ",".join(sorted(who.spaces)) + "}"
    connection.execute(_SET_SPACES, {"spaces": spaces})


def _postgresql_engine(url: URL, session: str) -> Engine:
    return create_engine(url, pool_size=10, max_overflow=20, connect_args={"application_name": session})


def _sqlite_engine(url: Any) -> Engine:
    engine = create_engine(url, pool_size=16, max_overflow=32, connect_args={"timeout": _SQLITE_BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # a committed entry survives a power cut, not only a crash
            "foreign_keys=ON",
            "secure_delete=ON",
            f"busy_timeout={_SQLITE_BUSY_MS}",
            f"cache_size=-{_SQLITE_CACHE_KIB}",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.info.get('begin_mode', 'DEFERRED')}")

    return engine


def _ours(error: DBAPIError) -> Exception:
    """The error a person is told, for a database error; other errors stay as they are."""
    reason = str(error.orig)
    if "NUL (0x00)" in reason:
        return Invalid(why="The text holds a NUL character, which cannot be kept. Remove it and try again.")
    if "disk is full" in reason or "No space left" in reason or "disk I/O error" in reason:
        return StorageFull()
    if "database is locked" in reason:
        return DatabaseBusy(seconds=_SQLITE_BUSY_MS // 1000)
    if error.connection_invalidated or "connect" in reason or "could not" in reason or "unable to open" in reason:
        return DatabaseUnreachable(why=reason.splitlines()[0] if reason else "no reason given")
    return error
