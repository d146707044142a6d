"""The rows of sealed secrets."""

from sqlalchemy import Connection, delete, insert, select, update

from everword.core import clock
from everword.core.ids import SpaceId, new_id
from everword.core.types import Principal
from everword.storage.schema.accounts import secret
from everword.storage.scope import require_space, visible


def put(connection: Connection, who: Principal, space_id: SpaceId, name: str, sealed: bytes) -> None:
    """Store `sealed` as `name` in the space; replaces what was there."""
    require_space(who, space_id)
    values = {"sealed": sealed, "updated_at": clock.now()}
    there = (visible(secret, who), secret.c.space_id == space_id, secret.c.name == name)
    if not connection.execute(update(secret).where(*there).values(values)).rowcount:
        connection.execute(insert(secret).values(id=new_id(), space_id=space_id, name=name, **values))


def get(connection: Connection, who: Principal, space_id: SpaceId, name: str) -> bytes | None:
    """What is sealed as `name` in the space, if anything is."""
    query = select(secret.c.sealed).where(visible(secret, who), secret.c.space_id == space_id, secret.c.name == name)
    return connection.execute(query).scalar()


def remove(connection: Connection, who: Principal, space_id: SpaceId, name: str) -> bool:
    """Remove the secret; whether there was one."""
    query = delete(secret).where(visible(secret, who), secret.c.space_id == space_id, secret.c.name == name)
    return bool(connection.execute(query).rowcount)


def names(connection: Connection, who: Principal) -> list[tuple[SpaceId, str]]:
    """Where there are secrets, by space and name."""
    query = select(secret.c.space_id, secret.c.name).where(visible(secret, who)).order_by(secret.c.name)
    return [(SpaceId(row.space_id), row.name) for row in connection.execute(query)]
