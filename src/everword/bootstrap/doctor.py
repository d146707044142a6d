"""The doctor: what is configured, what is wrong, and what to do about it."""

import shutil
import stat
import sys
from collections.abc import Iterator

from everword.core.errors import EverwordError
from everword.core.types import Principal
from everword.http.services import Check, Services
from everword.memory import store
from everword.memory.forgetting import store as forgetting_store
from everword.memory.forgetting.types import ForgettingState
from everword.models.local.types import EngineState
from everword.settings.environment import Settings
from everword.storage.database import Database
from everword.web.static import DIST
from everword.weights.catalogue import catalogue

_LITTLE_ROOM = 2 * 1024**3


def examine(settings: Settings, database: Database, services: Services | None) -> list[Check]:
    """All findings; `services` is what runs in this process, None where nothing does."""
    answers = _database(settings, database)
    forgettings = _forgettings(database) if answers.state == "ok" else ()
    checks = [*_folder(settings), answers, *forgettings, _door(settings), _ui()]
    if services is not None:
        checks += [_model(services), *_weights(services), _index(services), _engine(services)]
    return checks


def _folder(settings: Settings) -> Iterator[Check]:
    free = shutil.disk_usage(settings.home).free
    room = f"Everything is in {settings.home}; {free / 1e9:,.1f} GB are free there."
    if free < _LITTLE_ROOM:
        yield Check("folder", "warning", room, "Free some space, or set EVERWORD_HOME to a folder on a larger disk.")
    else:
        yield Check("folder", "ok", room)
    if sys.platform != "win32" and settings.home.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Check(
            "permissions", "warning", "Others on this machine can read the folder.", f"chmod 700 {settings.home}"
        )


def _database(settings: Settings, database: Database) -> Check:
    kind = "PostgreSQL" if settings.is_postgresql else "SQLite"
    try:
        database.check_role()
        with database.reading(Principal.system()) as connection:
            entries, _ = store.count(connection, Principal.system())
    except EverwordError as error:
        return Check("database", "problem", f"{kind}: {error.message}", "See docs/deploy.md, PostgreSQL.")
    return Check("database", "ok", f"{kind} answers; {entries:,} entries.")


def _forgettings(database: Database) -> Iterator[Check]:
    with database.reading(Principal.system()) as connection:
        failed = [
            each
            for each in forgetting_store.unfinished(connection, Principal.system())
            if each.state is ForgettingState.FAILED
        ]
    for each in failed:
        why = (each.error or "").partition("\n")[0]
        says = f"What was to be forgotten on {each.created_at:%Y-%m-%d at %H:%M} UTC is not all gone: {why}"
        yield Check("forgetting", "problem", says, "See Memory, Forget.")


def _door(settings: Settings) -> Check:
    if settings.host in {"127.0.0.1", "localhost", "::1"}:
        return Check("door", "ok", "The server listens on this machine only.")
    return Check("door", "ok", f"The server listens on {settings.host}; people reach it at {settings.public_url}.")


def _ui() -> Check:
    if (DIST / "index.html").exists():
        return Check("screens", "ok", "The screens are built.")
    return Check("screens", "problem", "The screens are not built.", "Run `make ui` in a clone of the project.")


def _model(services: Services) -> Check:
    status = services.gateway.local.engine.status()
    if status.state is EngineState.READY:
        return Check("local model", "ok", f"{status.model} runs on this machine.")
    if status.state is EngineState.FAILED:
        return Check(
            "local model", "problem", f"It does not run: {status.error}.", "Pick another model, or start anew."
        )
    return Check("local model", "warning", f"It is {status.state}.", "Wait a moment; see Connections and models.")


def _weights(services: Services) -> Iterator[Check]:
    for entry in catalogue():
        progress = services.fetcher.progress(entry)
        if progress.error is not None:
            yield Check("weights", "warning", progress.error, "See Connections and models.")


def _index(services: Services) -> Check:
    with services.database.reading(Principal.system()) as connection:
        behind = store.last_position(connection, Principal.system()) - services.indexer.position
    if behind <= 0:
        return Check("index", "ok", "Every entry can be found.")
    return Check("index", "warning", f"{behind:,} entries are not indexed yet.", "Wait; it catches up by itself.")


def _engine(services: Services) -> Check:
    if services.engine.is_ready:
        return Check("runs", "ok", "Runs are executed.")
    return Check("runs", "warning", "The engine for runs is starting.", "Wait a moment.")
