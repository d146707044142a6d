"""Promises' rows: each stands on one entry and goes with it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import EntryId, SpaceId, new_id
from everword.core.types import Principal
from everword.memory.facts.types import Moment, Precision, Promise, PromiseId, PromiseState, Spoken
from everword.storage.schema.facts import promise
from everword.storage.scope import require_space, visible

_AT_ONCE = 400


def replace(
    connection: Connection, who: Principal, space_id: SpaceId, entry_ids: Collection[EntryId], spoken: Sequence[Spoken]
) -> None:
    """Let `spoken` be what those entries promise. What the owner has decided about the same words stays."""
    require_space(who, space_id)
    wanted = {(each.entry_id, each.start, each.action): each for each in spoken}
    ordered = sorted(entry_ids)
    for first in range(0, len(ordered), _AT_ONCE):
        some = promise.c.entry_id.in_(ordered[first : first + _AT_ONCE])
        for row in connection.execute(select(promise).where(visible(promise, who), some)).all():
            known = wanted.pop((row.entry_id, row.start, row.action), None)
            if known is None:
                connection.execute(delete(promise).where(visible(promise, who), promise.c.id == row.id))
    rows = [
        {
            "id": new_id(),
            "space_id": space_id,
            "entry_id": each.entry_id,
            "start": each.start,
            "end": each.end,
            "action": each.action,
            "due_at": each.due.at if each.due else None,
            "due_precision": each.due.precision.value if each.due else None,
            "said_at": each.said_at,
            "state": PromiseState.OPEN.value,
            "decided_at": None,
        }
        for each in wanted.values()
    ]
    if rows:
        connection.execute(insert(promise), rows)


def listed(
    connection: Connection,
    who: Principal,
    *,
    state: PromiseState,
    due_after: datetime,
    said_after: datetime,
    limit: int,
) -> list[Promise]:
    """Promises in a state: those due after one moment, or, without a day, said after another. The next due first."""
    undated = promise.c.due_at.is_(None) & (promise.c.said_at > said_after)
    where = (visible(promise, who), promise.c.state == state.value, or_(promise.c.due_at > due_after, undated))
    query = (
        select(promise).where(*where).order_by(promise.c.due_at.is_(None), promise.c.due_at, promise.c.said_at.desc())
    )
    return list(map(_promise, connection.execute(query.limit(limit))))


def decided(connection: Connection, who: Principal, space_id: SpaceId) -> list[Promise]:
    """The promises of a space that the owner has decided about."""
    where = (visible(promise, who), promise.c.space_id == space_id, promise.c.state != PromiseState.OPEN.value)
    return list(map(_promise, connection.execute(select(promise).where(*where).order_by(promise.c.id))))


def restore(connection: Connection, who: Principal, kept: Promise) -> bool:
    """Decide as was decided elsewhere about the same words; whether it was. What is decided here already stays."""
    require_space(who, kept.space_id)
    same = (promise.c.entry_id == kept.entry_id, promise.c.start == kept.start, promise.c.action == kept.action)
    values = {"state": kept.state.value, "decided_at": kept.decided_at}
    known = connection.execute(select(promise.c.id, promise.c.state).where(visible(promise, who), *same)).first()
    if known is not None:
        where = (visible(promise, who), promise.c.id == known.id, promise.c.state == PromiseState.OPEN.value)
        return bool(connection.execute(update(promise).where(*where).values(values)).rowcount)
    values |= {name: getattr(kept, name) for name in ("space_id", "entry_id", "start", "end", "action", "said_at")}
    values |= {
        "id": new_id(),
        "due_at": kept.due.at if kept.due else None,
        "due_precision": kept.due.precision.value if kept.due else None,
    }
    connection.execute(insert(promise).values(values))
    return True


def decide(connection: Connection, who: Principal, promise_id: PromiseId, state: PromiseState) -> Promise:
    """Record that a promise was kept, dismissed, or is open again. Raises NotFound."""
    where = (visible(promise, who), promise.c.id == promise_id)
    decided_at = None if state is PromiseState.OPEN else clock.now()
    changed = connection.execute(
        update(promise).where(*where).values(state=state.value, decided_at=decided_at).returning(promise)
    ).one_or_none()
    if changed is None:
        raise NotFound(what="promise")
    return _promise(changed)


def _promise(row: Row[Any]) -> Promise:
    due = Moment(row.due_at, Precision(row.due_precision)) if row.due_at is not None else None
    return Promise(
        id=PromiseId(row.id),
        space_id=SpaceId(row.space_id),
        entry_id=EntryId(row.entry_id),
        start=row.start,
        end=row.end,
        action=row.action,
        due=due,
        said_at=row.said_at,
        state=PromiseState(row.state),
        decided_at=row.decided_at,
    )
