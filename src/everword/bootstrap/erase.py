"""Deleting everything: the database's tables and the home folder, so that nothing of this installation is left."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from everword.accounts import store as accounts
from everword.bootstrap.folder import FolderLock
from everword.core.errors import EverwordError
from everword.core.types import Principal
from everword.http.control import find_server
from everword.memory import store
from everword.runs.engine_records import SCHEMA as ENGINE_SCHEMA
from everword.settings.environment import Settings
from everword.storage import backup_store
from everword.storage.backup.rows import is_empty
from everword.storage.database import Database
from everword.storage.drop import drop_tables
from everword.storage.errors import FolderInUse
from everword.storage.scrub import Held, held_by_server

_SYSTEM = Principal.system()
_LOCK = "everword.lock"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class NotAHome(EverwordError):
    """{folder} does not look like a folder of Everword's, so nothing in it was removed. Check EVERWORD_HOME."""

    code = "not_a_home"
    status = 409


@dataclass(frozen=True, slots=True)
class Extent:
    """What there is to delete, and what will be left elsewhere."""

    home: Path
    people: int
    entries: int
    backups: Sequence[str]


def extent(settings: Settings) -> Extent:
    """What deleting everything would delete. Raises NotAHome."""
    if not any((settings.home / name).exists() for name in (_LOCK, "vault.key", "everword.db")):
        raise NotAHome(folder=settings.home)
    database = Database(settings.database_url)
    try:
        if is_empty(database):
            return Extent(settings.home, 0, 0, ())
        with database.reading(_SYSTEM) as connection:
            backups = backup_store.made_since(connection, _SYSTEM, _LONG_AGO)
            people = accounts.count(connection, _SYSTEM)
            entries, _ = store.count(connection, _SYSTEM)
    finally:
        database.close()
    return Extent(settings.home, people, entries, tuple(backup.place for backup in backups))


def erase(settings: Settings) -> list[Held]:
    """Delete everything. May be done again after a crash in the middle. Returns what a database server holds beyond us.

    Raises FolderInUse where a server runs on this folder.
    """
    held: list[Held] = []
    server = find_server(settings.home)  # on PostgreSQL a server does not own the folder
    if server is not None and _is_alive(server.pid):
        raise FolderInUse(folder=settings.home, pid=server.pid)
    with FolderLock(settings.home):
        if settings.is_postgresql:
            database = Database(settings.database_url)
            drop_tables(database, ENGINE_SCHEMA)
            held = held_by_server(database)
            database.close()
        for path in settings.home.iterdir():
            if path.name != _LOCK:  # held until the end
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    (settings.home / _LOCK).unlink(missing_ok=True)
    return held


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
