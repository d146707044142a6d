"""Leaving nothing of removed rows in the database's files: rewriting them on SQLite and on PostgreSQL."""

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from everword.core import clock
from everword.core.errors import EverwordError
from everword.storage.database import Database
from everword.storage.raw_words import holding

_SMALL_BYTES = 512 * 1024**2
_PATIENCE_S = 30.0
_RETRY_S = 0.1
_LOCK_MS = 3_000


class StorageBusy(EverwordError):
    """The database could not be rewritten, because something has been reading it for too long. It is tried again."""

    code = "storage_busy"
    status = 503


@dataclass(frozen=True, slots=True)
class Held:
    """What a database server still holds that we cannot reach: what, until when, and how its operator ends it."""

    what: str
    until: str
    how: str


def scrub_sqlite(file: Path, words: Collection[str]) -> None:
    """Empty the write-ahead log of a SQLite file into it, and write the file anew where that is needed.

    Removed content is overwritten as it goes (secure_delete). A file of up to 512 MB is written anew in any case; a
    larger one where any of `words` is left in it. Raises StorageBusy.
    """
    if not file.exists():
        return
    connection = sqlite3.connect(file, timeout=_PATIENCE_S, isolation_level=None)
    try:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA temp_store=FILE")  # what is written anew may be larger than memory
        _empty_log(connection)
        if file.stat().st_size <= _SMALL_BYTES or holding([file], words):
            connection.execute("VACUUM")
            _empty_log(connection)
    except sqlite3.OperationalError as error:
        raise StorageBusy from error
    finally:
        connection.close()


def _empty_log(connection: sqlite3.Connection) -> None:
    until = clock.monotonic() + _PATIENCE_S
    while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if clock.monotonic() > until:
            raise StorageBusy
        clock.sleep(_RETRY_S)


def remove_copies(database: Database, entry_ids: Collection[str]) -> int:
    """Remove the copies made before migrations that hold any of those entries. Returns how many."""
    if not database.is_sqlite:
        return 0
    copies = Path(str(database.url.database)).parent.glob("before-migration/*.db")
    holding = [path for path in copies if _holds(path, entry_ids)]
    for path in holding:
        path.unlink(missing_ok=True)
    return len(holding)


def _holds(copy: Path, entry_ids: Collection[str]) -> bool:
    connection = sqlite3.connect(f"file:{copy}?mode=ro&immutable=1", uri=True)
    try:
        query = "SELECT 1 FROM entry WHERE id = ?"
        return any(connection.execute(query, (UUID(each).bytes,)).fetchone() for each in entry_ids)
    except sqlite3.DatabaseError:
        return True  # it cannot be read, so it cannot be said to hold nothing
    finally:
        connection.close()


def scrub_postgresql(database: Database, tables: Sequence[str]) -> None:
    """Write tables anew with their indexes, so that no version of a removed row is left in their files.

    Waits for transactions that could still see removed rows. Raises StorageBusy.
    """
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        _wait_for_readers(connection)
        connection.execute(text(f"SET lock_timeout = {_LOCK_MS}"))
        try:
            for table in tables:
                _rewrite(connection, table)
        finally:
            connection.execute(text("RESET lock_timeout"))


def held_by_server(database: Database) -> list[Held]:
    """What a PostgreSQL server holds beyond our tables, after its write-ahead log was cycled where the role may."""
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    is_cycled = _cycle(engine)
    with engine.connect() as connection:
        return _held(connection, is_cycled)


def engine_tables(database: Database, schema: str) -> list[str]:
    """The tables of a schema that the role may rewrite, with their schema."""
    query = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = :schema ORDER BY tablename"
    with database.engine.connect() as connection:
        return list(connection.execute(text(query), {"schema": schema}).scalars())


def _wait_for_readers(connection: Connection) -> None:
    """Until no transaction is older than now: an older one would keep removed rows alive through the rewriting."""
    query = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < :now
    """
    now = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    until = clock.monotonic() + _PATIENCE_S
    while connection.execute(text(query), {"now": now}).scalar_one():
        if clock.monotonic() > until:
            raise StorageBusy
        clock.sleep(_RETRY_S)


def _rewrite(connection: Connection, table: str) -> None:
    until = clock.monotonic() + _PATIENCE_S
    while True:
        try:
            connection.execute(text(f"VACUUM (FULL) {table}"))
        except DBAPIError as error:
            if clock.monotonic() > until:
                raise StorageBusy from error
            clock.sleep(_RETRY_S)
        else:
            return


def _cycle(engine: Engine) -> bool:
    """Finish the write-ahead log's segment and let the server write everything down; whether the role may."""
    for statement in ("SELECT pg_switch_wal()", "CHECKPOINT"):
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        except DBAPIError:
            return False
    return True


def _held(connection: Connection, is_cycled: bool) -> list[Held]:
    settings: dict[str, str] = dict(
        connection.execute(
            text(
                "SELECT name, setting FROM pg_settings WHERE name IN ('wal_recycle', 'archive_mode', 'log_statement', "
                "'log_min_duration_statement', 'wal_level')"
            )
        ).all()
    )
    held = []
    if not is_cycled or settings.get("wal_recycle") == "on":
        held.append(
            Held(
                "the server's write-ahead log",
                "its segments are written over, or removed",
                "As a superuser: ALTER SYSTEM SET wal_recycle = off; SELECT pg_reload_conf(); SELECT pg_switch_wal(); "
                "CHECKPOINT; then once more pg_switch_wal() and CHECKPOINT.",
            )
        )
    if settings.get("archive_mode", "off") != "off":
        held.append(Held("the server's log archive", "you remove it", "Remove archived segments up to this time."))
    if settings.get("log_statement") in {"mod", "all"} or int(settings.get("log_min_duration_statement") or -1) >= 0:
        held.append(Held("the server's log", "you remove it", "Statements are logged with their values: rotate it."))
    held.append(
        Held("replicas and base backups of the server, if there are any", "you renew them", "Take new base backups.")
    )
    return held
