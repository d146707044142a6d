"""Triggers' rows."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import EntryId, PersonId, SpaceId, TriggerId, new_id
from everword.core.types import Principal
from everword.runs.schedules.types import OnOverlap
from everword.runs.triggers.types import Trigger, TriggerKind, TriggerState
from everword.storage.schema.triggers import trigger
from everword.storage.scope import require_space, visible


def create(
    connection: Connection,
    who: Principal,
    *,
    space_id: SpaceId,
    person_id: PersonId,
    request_id: EntryId,
    words_id: EntryId | None,
    kind: TriggerKind,
    speaker: str,
    source: str,
    reached: int,
    on_overlap: OnOverlap,
    ceiling: dict[str, Any] | None,
) -> Trigger:
    """Write a trigger that is active."""
    at = clock.now()
    values = {
        "id": new_id(),
        "space_id": require_space(who, space_id),
        "person_id": person_id,
        "request_id": request_id,
        "words_id": words_id,
        "kind": kind.value,
        "speaker": speaker,
        "source": source,
        "reached": reached,
        "on_overlap": on_overlap.value,
        "ceiling": ceiling,
        "state": TriggerState.ACTIVE.value,
        "failures": 0,
        "created_at": at,
        "updated_at": at,
    }
    return _trigger(connection.execute(insert(trigger).values(values).returning(trigger)).one())


def find(connection: Connection, who: Principal, trigger_id: TriggerId, *, hold: bool = False) -> Trigger | None:
    """One trigger, if it is there. With `hold` nobody else changes it until the transaction ends."""
    query = select(trigger).where(visible(trigger, who), trigger.c.id == trigger_id)
    row = connection.execute(query.with_for_update() if hold else query).one_or_none()
    return None if row is None else _trigger(row)


def get(connection: Connection, who: Principal, trigger_id: TriggerId, *, hold: bool = False) -> Trigger:
    """One trigger. Raises NotFound. With `hold` nobody else changes it until the transaction ends."""
    found = find(connection, who, trigger_id, hold=hold)
    if found is None:
        raise NotFound(what="trigger")
    return found


def on_entry(connection: Connection, who: Principal, entry_id: EntryId) -> list[Trigger]:
    """The triggers whose request or words that entry holds."""
    query = select(trigger).where(
        visible(trigger, who), or_(trigger.c.request_id == entry_id, trigger.c.words_id == entry_id)
    )
    return list(map(_trigger, connection.execute(query)))


def listed(connection: Connection, who: Principal, *, state: TriggerState | None = None) -> list[Trigger]:
    """All triggers, the oldest first; only those in a state where one is given."""
    query = select(trigger).where(visible(trigger, who, by_space=True))
    if state is not None:
        query = query.where(trigger.c.state == state.value)
    return list(map(_trigger, connection.execute(query.order_by(trigger.c.created_at, trigger.c.id))))


def change(connection: Connection, who: Principal, trigger_id: TriggerId, values: dict[str, Any]) -> Trigger:
    """Set columns of a trigger. Raises NotFound."""
    where = (visible(trigger, who), trigger.c.id == trigger_id)
    statement = update(trigger).where(*where).values(**values, updated_at=clock.now()).returning(trigger)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(what="trigger")
    return _trigger(row)


def remove(connection: Connection, who: Principal, trigger_id: TriggerId) -> None:
    """Delete a trigger. Raises NotFound."""
    where = (visible(trigger, who), trigger.c.id == trigger_id)
    if connection.execute(delete(trigger).where(*where)).rowcount == 0:
        raise NotFound(what="trigger")


def _trigger(row: Row[Any]) -> Trigger:
    values = dict(row._mapping)
    values["kind"] = TriggerKind(values["kind"])
    values["on_overlap"] = OnOverlap(values["on_overlap"])
    values["state"] = TriggerState(values["state"])
    return Trigger(**values)
