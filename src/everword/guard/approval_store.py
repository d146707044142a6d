"""Approvals: what a person was asked, exactly, and what they said."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import ApprovalId, EffectId, PersonId, RunId, SpaceId, new_id
from everword.core.types import Principal
from everword.storage.schema.runs import approval
from everword.storage.scope import Prepared, require_space, visible

_OF_EFFECT = Prepared(
    lambda seen: (
        select(approval)
        .where(seen(approval), approval.c.effect_id == bindparam("of"))
        .order_by(approval.c.id.desc())
        .limit(1)
        .with_for_update()
    )
)
_CLOSE = Prepared(
    lambda seen: update(approval).where(
        seen(approval), approval.c.run_id == bindparam("of"), approval.c.state == bindparam("from_state")
    )
)


class ApprovalState(StrEnum):
    """What became of a question. A yes is `GRANTED` until the effect it was for begins, and `USED` from then on.

    `WITHDRAWN`: its run ended before anybody answered.
    """

    OPEN = "open"
    GRANTED = "granted"
    USED = "used"
    REFUSED = "refused"
    EXPIRED = "expired"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Approval:
    """One question about one exact effect."""

    id: ApprovalId
    space_id: SpaceId
    effect_id: EffectId
    run_id: RunId
    arguments_hash: str
    state: ApprovalState
    created_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    answered_by: PersonId | None


def ask(
    connection: Connection,
    who: Principal,
    *,
    space_id: SpaceId,
    effect_id: EffectId,
    run_id: RunId,
    arguments_hash: str,
    expires_at: datetime,
) -> Approval:
    """Write a question that is open."""
    values = {
        "id": new_id(),
        "space_id": require_space(who, space_id),
        "effect_id": effect_id,
        "run_id": run_id,
        "arguments_hash": arguments_hash,
        "state": ApprovalState.OPEN.value,
        "created_at": clock.now(),
        "expires_at": expires_at,
    }
    return _approval(connection.execute(insert(approval).values(values).returning(approval)).one())


def get(connection: Connection, who: Principal, approval_id: ApprovalId) -> Approval:
    """One approval, held until the transaction ends. Raises NotFound."""
    query = select(approval).where(visible(approval, who), approval.c.id == approval_id).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(what="approval")
    return _approval(row)


def of_effect(connection: Connection, who: Principal, effect_id: EffectId) -> Approval | None:
    """The newest question about an effect, held until the transaction ends."""
    row = _OF_EFFECT(connection, who, of=effect_id).one_or_none()
    return None if row is None else _approval(row)


def change(
    connection: Connection,
    who: Principal,
    approval_id: ApprovalId,
    state: ApprovalState,
    *,
    answered_by: PersonId | None = None,
) -> Approval:
    """Record what became of it. Raises NotFound."""
    values: dict[str, Any] = {"state": state.value}
    values |= {"answered_at": clock.now(), "answered_by": answered_by} if answered_by is not None else {}
    statement = update(approval).where(visible(approval, who), approval.c.id == approval_id).values(values)
    row = connection.execute(statement.returning(approval)).one_or_none()
    if row is None:
        raise NotFound(what="approval")
    return _approval(row)


def withdraw(connection: Connection, who: Principal, run_id: RunId) -> None:
    """Close the open questions of a run."""
    states = {"from_state": ApprovalState.OPEN.value, "state": ApprovalState.WITHDRAWN.value}
    _CLOSE(connection, who, of=run_id, **states)


def open_ones(connection: Connection, who: Principal, limit: int = 200) -> list[Approval]:
    """The open questions, the oldest first."""
    where = (visible(approval, who, by_space=True), approval.c.state == ApprovalState.OPEN.value)
    return list(map(_approval, connection.execute(select(approval).where(*where).order_by(approval.c.id).limit(limit))))


def _approval(row: Row[Any]) -> Approval:
    values = dict(row._mapping)
    return Approval(**values | {"state": ApprovalState(values["state"])})
