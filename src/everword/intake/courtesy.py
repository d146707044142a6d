"""When background work waits, so that a person does not."""

from datetime import timedelta

from everword.core import clock
from everword.core.types import Principal, Priority
from everword.runs import store as run_store
from everword.runs.types import RunState
from everword.storage.database import Database

_ASK_AGAIN_S = 0.1
_RECENT = timedelta(minutes=2)  # a run that takes longer is not what a person watches for the first word of
_READING = timedelta(seconds=20)  # who was answered just now reads, and asks on
_ASK_READER_AGAIN_S = 1.0
_PAUSE_SHARE = 0.5
_LONGEST_PAUSE_S = 0.5


def wait_for_person(database: Database) -> float:
    """Seconds to wait before asking again, because somebody waits for an answer; 0 where nobody does."""
    everyone = Principal.system()
    with database.reading(everyone) as connection:
        runs = run_store.listed(connection, everyone, states=[RunState.QUEUED, RunState.RUNNING], limit=50)
    since = clock.now() - _RECENT
    waits = any(run.priority is Priority.PERSON and run.created_at > since for run in runs)
    return _ASK_AGAIN_S if waits else 0.0


def wait_for_conversation(database: Database) -> float:
    """The same for work that can wait longer: also while somebody probably reads an answer and is about to ask on."""
    pause_s = wait_for_person(database)
    if pause_s:
        return pause_s
    everyone = Principal.system()
    with database.reading(everyone) as connection:
        runs = run_store.listed(connection, everyone, ended_after=clock.now() - _READING, limit=50)
    return _ASK_READER_AGAIN_S if any(run.priority is Priority.PERSON for run in runs) else 0.0


def pause_after(batch_s: float) -> float:
    """Seconds to leave the database alone after a batch that took `batch_s`.

    Who waits for SQLite's write lock asks for it every now and then, at most every 0.1 s: a writer that takes it again
    at once would starve them.
    """
    return min(batch_s * _PAUSE_SHARE, _LONGEST_PAUSE_S)
