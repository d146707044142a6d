"""Supersessions' rows: which fact took the place of which, from when on, and who decided it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select, update

from everword.core import clock
from everword.core.ids import SpaceId, new_id
from everword.core.types import Principal
from everword.memory.facts.rows import batches, is_active
from everword.memory.facts.types import FactId, Supersession, SupersessionId
from everword.storage.schema.facts import supersession
from everword.storage.scope import require_space, visible


def supersessions(connection: Connection, who: Principal, fact_ids: Collection[FactId]) -> list[Supersession]:
    """What those facts replaced, or were replaced by, also what was undone; the oldest first."""
    found: dict[str, Supersession] = {}
    for some in batches(fact_ids):
        of_them = or_(supersession.c.fact_id.in_(some), supersession.c.by_id.in_(some))
        query = select(supersession).where(visible(supersession, who), of_them)
        for row in connection.execute(query):
            kept = {name: value for name, value in row._mapping.items() if name != "space_id"}
            found[row.id] = Supersession(**kept)
    return sorted(found.values(), key=lambda each: (each.created_at, each.id))


def superseding_since(
    connection: Connection, who: Principal, since: datetime, *, held_after: datetime, limit: int
) -> list[FactId]:
    """The facts that took another's place since then, from a moment later than `held_after` on; the newest first."""
    recent = (supersession.c.created_at > since, supersession.c.at > held_after)
    query = select(supersession.c.by_id).where(visible(supersession, who), is_active(), *recent)
    found = connection.execute(query.order_by(supersession.c.created_at.desc()).limit(limit)).scalars()
    return list(dict.fromkeys(map(FactId, found)))


def supersede(
    connection: Connection,
    who: Principal,
    space_id: SpaceId,
    fact_id: FactId,
    by_id: FactId,
    at: datetime,
    decided_by: str,
) -> None:
    """Record that one fact takes another's place."""
    values = {"fact_id": fact_id, "by_id": by_id, "at": at, "decided_by": decided_by, "created_at": clock.now()}
    connection.execute(insert(supersession).values(id=new_id(), space_id=require_space(who, space_id), **values))


def date_supersession(connection: Connection, who: Principal, supersession_id: SupersessionId, since: datetime) -> None:
    """Say since when one fact takes the other's place."""
    where = (visible(supersession, who), supersession.c.id == supersession_id)
    connection.execute(update(supersession).where(*where).values(at=since))


def undo_supersession(connection: Connection, who: Principal, supersession_id: SupersessionId) -> None:
    """Bring back what was set aside; the row stays, as history."""
    where = (visible(supersession, who), supersession.c.id == supersession_id)
    connection.execute(update(supersession).where(*where).values(undone_at=clock.now()))


def remove_supersession(connection: Connection, who: Principal, supersession_id: SupersessionId) -> None:
    """Remove one that the evidence does not bear out any more."""
    where = (visible(supersession, who), supersession.c.id == supersession_id)
    connection.execute(delete(supersession).where(*where))
