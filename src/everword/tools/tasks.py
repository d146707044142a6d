"""The owner's tasks as tools: written, listed, changed, finished, deleted; those the owner wrote ask first."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.ids import TaskId
from everword.core.types import Effect, Label, Permit, Principal
from everword.memory.notes import task_store, tasks
from everword.memory.notes.tasks import Changed
from everword.memory.notes.types import Author, Task
from everword.storage.database import Database
from everword.tools import due
from everword.tools.errors import NothingHappened
from everword.tools.manifest import Arguments, Asked, Reach, Result, Tool
from everword.tools.naming import ID, ending, named, parameters

T = TypeVar("T")
_SHOWN = 100
_TITLE = {"type": "string", "minLength": 1, "maxLength": tasks.MOST_CHARACTERS}
TimeZone = Callable[[Principal], str]


def task_tools(database: Database, time_zone: TimeZone) -> list[Tool]:
    """What there is to do with tasks. `time_zone` is where somebody lives."""

    def write(connection: Connection, asked: Asked, arguments: Arguments, permit: Permit) -> Result:
        at = _due(asked.who, arguments)
        key = f"written:{permit.effect_id}"
        made = _tried(
            lambda: tasks.write(
                connection, asked.who, str(arguments["title"]), Author(permit.run_id), key, due=at or None
            )
        )
        return Result(f"Written: {_line(made)}", Label.TOOL, (made.entry_id,))

    def edit(connection: Connection, asked: Asked, arguments: Arguments, permit: Permit) -> Result:
        changed = Changed(arguments.get("title"), _due(asked.who, arguments))
        return _changed(connection, asked, arguments, permit, changed)

    def _due(who: Principal, arguments: Arguments) -> str | None:
        said = arguments.get("due")
        return None if said is None else _tried(lambda: due.read(str(said), time_zone(who), clock.now()))

    async def task_list(asked: Asked, arguments: Arguments) -> Result:
        return Result(await asyncio.to_thread(_listed, database, asked.who, bool(arguments.get("done"))))

    return [
        Tool(
            name="task_write",
            description="Write down something that the owner has to do, with the day it is due if there is one.",
            parameters=parameters(["title"], title=_TITLE, due=due.SCHEMA),
            effect=Effect.CREATE,
            reach=Reach.OWN,
            says=lambda arguments: f"Write down the task “{arguments['title']}”",
            write=write,
            is_reversible=True,
            examples=({"title": "Renew the passport", "due": "2026-12-24"},),
        ),
        Tool(
            name="task_list",
            description="List the owner's open tasks with their ids, or those that are done.",
            parameters=parameters([], done={"type": "boolean"}),
            effect=Effect.READ,
            reach=Reach.OWN,
            says=lambda _arguments: "List the tasks",
            read=task_list,
            examples=({},),
        ),
        Tool(
            name="task_edit",
            description="Change what a task says or when it is due. Its id is in the list.",
            parameters=parameters(["id"], id=ID, title=_TITLE, due=due.SCHEMA),
            effect=Effect.EDIT,
            reach=Reach.OWN,
            says=lambda arguments: f"Change the task {arguments['id']}",
            write=edit,
            is_own=_is_own,
            is_reversible=True,
            examples=({"id": "9f2c41d07ab3", "due": "tomorrow"},),
        ),
        Tool(
            name="task_finish",
            description="Mark a task as done. Its id is in the list.",
            parameters=parameters(id=ID),
            effect=Effect.EDIT,
            reach=Reach.OWN,
            says=lambda arguments: f"Mark the task {arguments['id']} as done",
            write=_finish,
            is_own=_is_own,
            is_reversible=True,
            examples=({"id": "9f2c41d07ab3"},),
        ),
        Tool(
            name="task_delete",
            description="Delete a task that is none any more. Its id is in the list.",
            parameters=parameters(id=ID),
            effect=Effect.DELETE,
            reach=Reach.OWN,
            says=lambda arguments: f"Delete the task {arguments['id']}",
            write=_delete,
            is_own=_is_own,
            examples=({"id": "9f2c41d07ab3"},),
        ),
    ]


def _tried(work: Callable[[], T]) -> T:
    """What `work` gives; what it refuses is told to the model. Raises NothingHappened."""
    try:
        return work()
    except EverwordError as error:
        raise NothingHappened(why=error.message) from error


def _listed(database: Database, who: Principal, is_done: bool) -> str:
    with database.reading(who) as connection:
        found = task_store.listed(connection, who, is_done=is_done, limit=_SHOWN)
    return "\n".join(map(_line, found)) or ("No task is done." if is_done else "No task is open.")


def _line(task: Task) -> str:
    when = f", due {task.due}" if task.due else ""
    done = f", done on {task.done_at:%d %B %Y}" if task.done_at else ""
    return f"{ending(task.id)}  {' '.join(task.title.split())}{when}{done}"


def _named(connection: Connection, who: Principal, arguments: Arguments) -> TaskId:
    return named(task_store.ids(connection, who), str(arguments["id"]), "task")


def _is_own(connection: Connection, who: Principal, arguments: Arguments) -> bool:
    """Whether the assistant wrote it; where there is none, nothing can happen to the owner's."""
    try:
        return task_store.get(connection, who, _named(connection, who, arguments)).is_assistants
    except NothingHappened:
        return True


def _changed(connection: Connection, asked: Asked, arguments: Arguments, permit: Permit, changed: Changed) -> Result:
    task_id = _named(connection, asked.who, arguments)
    made = _tried(lambda: tasks.change(connection, asked.who, task_id, changed, Author(permit.run_id)))
    return Result(f"Changed: {_line(made)}")


def _finish(connection: Connection, asked: Asked, arguments: Arguments, permit: Permit) -> Result:
    return _changed(connection, asked, arguments, permit, Changed(is_done=True))


def _delete(connection: Connection, asked: Asked, arguments: Arguments, _permit: Permit) -> Result:
    tasks.remove(connection, asked.who, _named(connection, asked.who, arguments))
    return Result("Deleted.")
