"""Making a backup while everything runs, and restoring one into an empty home, without what was forgotten since."""

import json
import os
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from everword.accounts.types import INSTALLATION_SPACE
from everword.bootstrap.folder import FolderLock, prepare
from everword.bootstrap.forgetting import forget_restored
from everword.core import clock
from everword.core.types import Principal
from everword.runs import service
from everword.runs import store as run_store
from everword.runs.types import RunState
from everword.settings.environment import Settings
from everword.storage import backup_store
from everword.storage.backup import forgotten_list, rows, sealing
from everword.storage.backup.errors import BackupDamaged, NotEmpty
from everword.storage.database import Database
from everword.storage.migrate import HEAD, migrate
from everword.vault.key import FILE_NAME as VAULT_KEY

_SYSTEM = Principal.system()
VERSION = 1
_MOST_RUNS = 1_000_000


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of a restore: rows written, entries left out because they were forgotten after the backup."""

    created_at: datetime
    rows: int
    forgotten: int


def back_up(settings: Settings, path: Path, recovery_key: str, keep_days: int | None = None) -> int:
    """Write a backup of one moment to `path`, whole or not at all, and record it. Returns its size in bytes.

    Needs no server and disturbs none: it reads in one transaction of its own.
    """
    database = Database(settings.database_url)
    at = clock.now()
    draft = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for piece in sealing.seal(recovery_key, _packed(rows.as_bytes(_lines(settings, database, at)))):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        size = path.stat().st_size
        expires_at = None if keep_days is None else at + timedelta(days=keep_days)
        with database.writing(_SYSTEM) as connection:
            place = str(path.resolve())
            backup_store.add(connection, _SYSTEM, INSTALLATION_SPACE, place, size, at, expires_at)
    finally:
        draft.unlink(missing_ok=True)
        database.close()
    return size


def restore(settings: Settings, path: Path, recovery_key: str, lists: Collection[Path] = ()) -> Restored:
    """Restore a backup into an empty home and database, then forget what was forgotten after it was made.

    `lists` name more lists of forgotten entries than the one beside the backup. Raises NotEmpty, NotABackup,
    WrongRecoveryKey, BackupDamaged; then the home is as it was.
    """
    prepare(settings.home)
    with FolderLock(settings.home):
        database = Database(settings.database_url)
        try:
            if not rows.is_empty(database):
                raise NotEmpty(place=settings.home, variable="EVERWORD_HOME or EVERWORD_DATABASE_URL")
            forgotten = {each for file in (forgotten_list.beside(path), *lists) for each in forgotten_list.read(file)}
            with path.open("rb") as file:
                lines = _unpacked(sealing.unseal(recovery_key, file, path))
                about = next(lines, {})
                if about.get("everword") != VERSION or about.get("schema", "") > HEAD:
                    raise BackupDamaged
                migrate(database, to=about["schema"])
                rows.clear(database)
                count = rows.load(database, lines)
            _put_vault_key(settings, about)
            migrate(database)
            left_out = forget_restored(database, forgotten)
            _end_open_runs(database)
        finally:
            database.close()
    return Restored(datetime.fromisoformat(about["created_at"]), count, left_out)


def _lines(settings: Settings, database: Database, at: datetime) -> Iterator[rows.Line]:
    key = settings.home / VAULT_KEY
    yield {
        "everword": VERSION,
        "created_at": at.isoformat(),
        "schema": HEAD,
        "vault_key": key.read_text(encoding="ascii") if key.exists() and not settings.vault_key else None,
    }
    yield from rows.dump(database)


def _put_vault_key(settings: Settings, about: dict[str, Any]) -> None:
    """The key that the backup's secrets are sealed with, unless the environment gives it."""
    key = settings.home / VAULT_KEY
    if about.get("vault_key") and not settings.vault_key:
        key.unlink(missing_ok=True)
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(about["vault_key"])


def _end_open_runs(database: Database) -> None:
    """What was under way when the backup was made may have happened since: nobody knows, so nothing is repeated."""
    open_states = [RunState.QUEUED, RunState.RUNNING, RunState.WAITING]
    with database.writing(_SYSTEM) as connection:
        for run in run_store.listed(connection, _SYSTEM, states=open_states, limit=_MOST_RUNS):
            service.finish(connection, _SYSTEM, run.id, RunState.UNKNOWN, cause="restored from a backup")


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packing = zlib.compressobj(6)
    for piece in pieces:
        yield packing.compress(piece)
    yield packing.flush()


def _unpacked(pieces: Iterable[bytes]) -> Iterator[rows.Line]:
    unpacking = zlib.decompressobj()
    waiting = b""
    try:
        for piece in pieces:
            waiting += unpacking.decompress(piece)
            *whole, waiting = waiting.split(b"\n")
            yield from map(json.loads, whole)
        if waiting or not unpacking.eof:
            raise BackupDamaged
    except (zlib.error, ValueError) as error:
        raise BackupDamaged from error
