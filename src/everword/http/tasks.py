"""Tasks: what you have to do, written down by you or by the assistant."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from everword.core import clock
from everword.core.ids import EntryId, TaskId
from everword.core.types import Principal
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.notes import By, ClientId, Limit, written_by
from everword.http.services import Services, services_of
from everword.memory.notes import task_store, tasks
from everword.memory.notes.tasks import Changed
from everword.memory.notes.types import OWNER, Task
from everword.tools import due

router = APIRouter(prefix="/api/tasks", tags=["tasks"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
Title = Annotated[str, Field(min_length=1, max_length=tasks.MOST_CHARACTERS)]
Due = Annotated[str | None, Field(max_length=60, description="“2026-12-24”, a time with its zone, or “on Friday at 9”")]
State = Literal["open", "done"]


class TaskWanted(BaseModel):
    """A task to be written. `source_entry_id`: the entry it comes from."""

    title: Title
    client_id: ClientId
    due: Due = None
    source_entry_id: Identifier | None = None


class TaskChange(BaseModel):
    """What of a task is to be another; what is left out stays as it is, and an empty `due` takes it away."""

    title: Title | None = None
    due: Due = None
    is_done: bool | None = None


class TaskShape(BaseModel):
    """One task. `due` is a day ("2026-12-24") or an instant; `run_id` the run that wrote it first."""

    id: str
    title: str
    by: By
    state: State
    due: str | None
    is_overdue: bool
    run_id: str | None
    source_entry_id: str | None
    entry_id: str
    done_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def of(task: Task, time_zone: str) -> "TaskShape":
        return TaskShape(
            id=task.id,
            title=task.title,
            by=written_by(task.label),
            state="open" if task.done_at is None else "done",
            due=task.due,
            is_overdue=task.is_overdue(clock.now(), time_zone),
            run_id=task.run_id,
            source_entry_id=task.source_entry_id,
            entry_id=task.entry_id,
            done_at=task.done_at,
            created_at=task.created_at,
            updated_at=task.updated_at,
        )


class TasksShape(BaseModel):
    """Tasks; `count` is how many there are in that state."""

    tasks: list[TaskShape]
    count: int


@router.get("")
def listed(who: Who, house: House, state: State = "open", limit: Limit = 200) -> TasksShape:
    """Open tasks, what is due first first; or those that are done, what was done last first."""
    zone = _zone(house, who)
    with house.database.reading(who) as connection:
        found = task_store.listed(connection, who, is_done=state == "done", limit=limit)
        count = task_store.count(connection, who, is_done=state == "done")
    return TasksShape(tasks=[TaskShape.of(task, zone) for task in found], count=count)


@router.post("", status_code=201)
def write(who: Who, house: House, wanted: TaskWanted) -> TaskShape:
    """Write a task. Sent twice with the same `client_id` it is written once."""
    zone = _zone(house, who)
    at = due.read(wanted.due, zone, clock.now()) if wanted.due else None
    source = None if wanted.source_entry_id is None else EntryId(wanted.source_entry_id)
    key = f"client:{wanted.client_id}"
    with house.database.writing(who) as connection:
        made = tasks.write(connection, who, wanted.title, OWNER, key, due=at, source_entry_id=source)
    return TaskShape.of(made, zone)


@router.patch("/{task_id}")
def change(who: Who, house: House, task_id: Identifier, wanted: TaskChange) -> TaskShape:
    """Change a task, finish it, or open it again."""
    zone = _zone(house, who)
    at = due.read(wanted.due, zone, clock.now()) if wanted.due else wanted.due
    with house.database.writing(who) as connection:
        made = tasks.change(connection, who, TaskId(task_id), Changed(wanted.title, at, wanted.is_done), OWNER)
    return TaskShape.of(made, zone)


@router.delete("/{task_id}", status_code=204)
def remove(who: Who, house: House, task_id: Identifier) -> None:
    """Delete a task. Its title stays in Memory until it is forgotten."""
    with house.database.writing(who) as connection:
        tasks.remove(connection, who, TaskId(task_id))


def _zone(house: Services, who: Principal) -> str:
    return str(house.preferences.read_all(who).get("time_zone") or "UTC")
