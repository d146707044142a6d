"""The rows of one-time secrets: links from the terminal, and the challenges that passkeys sign."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from everword.accounts.types import Purpose
from everword.core.ids import PersonId, SpaceId, new_id
from everword.core.types import Principal
from everword.storage.schema.accounts import one_time_link
from everword.storage.scope import require_space, visible


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time secret's row, without the secret."""

    id: str
    person_id: PersonId | None
    expires_at: datetime
    used_at: datetime | None


def add(
    connection: Connection,
    who: Principal,
    space_id: SpaceId,
    purpose: Purpose,
    person_id: PersonId | None,
    token_hash: bytes,
    at: datetime,
    expires_at: datetime,
) -> None:
    """Store a new one-time secret."""
    require_space(who, space_id)
    row = {
        "id": new_id(),
        "space_id": space_id,
        "purpose": purpose,
        "person_id": person_id,
        "token_hash": token_hash,
        "created_at": at,
        "expires_at": expires_at,
    }
    connection.execute(insert(one_time_link).values(row))


def find(connection: Connection, who: Principal, purpose: Purpose, token_hash: bytes) -> Link | None:
    """The one-time secret of this purpose."""
    table = one_time_link.c
    query = select(table.id, table.person_id, table.expires_at, table.used_at).where(
        visible(one_time_link, who), table.purpose == purpose, table.token_hash == token_hash
    )
    row = connection.execute(query).first()
    return Link(row.id, row.person_id, row.expires_at, row.used_at) if row else None


def use(connection: Connection, who: Principal, link_id: str, at: datetime) -> bool:
    """Mark it used; False when somebody was quicker."""
    query = update(one_time_link).where(
        visible(one_time_link, who), one_time_link.c.id == link_id, one_time_link.c.used_at.is_(None)
    )
    return bool(connection.execute(query.values(used_at=at)).rowcount)


def remove_unused(connection: Connection, who: Principal, purpose: Purpose, person_id: PersonId | None) -> None:
    """Remove what was not used of this purpose (for this person), because a newer one takes its place."""
    query = delete(one_time_link).where(
        visible(one_time_link, who),
        one_time_link.c.purpose == purpose,
        one_time_link.c.person_id == person_id if person_id else one_time_link.c.person_id.is_(None),
        one_time_link.c.used_at.is_(None),
    )
    connection.execute(query)


def prune(connection: Connection, who: Principal, purposes: list[Purpose], before: datetime) -> None:
    """Remove what ran out before `before`."""
    query = delete(one_time_link).where(
        visible(one_time_link, who), one_time_link.c.purpose.in_(purposes), one_time_link.c.expires_at < before
    )
    connection.execute(query)


def keep_newest(connection: Connection, who: Principal, purpose: Purpose, count: int) -> None:
    """Remove all but the newest `count` of this purpose."""
    newest = (
        select(one_time_link.c.id)
        .where(visible(one_time_link, who), one_time_link.c.purpose == purpose)
        .order_by(one_time_link.c.id.desc())
        .limit(count)
    )
    query = delete(one_time_link).where(
        visible(one_time_link, who), one_time_link.c.purpose == purpose, one_time_link.c.id.not_in(newest)
    )
    connection.execute(query)
