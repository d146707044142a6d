"""What an export says of notes, tasks and decided promises: a line each, and two pages of Markdown to read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from everword.core.ids import EntryId
from everword.core.types import Principal
from everword.intake.paging import all_of
from everword.memory import store
from everword.memory.facts import promise_store
from everword.memory.facts.types import Promise
from everword.memory.notes import note_store, task_store
from everword.memory.notes.types import Note, Task
from everword.storage.database import Database


def lines(database: Database, who: Principal) -> Iterator[dict[str, Any]]:
    """Every note and task, and every promise that was decided about."""
    for note in all_of(database, who, note_store.page):
        yield _note(note, _source(database, who, note.entry_id))
    for task in all_of(database, who, task_store.page):
        yield _task(task, _source(database, who, task.entry_id))
    with database.reading(who) as connection:
        decided = promise_store.decided(connection, who, who.own_space)
    for promise in decided:
        yield _promise(promise, _source(database, who, promise.entry_id))


def pages(database: Database, who: Principal) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Notes and tasks as Markdown, for people to read; none of what there is none of."""
    with database.reading(who) as connection:
        has_notes = bool(note_store.page(connection, who, None, 1))
        has_tasks = bool(task_store.page(connection, who, None, 1))
    if has_notes:
        yield "notes.md", _notes_page(database, who)
    if has_tasks:
        yield "tasks.md", _tasks_page(database, who)


def _notes_page(database: Database, who: Principal) -> Iterator[bytes]:
    yield b"# Notes\n"
    for note in all_of(database, who, note_store.page):
        yield f"\n## {note.created_at:%Y-%m-%d %H:%M} UTC\n\n{note.text}\n".encode()


def _tasks_page(database: Database, who: Principal) -> Iterator[bytes]:
    """A list with boxes: what is open, then what is done."""
    yield b"# Tasks\n\n"
    for is_done in (False, True):
        for task in all_of(database, who, task_store.page):
            if (task.done_at is not None) is is_done:
                yield f"{_box(task)}\n".encode()


def _box(task: Task) -> str:
    title = " ".join(task.title.split())
    due = f" (due {task.due})" if task.due else ""
    return f"- [ ] {title}{due}" if task.done_at is None else f"- [x] {title}{due}, done {task.done_at:%Y-%m-%d}"


def _source(database: Database, who: Principal, entry_id: EntryId) -> str:
    with database.reading(who) as connection:
        return store.get(connection, who, entry_id).source


def _note(note: Note, source: str) -> dict[str, Any]:
    return {
        "type": "note",
        "id": note.id,
        "entry": note.entry_id,
        "source": source,
        "run": note.run_id,
        "created_at": iso(note.created_at),
        "updated_at": iso(note.updated_at),
    }


def _task(task: Task, source: str) -> dict[str, Any]:
    return {
        "type": "task",
        "id": task.id,
        "entry": task.entry_id,
        "source": source,
        "cause": task.source_entry_id,
        "run": task.run_id,
        "due": task.due,
        "done_at": iso(task.done_at),
        "created_at": iso(task.created_at),
        "updated_at": iso(task.updated_at),
    }


def _promise(promise: Promise, source: str) -> dict[str, Any]:
    return {
        "type": "promise",
        "entry": promise.entry_id,
        "source": source,
        "start": promise.start,
        "end": promise.end,
        "action": promise.action,
        "state": promise.state.value,
        "said_at": iso(promise.said_at),
        "decided_at": iso(promise.decided_at),
        "due_at": iso(promise.due.at) if promise.due else None,
        "due_precision": promise.due.precision.value if promise.due else None,
    }


def iso(instant: datetime | None) -> str | None:
    """An instant as every line has it."""
    return instant.isoformat().replace("+00:00", "Z") if instant is not None else None
