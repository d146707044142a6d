"""Tasks' rows, each with its title."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import EntryId, RunId, SpaceId, TaskId, new_id
from everword.core.types import Label, Principal
from everword.memory.notes.types import Task
from everword.storage.schema.ledger import entry
from everword.storage.schema.notes import task
from everword.storage.scope import require_space, visible
from everword.storage.upsert import insert_if_new


def create(
    connection: Connection,
    who: Principal,
    space_id: SpaceId,
    entry_id: EntryId,
    *,
    due: str | None,
    source_entry_id: EntryId | None,
    run_id: RunId | None,
) -> TaskId:
    """Write a task that is open, whose title is there."""
    at = clock.now()
    values = {
        "id": new_id(),
        "space_id": require_space(who, space_id),
        "entry_id": entry_id,
        "source_entry_id": source_entry_id,
        "run_id": run_id,
        "due": due,
        "created_at": at,
        "updated_at": at,
    }
    return TaskId(connection.execute(insert(task).values(values).returning(task.c.id)).scalar_one())


def get(connection: Connection, who: Principal, task_id: TaskId) -> Task:
    """One task. Raises NotFound."""
    row = connection.execute(_tasks(who).where(task.c.id == task_id)).one_or_none()
    if row is None:
        raise NotFound(what="task")
    return _task(row)


def of_entries(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> Task | None:
    """The task whose title is one of those entries, if there is one."""
    row = connection.execute(_tasks(who).where(task.c.entry_id.in_(entry_ids)).limit(1)).one_or_none()
    return None if row is None else _task(row)


def listed(connection: Connection, who: Principal, *, is_done: bool, limit: int) -> list[Task]:
    """Open tasks, what is due first first; or those that are done, what was done last first."""
    query = _tasks(who, by_space=True).where(_done(is_done=is_done))
    order = (task.c.done_at.desc(),) if is_done else (task.c.due.is_(None), task.c.due)
    return list(map(_task, connection.execute(query.order_by(*order, task.c.created_at, task.c.id).limit(limit))))


def ids(connection: Connection, who: Principal) -> list[TaskId]:
    """The ids of all tasks."""
    query = select(task.c.id).where(visible(task, who, by_space=True))
    return [TaskId(key) for key in connection.execute(query).scalars()]


def page(connection: Connection, who: Principal, after: TaskId | None, limit: int) -> list[Task]:
    """All tasks in the order of their ids, from behind `after`: what an export needs."""
    query = _tasks(who) if after is None else _tasks(who).where(task.c.id > after)
    return list(map(_task, connection.execute(query.order_by(task.c.id).limit(limit))))


def restore(connection: Connection, who: Principal, kept: Task) -> bool:
    """Write a task whole, as it was elsewhere; its words are there. False where its id is taken."""
    require_space(who, kept.space_id)
    values = {name: value for name, value in asdict(kept).items() if name in task.c}
    statement = insert_if_new(connection, task).values(**values).returning(task.c.id)
    return connection.execute(statement).one_or_none() is not None


def count(connection: Connection, who: Principal, *, is_done: bool) -> int:
    """How many tasks are open, or done."""
    query = select(func.count()).select_from(task).where(visible(task, who, by_space=True), _done(is_done=is_done))
    return int(connection.execute(query).scalar_one())


def change(connection: Connection, who: Principal, task_id: TaskId, values: dict[str, Any]) -> None:
    """Set columns of a task. Raises NotFound."""
    statement = update(task).where(visible(task, who), task.c.id == task_id)
    if not connection.execute(statement.values(**values, updated_at=clock.now())).rowcount:
        raise NotFound(what="task")


def remove(connection: Connection, who: Principal, task_id: TaskId) -> None:
    """Delete a task. Raises NotFound."""
    if not connection.execute(delete(task).where(visible(task, who), task.c.id == task_id)).rowcount:
        raise NotFound(what="task")


def _done(*, is_done: bool) -> ColumnElement[bool]:
    return task.c.done_at.is_not(None) if is_done else task.c.done_at.is_(None)


def _tasks(who: Principal, *, by_space: bool = False) -> Select[Any]:
    query = select(task, entry.c.text.label("title"), entry.c.label).join(entry, entry.c.id == task.c.entry_id)
    return query.where(visible(task, who, by_space=by_space), visible(entry, who))


def _task(row: Row[Any]) -> Task:
    values = dict(row._mapping)
    return Task(**values | {"label": Label(values["label"])})
