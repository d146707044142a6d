"""The rows of forgettings: what is to go, how far that has got, and the receipts that stay."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, delete, func, insert, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import SpaceId, new_id
from everword.core.types import Principal
from everword.memory.forgetting.types import (
    Check,
    Forgetting,
    ForgettingId,
    ForgettingState,
    ItemKind,
    Remains,
    Stage,
)
from everword.storage.schema.forgetting import forgetting, forgetting_item
from everword.storage.scope import require_space, visible

_COLUMNS = [column for column in forgetting.c if column.name != "sealed"]
_AT_ONCE = 1_000
_KEPT = (ItemKind.ENTRY.value, ItemKind.REDACTION.value)  # what a receipt names


def create(
    connection: Connection,
    who: Principal,
    forgetting_id: ForgettingId,
    space_id: SpaceId,
    sealed: bytes,
    first_recorded_at: datetime | None,
) -> Forgetting:
    """Write a forgetting that has not begun."""
    values: dict[str, Any] = {
        "id": forgetting_id,
        "space_id": require_space(who, space_id),
        "person_id": who.person_id,
        "state": ForgettingState.RUNNING.value,
        "stage": Stage.REDACT.value,
        "sealed": sealed,
        "counts": {},
        "checks": [],
        "remains": [],
        "first_recorded_at": first_recorded_at,
        "created_at": clock.now(),
    }
    return _forgetting(connection.execute(insert(forgetting).values(values).returning(*_COLUMNS)).one())


def add_items(
    connection: Connection,
    who: Principal,
    forgetting_id: ForgettingId,
    space_id: SpaceId,
    kind: ItemKind,
    target_ids: Sequence[str],
) -> None:
    """Name things that are to go."""
    require_space(who, space_id)
    shared = {"space_id": space_id, "forgetting_id": forgetting_id, "kind": kind.value, "is_done": False}
    for first in range(0, len(target_ids), _AT_ONCE):
        some = target_ids[first : first + _AT_ONCE]
        connection.execute(insert(forgetting_item), [{**shared, "id": new_id(), "target_id": each} for each in some])


def get(connection: Connection, who: Principal, forgetting_id: ForgettingId) -> Forgetting:
    """One forgetting, or its receipt. Raises NotFound."""
    where = (visible(forgetting, who), forgetting.c.id == forgetting_id)
    row = connection.execute(select(*_COLUMNS).where(*where)).one_or_none()
    if row is None:
        raise NotFound(what="forgetting")
    return _forgetting(row)


def listed(connection: Connection, who: Principal, limit: int = 50) -> list[Forgetting]:
    """The newest first."""
    query = select(*_COLUMNS).where(visible(forgetting, who)).order_by(forgetting.c.id.desc()).limit(limit)
    return list(map(_forgetting, connection.execute(query)))


def after(connection: Connection, who: Principal, forgetting_id: ForgettingId | None) -> list[Forgetting]:
    """Those begun after that one, or all; oldest first."""
    query = select(*_COLUMNS).where(visible(forgetting, who))
    if forgetting_id is not None:
        query = query.where(forgetting.c.id > forgetting_id)
    return list(map(_forgetting, connection.execute(query.order_by(forgetting.c.id))))


def unfinished(connection: Connection, who: Principal) -> list[Forgetting]:
    """Those that have not ended, or ended with words remaining; oldest first."""
    query = select(*_COLUMNS).where(visible(forgetting, who), forgetting.c.state != ForgettingState.DELIVERED.value)
    return list(map(_forgetting, connection.execute(query.order_by(forgetting.c.id))))


def sealed(connection: Connection, who: Principal, forgetting_id: ForgettingId) -> bytes | None:
    """The sealed words to look for; none once it has ended."""
    where = (visible(forgetting, who), forgetting.c.id == forgetting_id)
    return connection.execute(select(forgetting.c.sealed).where(*where)).scalar_one_or_none()


def targets(
    connection: Connection,
    who: Principal,
    forgetting_id: ForgettingId,
    kind: ItemKind,
    *,
    is_open: bool = False,
    limit: int | None = None,
) -> list[str]:
    """The ids of one kind; `is_open`: only those that are still there."""
    item = forgetting_item.c
    query = select(item.target_id).where(
        visible(forgetting_item, who), item.forgetting_id == forgetting_id, item.kind == kind.value
    )
    if is_open:
        query = query.where(item.is_done.is_(False))
    return list(connection.execute(query.order_by(item.id).limit(limit)).scalars())


def done(
    connection: Connection, who: Principal, forgetting_id: ForgettingId, kind: ItemKind, target_ids: Sequence[str]
) -> None:
    """Record that those have gone."""
    item = forgetting_item.c
    where = (visible(forgetting_item, who), item.forgetting_id == forgetting_id, item.kind == kind.value)
    for first in range(0, len(target_ids), _AT_ONCE):
        some = item.target_id.in_(target_ids[first : first + _AT_ONCE])
        connection.execute(update(forgetting_item).where(*where, some).values(is_done=True))


def advance(
    connection: Connection,
    who: Principal,
    forgetting_id: ForgettingId,
    *,
    stage: Stage | None = None,
    counts: Mapping[str, int] | None = None,
    state: ForgettingState | None = None,
    error: tuple[str, str] | None = None,
) -> Forgetting:
    """Move on: to a stage, with more that went, as running or as failed with an error's code and sentence."""
    known = get(connection, who, forgetting_id)
    values: dict[str, Any] = {"counts": _added(known.counts, counts or {})}
    if stage is not None:
        values["stage"] = stage.value
    if state is not None:
        values |= {
            "state": state.value,
            "error_code": error[0] if error else None,
            "error": error[1] if error else None,
        }
    where = (visible(forgetting, who), forgetting.c.id == forgetting_id)
    row = connection.execute(update(forgetting).where(*where).values(values).returning(*_COLUMNS)).one()
    return _forgetting(row)


def finish(
    connection: Connection,
    who: Principal,
    forgetting_id: ForgettingId,
    checks: Sequence[Check],
    remains: Sequence[Remains],
) -> Forgetting:
    """Make it a receipt: the words that were looked for go, and of the ids only the entries' stay. Raises NotFound."""
    item = forgetting_item.c
    of_it = (visible(forgetting_item, who), item.forgetting_id == forgetting_id)
    connection.execute(delete(forgetting_item).where(*of_it, item.kind.not_in(_KEPT)))
    values = {
        "state": ForgettingState.DELIVERED.value,
        "stage": Stage.ENDED.value,
        "sealed": None,
        "checks": [asdict(check) for check in checks],
        "remains": [asdict(each) for each in remains],
        "error_code": None,
        "error": None,
        "ended_at": clock.now(),
    }
    where = (visible(forgetting, who), forgetting.c.id == forgetting_id)
    row = connection.execute(update(forgetting).where(*where).values(values).returning(*_COLUMNS)).one_or_none()
    if row is None:
        raise NotFound(what="forgetting")
    return _forgetting(row)


def count_items(
    connection: Connection, who: Principal, forgetting_ids: Collection[ForgettingId]
) -> dict[ForgettingId, tuple[int, int]]:
    """Of each, how many things have gone, and of how many."""
    item = forgetting_item.c
    query = select(item.forgetting_id, func.count(), func.count(case((item.is_done.is_(True), 1))))
    of_them = (visible(forgetting_item, who), item.forgetting_id.in_(forgetting_ids))
    rows = connection.execute(query.where(*of_them).group_by(item.forgetting_id))
    counted = {ForgettingId(key): (int(gone), int(total)) for key, total, gone in rows}
    return {key: counted.get(key, (0, 0)) for key in forgetting_ids}


def _added(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) + more.get(name, 0) for name in {**counts, **more}}


def _forgetting(row: Row[Any]) -> Forgetting:
    values = dict(row._mapping)
    values["state"] = ForgettingState(values["state"])
    values["stage"] = Stage(values["stage"])
    values["checks"] = [Check(**each) for each in values["checks"]]
    values["remains"] = [Remains(**each) for each in values["remains"]]
    return Forgetting(**values)
