"""The outbox: append an event in the transaction of what it tells, and read on from a position."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text

from everword.core import clock
from everword.core.ids import RunId, SpaceId
from everword.core.types import Principal
from everword.storage.schema.outbox import event
from everword.storage.scope import require_space, visible

_ORDER_LOCK = 0x65766572  # "ever"
_HOLD_ORDER = text(f"SELECT pg_advisory_xact_lock({_ORDER_LOCK})")
_APPEND = insert(event).returning(event.c.position)
_ORDERED = "positions are in order until this transaction ends"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `position` grows in the order in which events were committed."""

    position: int
    space_id: SpaceId
    type: str
    run_id: RunId | None
    payload: dict[str, Any]
    created_at: datetime


def hold_order(connection: Connection) -> None:
    """Let positions be handed out in the order of commits, until this transaction ends.

    On PostgreSQL a transaction could commit after a later one and its rows would be passed over by whoever reads on
    from a position; a lock held to the end of the transaction excludes that. SQLite has one writer anyway.
    """
    if connection.dialect.name != "postgresql":
        return
    transaction = connection.get_transaction()
    if transaction is None or connection.info.get(_ORDERED) is not transaction:
        connection.execute(_HOLD_ORDER)
        connection.info[_ORDERED] = connection.get_transaction()


def append(
    connection: Connection,
    who: Principal,
    space_id: SpaceId,
    type: str,
    payload: dict[str, Any],
    run_id: RunId | None = None,
) -> int:
    """Write an event; it is seen by others once the transaction is committed. Returns its position."""
    require_space(who, space_id)
    hold_order(connection)
    row = {"space_id": space_id, "type": type, "run_id": run_id, "payload": payload, "created_at": clock.now()}
    return int(connection.execute(_APPEND, row).scalar_one())


def after(
    connection: Connection, who: Principal, position: int, *, run_id: RunId | None = None, limit: int = 500
) -> list[Event]:
    """The events after `position` that `who` may see, oldest first; of one run where `run_id` is given."""
    query = select(event).where(visible(event, who, by_space=run_id is None), event.c.position > position)
    if run_id is not None:
        query = query.where(event.c.run_id == run_id)
    return [Event(**row) for row in connection.execute(query.order_by(event.c.position).limit(limit)).mappings()]


def last_position(connection: Connection, who: Principal) -> int:
    """The newest position that `who` may see; 0 where there is none."""
    return int(
        connection.execute(select(func.max(event.c.position)).where(visible(event, who, by_space=True))).scalar() or 0
    )


def first_position(connection: Connection, who: Principal) -> int:
    """The oldest position still kept that `who` may see; 0 where there is none."""
    return int(
        connection.execute(select(func.min(event.c.position)).where(visible(event, who, by_space=True))).scalar() or 0
    )


def remove(connection: Connection, who: Principal, run_id: RunId, type: str) -> None:
    """Remove a run's events of one type, where what they told is told better by a row now."""
    where = (visible(event, who), event.c.run_id == run_id, event.c.type == type)
    connection.execute(delete(event).where(*where))


def forget(connection: Connection, who: Principal, run_ids: Collection[RunId], named_ids: Collection[str]) -> int:
    """Remove the events of those runs, and those whose payload names any of those ids. Returns how many."""
    wanted = set(named_ids)
    query = select(event.c.position, event.c.run_id, event.c.payload).where(visible(event, who))
    gone = [
        row.position
        for row in connection.execute(query.execution_options(yield_per=1000))
        if row.run_id in run_ids or wanted.intersection(_texts(row.payload))
    ]
    for first in range(0, len(gone), 500):
        some = event.c.position.in_(gone[first : first + 500])
        connection.execute(delete(event).where(visible(event, who), some))
    return len(gone)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def prune(connection: Connection, who: Principal, before: datetime) -> int:
    """Remove events older than `before`: what they told is in the rows by then. Returns how many."""
    return connection.execute(delete(event).where(visible(event, who), event.c.created_at < before)).rowcount
