"""Bring a database to the current schema, with a copy of a SQLite file made first."""

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from everword.core import clock
from everword.core.types import Principal
from everword.storage.database import Database
from everword.storage.errors import SchemaTooNew

if TYPE_CHECKING:
    from alembic.config import Config

_COPIES_KEPT = 3
HEAD = "0014"
"""The newest migration; a test holds it to be Alembic's."""


def config() -> "Config":
    """Alembic's configuration for our migrations; no ini file."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return settings


def migrate(database: Database, to: str = "head") -> Path | None:
    """Run the migrations that `database` has not seen. Returns the copy that was made before, if one was.

    A current database is left as it is. `to` stops at an earlier revision, for a backup's rows. All migrations of one
    call are one transaction: a crash leaves the database as it was. Raises SchemaTooNew when a later version wrote it.
    """
    found = _revision(database)
    if found == HEAD:
        return None
    from alembic import command  # only now: it costs a start that has nothing to migrate 0.2 s
    from alembic.script import ScriptDirectory

    settings = config()
    scripts = ScriptDirectory.from_config(settings)
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise SchemaTooNew(found=found)
    copy = copy_sqlite(database, found) if found is not None and database.is_sqlite else None
    with database.writing(Principal.system()) as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, to)
    return copy


def _revision(database: Database) -> str | None:
    """The migration that a database has reached; None for a new one."""
    with database.reading(Principal.system()) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def copy_sqlite(database: Database, revision: str) -> Path | None:
    """A consistent copy of the file beside it, made by SQLite itself; the newest few are kept."""
    if database.url.database in (None, "", ":memory:"):
        return None
    source = Path(str(database.url.database))
    folder = source.parent / "before-migration"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"{source.stem}-{revision}-{clock.now():%Y%m%dT%H%M%S}.db"
    with sqlite3.connect(source) as original, sqlite3.connect(target) as copy:
        original.backup(copy)
    target.chmod(0o600)
    for old in sorted(folder.glob("*.db"), key=lambda path: path.stat().st_mtime)[:-_COPIES_KEPT]:
        old.unlink()
    return target
