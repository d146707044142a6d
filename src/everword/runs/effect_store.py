"""Effect records: what a run does outside, its intent before and its outcome after."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import EffectId, EntryId, RunId, SpaceId, new_id
from everword.core.types import Effect, Principal
from everword.storage.schema.runs import effect
from everword.storage.scope import Prepared, require_space, visible

_GET = Prepared(lambda seen: select(effect).where(seen(effect), effect.c.id == bindparam("of")))
_HOLD = Prepared(lambda seen: select(effect).where(seen(effect), effect.c.id == bindparam("of")).with_for_update())
_OF_CALL = Prepared(lambda seen: select(effect).where(seen(effect), effect.c.call_id == bindparam("of")))
_CHANGE = Prepared(lambda seen: update(effect).where(seen(effect), effect.c.id == bindparam("of")).returning(effect))
_OF_RUN_IN_STATE = Prepared(
    lambda seen: select(effect).where(
        seen(effect), effect.c.run_id == bindparam("of"), effect.c.state == bindparam("in_state")
    )
)
_WRITE = insert(effect).returning(effect)


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


class AllowedBy(StrEnum):
    """What let an effect happen: a rule of guard, or a person's yes to exactly that."""

    RULE = "rule"
    YES = "yes"


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
    allowed_by: AllowedBy | None
    created_at: datetime
    intended_at: datetime | None
    look_up_at: datetime | None
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
    known = of_call(connection, who, call_id)
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
    return _record(connection.execute(_WRITE, values).one())


def intend(connection: Connection, who: Principal, effect_id: EffectId, by: AllowedBy) -> EffectRecord:
    """Record that it may happen from now on, and what let it. Raises NotFound."""
    cause = "you said yes" if by is AllowedBy.YES else "allowed by rule"
    values = {"allowed_by": by.value, "intended_at": clock.now()}
    return _change(connection, who, effect_id, {"state": EffectState.INTENDED.value, "cause": cause, **values})


def intend_again(connection: Connection, who: Principal, effect_id: EffectId) -> EffectRecord:
    """Record that its target is told again from now on. Raises NotFound."""
    return _change(connection, who, effect_id, {"cause": "told again", "intended_at": clock.now()})


def lose(
    connection: Connection, who: Principal, effect_id: EffectId, cause: str, look_up_at: datetime | None
) -> EffectRecord:
    """Record that it may have happened, and when its target is asked; None: it cannot be. Raises NotFound."""
    values = {"state": EffectState.UNKNOWN.value, "cause": cause[:300], "look_up_at": look_up_at}
    return _change(connection, who, effect_id, values)


def take_up(connection: Connection, who: Principal, effect_id: EffectId) -> EffectRecord:
    """Record that the target of an unknown effect answers: its run goes on from the intent. Raises NotFound."""
    values = {"state": EffectState.INTENDED.value, "cause": "its target answers again", "look_up_at": None}
    return _change(connection, who, effect_id, values)


def change(connection: Connection, who: Principal, effect_id: EffectId, state: EffectState, cause: str) -> EffectRecord:
    """Record what became of it, and why. Raises NotFound."""
    values: dict[str, Any] = {"state": state.value, "cause": cause[:300], "look_up_at": None}
    values |= {"ended_at": clock.now()} if state.is_settled else {}
    return _change(connection, who, effect_id, values)


def _change(connection: Connection, who: Principal, effect_id: EffectId, values: dict[str, Any]) -> EffectRecord:
    row = _CHANGE(connection, who, of=effect_id, **values).one_or_none()
    if row is None:
        raise NotFound(what="effect")
    return _record(row)


def get(connection: Connection, who: Principal, effect_id: EffectId, *, for_change: bool = False) -> EffectRecord:
    """One effect. Raises NotFound. With `for_change` nobody else changes it until the transaction ends."""
    row = (_HOLD if for_change else _GET)(connection, who, of=effect_id).one_or_none()
    if row is None:
        raise NotFound(what="effect")
    return _record(row)


def of_call(connection: Connection, who: Principal, call_id: EntryId) -> EffectRecord | None:
    """The record of a call, if it has one."""
    row = _OF_CALL(connection, who, of=call_id).one_or_none()
    return None if row is None else _record(row)


def of_calls(connection: Connection, who: Principal, call_ids: Collection[EntryId]) -> dict[EntryId, EffectRecord]:
    """The records of those calls that have one."""
    query = select(effect).where(visible(effect, who), effect.c.call_id.in_(call_ids))
    return {found.call_id: found for found in map(_record, connection.execute(query))}


def in_state(connection: Connection, who: Principal, state: EffectState, limit: int = 200) -> list[EffectRecord]:
    """The effects in a state, the oldest first."""
    query = select(effect).where(visible(effect, who, by_space=True), effect.c.state == state.value)
    return list(map(_record, connection.execute(query.order_by(effect.c.id).limit(limit))))


def under_way(connection: Connection, who: Principal, run_id: RunId) -> list[EffectRecord]:
    """The effects of a run that were begun, and have no outcome on record."""
    return list(map(_record, _OF_RUN_IN_STATE(connection, who, of=run_id, in_state=EffectState.INTENDED.value)))


def to_look_up(connection: Connection, who: Principal, now: datetime, limit: int = 50) -> list[EffectRecord]:
    """The unknown effects whose target is to be asked by now, the earliest first."""
    where = (visible(effect, who), effect.c.look_up_at <= now, effect.c.state == EffectState.UNKNOWN.value)
    query = select(effect).where(*where).order_by(effect.c.look_up_at).limit(limit)
    return list(map(_record, connection.execute(query)))


def _record(row: Row[Any]) -> EffectRecord:
    values = dict(row._mapping)
    values |= {"kind": Effect(values["kind"]), "state": EffectState(values["state"])}
    allowed_by = values["allowed_by"]
    return EffectRecord(**values | {"allowed_by": AllowedBy(allowed_by) if allowed_by else None})
