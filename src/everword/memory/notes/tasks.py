"""Tasks: written, changed, finished and deleted, each in the caller's transaction."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from everword.core import clock
from everword.core.errors import Conflict, Invalid
from everword.core.ids import EntryId, TaskId
from everword.core.types import Principal
from everword.memory import store
from everword.memory.notes import task_store, words
from everword.memory.notes.types import TASK_CHANGED, Author, Task, checked_due
from everword.storage import events

SOURCE = "task"
MOST_CHARACTERS = 1_000
_MOST_OPEN = 5_000


@dataclass(frozen=True, slots=True)
class Changed:
    """What of a task is to be another; None stays as it is, and an empty `due` takes it away."""

    title: str | None = None
    due: str | None = None
    is_done: bool | None = None


def write(
    connection: Connection,
    who: Principal,
    title: str,
    by: Author,
    key: str,
    *,
    due: str | None = None,
    source_entry_id: EntryId | None = None,
) -> Task:
    """Write a task, once for each `key`. `due` is a day or an instant with its zone.

    Raises Invalid, TooLarge; NotFound for an entry that is not there; Conflict where it was deleted since.
    """
    words.check(title, "The task", MOST_CHARACTERS)
    kept = _due(due)
    events.hold_order(connection)
    versions = words.versions(connection, who, SOURCE, key)
    known = task_store.of_entries(connection, who, versions)
    if known is not None:
        return known
    if versions:
        raise Conflict(why="This task was written before, and has been deleted since.")
    if task_store.count(connection, who, is_done=False) >= _MOST_OPEN:
        raise Conflict(why=f"{_MOST_OPEN:,} tasks are open already. Finish or delete some first.")
    if source_entry_id is not None:
        store.get(connection, who, source_entry_id)
    entry = words.write(connection, who, SOURCE, title, by, key)
    task_id = task_store.create(
        connection, who, who.own_space, entry.id, due=kept, source_entry_id=source_entry_id, run_id=by.run_id
    )
    return _told(connection, who, task_id)


def change(connection: Connection, who: Principal, task_id: TaskId, changed: Changed, by: Author) -> Task:
    """Change, finish or open again. Raises NotFound, Invalid, TooLarge."""
    old = task_store.get(connection, who, task_id)
    values: dict[str, Any] = {}
    if changed.due is not None:
        values["due"] = _due(changed.due)
    if changed.title is not None:
        words.check(changed.title, "The task", MOST_CHARACTERS)
        values["entry_id"] = words.rewrite(connection, who, old.entry_id, changed.title, by).id
    if changed.is_done is not None and changed.is_done != (old.done_at is not None):
        values["done_at"] = clock.now() if changed.is_done else None
    if values:
        task_store.change(connection, who, task_id, values)
    return _told(connection, who, task_id)


def remove(connection: Connection, who: Principal, task_id: TaskId) -> None:
    """Delete a task. Its title stays in the ledger until it is forgotten. Raises NotFound."""
    old = task_store.get(connection, who, task_id)
    task_store.remove(connection, who, task_id)
    events.append(connection, who, old.space_id, TASK_CHANGED, {"task_id": task_id})


def _due(due: str | None) -> str | None:
    if not due:
        return None
    try:
        return checked_due(due)
    except ValueError as error:
        raise Invalid(why=f"{due[:60]!r} is neither a day (2026-12-24) nor a time with its zone.") from error


def _told(connection: Connection, who: Principal, task_id: TaskId) -> Task:
    task = task_store.get(connection, who, task_id)
    events.append(connection, who, task.space_id, TASK_CHANGED, {"task_id": task_id})
    return task
