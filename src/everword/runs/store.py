"""Runs' rows: the truth about every run."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import ConversationId, EntryId, PersonId, RunId, SegmentId, SpaceId, new_id
from everword.core.types import Principal, Priority
from everword.runs.types import Run, RunState, SegmentRow
from everword.storage.schema.runs import run, segment, transition
from everword.storage.scope import require_space, visible


def create(
    connection: Connection,
    who: Principal,
    *,
    space_id: SpaceId,
    person_id: PersonId,
    kind: str,
    priority: Priority,
    input: dict[str, Any],
    conversation_id: ConversationId | None,
    run_id: RunId | None = None,
) -> Run:
    """Write a run that is queued, with its first segment."""
    require_space(who, space_id)
    at = clock.now()
    values = {
        "id": run_id or new_id(),
        "space_id": space_id,
        "person_id": person_id,
        "kind": kind,
        "priority": priority.value,
        "state": RunState.QUEUED.value,
        "conversation_id": conversation_id,
        "input": input,
        "attempt": 0,
        "created_at": at,
    }
    made = _run(connection.execute(insert(run).values(values).returning(run)).one())
    row = {"id": new_id(), "space_id": space_id, "run_id": made.id, "number": 1, "created_at": at}
    connection.execute(insert(segment).values(row))
    return made


def get(connection: Connection, who: Principal, run_id: RunId) -> Run:
    """One run. Raises NotFound."""
    row = connection.execute(select(run).where(visible(run, who), run.c.id == run_id)).one_or_none()
    if row is None:
        raise NotFound(what="run")
    return _run(row)


def change(connection: Connection, who: Principal, run_id: RunId, values: dict[str, Any]) -> Run:
    """Set columns of a run. Raises NotFound."""
    statement = update(run).where(visible(run, who), run.c.id == run_id).values(values).returning(run)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(what="run")
    return _run(row)


def write_transition(connection: Connection, who: Principal, of: Run, to: RunState, cause: str) -> None:
    """Record that a run goes from its state to another, and why."""
    require_space(who, of.space_id)
    values = {"space_id": of.space_id, "run_id": of.id, "from_state": of.state.value, "to_state": to.value}
    connection.execute(insert(transition).values(id=new_id(), cause=cause[:300], at=clock.now(), **values))


def listed(
    connection: Connection,
    who: Principal,
    *,
    states: Collection[RunState] = (),
    ended_after: datetime | None = None,
    conversation_ids: Collection[ConversationId] = (),
    limit: int = 50,
) -> list[Run]:
    """Runs, newest first, narrowed by what is given."""
    query = select(run).where(visible(run, who))
    if states:
        query = query.where(run.c.state.in_([state.value for state in states]))
    if ended_after is not None:
        query = query.where(run.c.ended_at > ended_after)
    if conversation_ids:
        query = query.where(run.c.conversation_id.in_(conversation_ids))
    return list(map(_run, connection.execute(query.order_by(run.c.created_at.desc()).limit(limit))))


def last_of_conversation(connection: Connection, who: Principal, conversation_id: ConversationId) -> Run | None:
    """The newest run of a conversation."""
    query = select(run).where(visible(run, who), run.c.conversation_id == conversation_id)
    row = connection.execute(query.order_by(run.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _run(row)


def answering(connection: Connection, who: Principal, conversation_id: ConversationId, question_id: EntryId) -> Run:
    """The first run that was to answer a question. Raises NotFound."""
    query = select(run).where(visible(run, who), run.c.conversation_id == conversation_id).order_by(run.c.id)
    for found in map(_run, connection.execute(query)):
        if found.input.get("question_id") == question_id:
            return found
    raise NotFound(what="run")


def unfinished_segments(connection: Connection, who: Principal) -> list[SegmentRow]:
    """The open segments of runs that are queued or running, oldest first: what an executor should have."""
    open_states = [RunState.QUEUED.value, RunState.RUNNING.value]
    query = select(segment).join(run, run.c.id == segment.c.run_id)
    query = query.where(visible(segment, who), run.c.state.in_(open_states), segment.c.ended_at.is_(None))
    return [SegmentRow(**row) for row in connection.execute(query.order_by(segment.c.id)).mappings()]


def segment_of(connection: Connection, who: Principal, run_id: RunId) -> SegmentRow:
    """The newest segment of a run. Raises NotFound."""
    query = select(segment).where(visible(segment, who), segment.c.run_id == run_id)
    row = connection.execute(query.order_by(segment.c.number.desc()).limit(1)).mappings().one_or_none()
    if row is None:
        raise NotFound(what="run")
    return SegmentRow(**row)


def get_segment(connection: Connection, who: Principal, segment_id: SegmentId) -> SegmentRow:
    """One segment. Raises NotFound."""
    query = select(segment).where(visible(segment, who), segment.c.id == segment_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(what="segment")
    return SegmentRow(**row)


def end_segments(connection: Connection, who: Principal, run_id: RunId) -> None:
    """Close the open segments of a run."""
    where = (visible(segment, who), segment.c.run_id == run_id, segment.c.ended_at.is_(None))
    connection.execute(update(segment).where(*where).values(ended_at=clock.now()))


def count_by_state(connection: Connection, who: Principal) -> dict[RunState, int]:
    """How many runs there are in each state."""
    query = select(run.c.state, func.count()).where(visible(run, who)).group_by(run.c.state)
    return {RunState(state): int(number) for state, number in connection.execute(query)}


def _run(row: Row[Any]) -> Run:
    values = dict(row._mapping)
    values["priority"] = Priority(values["priority"])
    values["state"] = RunState(values["state"])
    return Run(**values)
