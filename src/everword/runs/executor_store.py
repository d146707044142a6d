"""Executors' rows: the processes that execute runs. Each beats; whose beats stay away is taken for dead."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from everword.core import clock
from everword.core.ids import ExecutorId, SegmentId, SpaceId, new_id
from everword.core.types import Principal
from everword.storage.schema.runs import executor, segment
from everword.storage.scope import require_space, visible


@dataclass(frozen=True, slots=True)
class Executor:
    """A process that executes runs. `session` names its connections to the database."""

    id: ExecutorId
    session: str
    beats: int


def join(connection: Connection, who: Principal, space_id: SpaceId, session: str) -> ExecutorId:
    """Write a process's row."""
    executor_id = ExecutorId(new_id())
    row = {"id": executor_id, "space_id": require_space(who, space_id), "session": session}
    connection.execute(insert(executor).values(row | {"beats": 0, "joined_at": clock.now()}))
    return executor_id


def beat(connection: Connection, who: Principal, executor_id: ExecutorId) -> bool:
    """Say that a process lives; False where it was taken for dead."""
    where = (visible(executor, who), executor.c.id == executor_id)
    return connection.execute(update(executor).where(*where).values(beats=executor.c.beats + 1)).rowcount == 1


def listed(connection: Connection, who: Principal) -> list[Executor]:
    """All of them, the one that joined first before the others."""
    query = select(executor.c.id, executor.c.session, executor.c.beats).where(visible(executor, who))
    return [Executor(**row) for row in connection.execute(query.order_by(executor.c.id)).mappings()]


def bury(connection: Connection, who: Principal, dead: ExecutorId, heir: ExecutorId | None) -> list[SegmentId]:
    """Remove a process's row, and give the segments that it held to `heir`, or to nobody; which they were.

    Several may try at once: each segment goes to one of them.
    """
    held = (visible(segment, who), segment.c.executor == dead, segment.c.ended_at.is_(None))
    statement = update(segment).where(*held).values(executor=heir).returning(segment.c.id)
    inherited = list(map(SegmentId, connection.execute(statement).scalars()))
    connection.execute(delete(executor).where(visible(executor, who), executor.c.id == dead))
    return inherited
