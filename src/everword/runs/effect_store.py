"""Effect records: what a run does outside, its intent before and its outcome after."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import EffectId, EntryId, RunId, SpaceId, new_id
from everword.core.types import Effect, Principal
from everword.storage.schema.runs import effect
from everword.storage.scope import require_space, visible


class EffectState(StrEnum):
    """How far an effect is. `UNKNOWN`: it may have happened, and nothing could tell."""

    HELD = "held"
    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"

    @property
    def is_settled(self) -> bool:
        """Whether its outcome is known."""
        return self in {EffectState.DONE, EffectState.FAILED, EffectState.REFUSED}


@dataclass(frozen=True, slots=True)
class EffectRecord:
    """One effect of a run. Its `id` is the idempotency key; the entry `call_id` says what was to be done."""

    id: EffectId
    space_id: SpaceId
    run_id: RunId
    call_id: EntryId
    tool: str
    kind: Effect
    arguments_hash: str
    state: EffectState
    cause: str
    created_at: datetime
    intended_at: datetime | None
    ended_at: datetime | None


def hold(
    connection: Connection,
    who: Principal,
    *,
    space_id: SpaceId,
    run_id: RunId,
    call_id: EntryId,
    tool: str,
    kind: Effect,
    arguments_hash: str,
) -> EffectRecord:
    """The record of what a call would do: held until guard lets it go. The same call has one record."""
    known = of_calls(connection, who, [call_id]).get(call_id)
    if known is not None:
        return known
    values = {
        "id": new_id(),
        "space_id": require_space(who, space_id),
        "run_id": run_id,
        "call_id": call_id,
        "tool": tool,
        "kind": kind.value,
        "arguments_hash": arguments_hash,
        "state": EffectState.HELD.value,
        "cause": "held until it may be done",
        "created_at": clock.now(),
    }
    return _record(connection.execute(insert(effect).values(values).returning(effect)).one())


def change(connection: Connection, who: Principal, effect_id: EffectId, state: EffectState, cause: str) -> EffectRecord:
    """Record how far it is, and why. Raises NotFound."""
    now = clock.now()
    values: dict[str, Any] = {"state": state.value, "cause": cause[:300]}
    values |= {"intended_at": now} if state is EffectState.INTENDED else {}
    values |= {"ended_at": now} if state.is_settled else {}
    statement = update(effect).where(visible(effect, who), effect.c.id == effect_id).values(values).returning(effect)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(what="effect")
    return _record(row)


def get(connection: Connection, who: Principal, effect_id: EffectId, *, for_change: bool = False) -> EffectRecord:
    """One effect. Raises NotFound. With `for_change` nobody else changes it until the transaction ends."""
    query = select(effect).where(visible(effect, who), effect.c.id == effect_id)
    row = connection.execute(query.with_for_update() if for_change else query).one_or_none()
    if row is None:
        raise NotFound(what="effect")
    return _record(row)


def of_calls(connection: Connection, who: Principal, call_ids: Collection[EntryId]) -> dict[EntryId, EffectRecord]:
    """The records of those calls that have one."""
    query = select(effect).where(visible(effect, who), effect.c.call_id.in_(call_ids))
    return {found.call_id: found for found in map(_record, connection.execute(query))}


def in_state(connection: Connection, who: Principal, state: EffectState, limit: int = 200) -> list[EffectRecord]:
    """The effects in a state, the oldest first."""
    query = select(effect).where(visible(effect, who, by_space=True), effect.c.state == state.value)
    return list(map(_record, connection.execute(query.order_by(effect.c.id).limit(limit))))


def _record(row: Row[Any]) -> EffectRecord:
    values = dict(row._mapping)
    return EffectRecord(**values | {"kind": Effect(values["kind"]), "state": EffectState(values["state"])})
