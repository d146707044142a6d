"""Runs' rows: the truth about every run."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, insert, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import ConversationId, EntryId, ExecutorId, PersonId, RunId, SegmentId, SpaceId, new_id
from everword.core.types import Principal, Priority
from everword.runs.types import Claim, Run, RunState, SegmentRow, Transition
from everword.storage.schema.runs import run, segment, transition
from everword.storage.scope import Prepared, require_space, visible

_GET = Prepared(lambda seen: select(run).where(seen(run), run.c.id == bindparam("of")))
_HOLD = Prepared(lambda seen: select(run).where(seen(run), run.c.id == bindparam("of")).with_for_update())
_CHANGE = Prepared(lambda seen: update(run).where(seen(run), run.c.id == bindparam("of")).returning(run))
_GET_SEGMENT = Prepared(lambda seen: select(segment).where(seen(segment), segment.c.id == bindparam("of")))
_HOLDER = Prepared(lambda seen: select(segment.c.executor).where(seen(segment), segment.c.id == bindparam("of")))
_CHANGE_SEGMENT = Prepared(lambda seen: update(segment).where(seen(segment), segment.c.id == bindparam("of")))
_END_SEGMENTS = Prepared(
    lambda seen: update(segment).where(seen(segment), segment.c.run_id == bindparam("of"), segment.c.ended_at.is_(None))
)
_WRITE_RUN, _WRITE_SEGMENT, _WRITE_TRANSITION = insert(run).returning(run), insert(segment), insert(transition)

GAVE_UP = (RunState.CANCELLED, RunState.FAILED, RunState.EXPIRED)
"""States of a run that will not read what its children bring."""


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
    parent_id: RunId | None = None,
) -> Run:
    """Write a run that is queued, with its first segment."""
    require_space(who, space_id)
    at = clock.now()
    values = {
        "id": new_id(),
        "space_id": space_id,
        "person_id": person_id,
        "kind": kind,
        "priority": priority.value,
        "state": RunState.QUEUED.value,
        "conversation_id": conversation_id,
        "input": input,
        "attempt": 0,
        "parent_id": parent_id,
        "created_at": at,
    }
    made = _run(connection.execute(_WRITE_RUN, values).one())
    _write_segment(connection, made, 1)
    return made


def add_segment(connection: Connection, who: Principal, of: Run) -> None:
    """Write the next segment of a run: the stretch until it is done or must wait."""
    require_space(who, of.space_id)
    query = select(func.max(segment.c.number)).where(visible(segment, who), segment.c.run_id == of.id)
    _write_segment(connection, of, (connection.execute(query).scalar() or 0) + 1)


def _write_segment(connection: Connection, of: Run, number: int) -> None:
    row = {"id": new_id(), "space_id": of.space_id, "run_id": of.id, "number": number, "created_at": clock.now()}
    connection.execute(_WRITE_SEGMENT, row)


def due(
    connection: Connection, who: Principal, now: datetime, *, but_for: str | None = None, limit: int = 100
) -> list[Run]:
    """The runs whose time has come, or for which another has ended; those that wait `but_for` this are left out."""
    waits = [visible(run, who), run.c.state == RunState.WAITING.value]
    if but_for is not None:
        waits.append(run.c.waiting_for != but_for)
    timed = select(run).where(*waits, run.c.wakes_at <= now).order_by(run.c.wakes_at)
    other = run.alias("other")
    watching = select(run).outerjoin(other, other.c.id == run.c.waits_for_id)
    is_over = other.c.id.is_(None) | ~_is_open(other.c.state)
    watching = watching.where(*waits, run.c.waits_for_id.is_not(None), is_over)
    return [_run(row) for query in (timed, watching) for row in connection.execute(query.limit(limit))]


def children(connection: Connection, who: Principal, parent_ids: Collection[RunId]) -> list[Run]:
    """The runs that those runs have started, the oldest first."""
    query = select(run).where(visible(run, who), run.c.parent_id.in_(parent_ids))
    return list(map(_run, connection.execute(query.order_by(run.c.id))))


def orphans(connection: Connection, who: Principal, limit: int = 100) -> list[Run]:
    """The open runs, not asked to stop yet, whose parent has ended without having got what they were started for."""
    parent = run.alias("parent")
    query = select(run).join(parent, parent.c.id == run.c.parent_id)
    query = query.where(visible(run, who), run.c.parent_id.is_not(None), _is_open(run.c.state))
    query = query.where(run.c.stop_requested_at.is_(None), parent.c.state.in_([each.value for each in GAVE_UP]))
    return list(map(_run, connection.execute(query.limit(limit))))


def get(connection: Connection, who: Principal, run_id: RunId, *, hold: bool = False) -> Run:
    """One run. Raises NotFound. With `hold` nobody else changes it until the transaction ends."""
    row = (_HOLD if hold else _GET)(connection, who, of=run_id).one_or_none()
    if row is None:
        raise NotFound(what="run")
    return _run(row)


def change(connection: Connection, who: Principal, run_id: RunId, values: dict[str, Any]) -> Run:
    """Set columns of a run. Raises NotFound."""
    row = _CHANGE(connection, who, of=run_id, **values).one_or_none()
    if row is None:
        raise NotFound(what="run")
    return _run(row)


def transitions(connection: Connection, who: Principal, run_id: RunId) -> list[Transition]:
    """How a run came to its state, in order."""
    query = select(transition).where(visible(transition, who), transition.c.run_id == run_id).order_by(transition.c.id)
    return [
        Transition(row.at, RunState(row.from_state) if row.from_state else None, RunState(row.to_state), row.cause)
        for row in connection.execute(query)
    ]


def working_seconds(connection: Connection, who: Principal, run_ids: Collection[RunId]) -> dict[RunId, float]:
    """How long runs were executed, now included for those that are; not how long they waited."""
    query = select(transition).where(visible(transition, who), transition.c.run_id.in_(run_ids))
    since: dict[str, datetime] = {}
    spent: dict[RunId, float] = {}
    for row in connection.execute(query.order_by(transition.c.id)):
        if row.run_id in since:
            spent[row.run_id] = spent.get(row.run_id, 0.0) + (row.at - since.pop(row.run_id)).total_seconds()
        if row.to_state == RunState.RUNNING.value:
            since[row.run_id] = row.at
    for run_id, at in since.items():
        spent[RunId(run_id)] = spent.get(RunId(run_id), 0.0) + (clock.now() - at).total_seconds()
    return spent


def write_transition(connection: Connection, who: Principal, of: Run, to: RunState, cause: str) -> None:
    """Record that a run goes from its state to another, and why."""
    require_space(who, of.space_id)
    row = {"id": new_id(), "space_id": of.space_id, "run_id": of.id, "cause": cause[:300], "at": clock.now()}
    connection.execute(_WRITE_TRANSITION, {**row, "from_state": of.state.value, "to_state": to.value})


def listed(
    connection: Connection,
    who: Principal,
    *,
    states: Collection[RunState] = (),
    kinds: Collection[str] = (),
    before: RunId | None = None,
    ended_after: datetime | None = None,
    conversation_ids: Collection[ConversationId] = (),
    limit: int = 50,
) -> list[Run]:
    """Runs, newest first, narrowed by what is given."""
    query = select(run).where(visible(run, who, by_space=not conversation_ids))
    if states:
        query = query.where(run.c.state.in_([state.value for state in states]))
    if kinds:
        query = query.where(run.c.kind.in_(kinds))
    if before is not None:
        query = query.where(run.c.id < before)
    if ended_after is not None:
        query = query.where(run.c.ended_at > ended_after)
    if conversation_ids:
        query = query.where(run.c.conversation_id.in_(conversation_ids))
    return list(map(_run, connection.execute(query.order_by(run.c.created_at.desc()).limit(limit))))


def newest_of_conversation(
    connection: Connection, who: Principal, conversation_id: ConversationId, limit: int
) -> list[Run]:
    """The newest runs of a conversation, the newest first."""
    query = select(run).where(visible(run, who), run.c.conversation_id == conversation_id)
    return list(map(_run, connection.execute(query.order_by(run.c.id.desc()).limit(limit))))


def unfinished_of(
    connection: Connection, who: Principal, conversation_ids: Collection[ConversationId]
) -> dict[ConversationId, list[Run]]:
    """The runs of conversations that have not ended, in the order in which they are done: one after the other."""
    query = select(run).where(visible(run, who), run.c.conversation_id.in_(conversation_ids), _is_open(run.c.state))
    found: dict[ConversationId, list[Run]] = {}
    for item in map(_run, connection.execute(query.order_by(run.c.id))):
        if item.conversation_id is not None:
            found.setdefault(item.conversation_id, []).append(item)
    return found


def answering(
    connection: Connection, who: Principal, conversation_id: ConversationId, question_ids: Sequence[EntryId]
) -> Run:
    """The first run that was to answer the first of the questions that any run was to answer. Raises NotFound."""
    query = select(run).where(visible(run, who), run.c.conversation_id == conversation_id).order_by(run.c.id.desc())
    by_question = {found.input.get("question_id"): found for found in map(_run, connection.execute(query))}
    for question_id in question_ids:
        if question_id in by_question:
            return by_question[question_id]
    raise NotFound(what="run")


def claim(
    connection: Connection, who: Principal, executor: ExecutorId, *, background: int, each_person: int = 8
) -> list[Claim]:
    """Give `executor` the segments that nobody has and whose turn it is; which they are, people's first.

    All that people and programs wait for, and of background work at most `background`, shared out between people: of
    each so many that nobody has more than `each_person` at work. Runs of one conversation are done one after the other,
    so of those only the first is among them. What another process claims just now is left.
    """
    is_queued = run.c.state == RunState.QUEUED.value
    goes_on = run.c.state == RunState.RUNNING.value  # its process has left, or is of an earlier version
    waited_for = run.c.priority.in_([Priority.PERSON.value, Priority.PROGRAM.value])
    turns = [_free(who).where(*where).order_by(segment.c.id) for where in ((is_queued, waited_for), (goes_on,))]
    for person_id, share in _shares(connection, who, background, each_person).items():
        is_theirs = (run.c.priority == Priority.BACKGROUND.value, run.c.person_id == person_id)
        of_theirs = _free(who).where(is_queued, *is_theirs)
        turns.append(of_theirs.order_by(run.c.created_at).limit(share))
    claims = [
        Claim(SegmentId(row.id), Priority(row.priority), is_fresh=row.attempt == 0)
        for query in turns
        for row in connection.execute(query)
    ]
    if claims:
        where = (visible(segment, who), segment.c.id.in_([claim.segment_id for claim in claims]))
        connection.execute(update(segment).where(*where).values(executor=executor))
    return claims


def _shares(connection: Connection, who: Principal, room: int, each_person: int) -> dict[PersonId, int]:
    """How much background work of each person is to begin: one each in turn, of who has the least at work first."""
    if room <= 0:
        return {}
    where = (visible(run, who), run.c.priority == Priority.BACKGROUND.value)
    waiting = select(run.c.person_id, func.count().label("number")).where(*where, run.c.state == RunState.QUEUED.value)
    queued = Counter({row.person_id: row.number for row in connection.execute(waiting.group_by(run.c.person_id))})
    if not queued:
        return {}
    is_claimed = (segment.c.ended_at.is_(None), segment.c.executor.is_not(None))
    claimed = (
        select(run.c.person_id, run.c.state).join(segment, segment.c.run_id == run.c.id).where(*where, *is_claimed)
    )
    at_work = Counter[str]()
    for row in connection.execute(claimed):
        at_work[row.person_id] += 1
        queued[row.person_id] -= row.state == RunState.QUEUED.value  # it has not begun yet
    shares = Counter[str]()
    for _ in range(room):
        can = [each for each in queued if shares[each] < queued[each] and shares[each] + at_work[each] < each_person]
        if not can:
            break
        shares[min(can, key=lambda each: (shares[each] + at_work[each], each))] += 1
    return {PersonId(each): share for each, share in shares.items()}


def begun_claims(connection: Connection, who: Principal, segment_ids: Collection[SegmentId]) -> list[Claim]:
    """Those segments as what a process has to execute now, after another that may have begun them."""
    query = select(segment.c.id, run.c.priority).join(run, run.c.id == segment.c.run_id)
    query = query.where(visible(segment, who), segment.c.id.in_(segment_ids)).order_by(segment.c.id)
    return [Claim(SegmentId(row.id), Priority(row.priority), is_fresh=False) for row in connection.execute(query)]


def _free(who: Principal) -> Select[Any]:
    """The open segments that no process has, of runs behind no other of their conversation."""
    earlier = run.alias("earlier")
    is_behind = (
        select(earlier.c.id)
        .where(earlier.c.conversation_id == run.c.conversation_id, earlier.c.id < run.c.id, _is_open(earlier.c.state))
        .exists()
    )
    query = select(segment.c.id, run.c.priority, run.c.attempt).join(run, run.c.id == segment.c.run_id)
    query = query.where(visible(segment, who), ~is_behind, segment.c.ended_at.is_(None), segment.c.executor.is_(None))
    return query.with_for_update(of=segment, skip_locked=True)


def hold(connection: Connection, who: Principal, segment_id: SegmentId, executor: ExecutorId) -> None:
    """Record which process has a segment from now on."""
    _CHANGE_SEGMENT(connection, who, of=segment_id, executor=executor)


def holder(connection: Connection, who: Principal, segment_id: SegmentId) -> ExecutorId | None:
    """Which process has a segment; None where none has it, or it is gone."""
    found: str | None = _HOLDER(connection, who, of=segment_id).scalar_one_or_none()
    return None if found is None else ExecutorId(found)


def held(connection: Connection, who: Principal, executor: ExecutorId) -> set[SegmentId]:
    """The open segments that a process has."""
    where = (visible(segment, who), segment.c.executor == executor, segment.c.ended_at.is_(None))
    return {SegmentId(each) for each in connection.execute(select(segment.c.id).where(*where)).scalars()}


def segment_of(connection: Connection, who: Principal, run_id: RunId) -> SegmentRow:
    """The newest segment of a run. Raises NotFound."""
    query = select(segment).where(visible(segment, who), segment.c.run_id == run_id)
    row = connection.execute(query.order_by(segment.c.number.desc()).limit(1)).mappings().one_or_none()
    if row is None:
        raise NotFound(what="run")
    return SegmentRow(**row)


def get_segment(connection: Connection, who: Principal, segment_id: SegmentId) -> SegmentRow:
    """One segment. Raises NotFound."""
    row = _GET_SEGMENT(connection, who, of=segment_id).mappings().one_or_none()
    if row is None:
        raise NotFound(what="segment")
    return SegmentRow(**row)


def end_segments(connection: Connection, who: Principal, run_id: RunId) -> None:
    """Close the open segments of a run."""
    _END_SEGMENTS(connection, who, of=run_id, ended_at=clock.now())


def count_by_state(connection: Connection, who: Principal) -> dict[RunState, int]:
    """How many runs there are in each state."""
    query = select(run.c.state, func.count()).where(visible(run, who, by_space=True)).group_by(run.c.state)
    return {RunState(state): int(number) for state, number in connection.execute(query)}


def _is_open(state: ColumnElement[str]) -> ColumnElement[bool]:
    return state.in_([state.value for state in RunState if not state.is_ended])


def _run(row: Row[Any]) -> Run:
    values = dict(row._mapping)
    values["priority"] = Priority(values["priority"])
    values["state"] = RunState(values["state"])
    return Run(**values)
