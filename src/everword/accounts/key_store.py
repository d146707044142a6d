"""The rows of API keys."""

from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from everword.accounts.types import ApiKey, KeyId, Scope
from everword.core.ids import PersonId, SpaceId
from everword.core.types import Principal
from everword.storage.schema.accounts import api_key, person
from everword.storage.scope import require_space, visible

_COLUMNS = (
    api_key.c.id,
    api_key.c.name,
    api_key.c.prefix,
    api_key.c.scopes,
    api_key.c.created_at,
    api_key.c.last_used_at,
)


def add(
    connection: Connection, who: Principal, space_id: SpaceId, person_id: PersonId, made: ApiKey, secret_hash: bytes
) -> None:
    """Store a new key."""
    require_space(who, space_id)
    row = {
        "id": made.id,
        "space_id": space_id,
        "person_id": person_id,
        "name": made.name,
        "prefix": made.prefix,
        "secret_hash": secret_hash,
        "scopes": sorted(made.scopes),
        "created_at": made.created_at,
    }
    connection.execute(insert(api_key).values(row))


def find(connection: Connection, who: Principal, secret_hash: bytes) -> tuple[ApiKey, PersonId, SpaceId, str] | None:
    """The key with this secret that was not revoked, whose it is, that person's own space and name."""
    query = (
        select(*_COLUMNS, api_key.c.person_id, person.c.space_id.label("own_space"), person.c.name.label("person_name"))
        .join(person, person.c.id == api_key.c.person_id)
        .where(visible(api_key, who), api_key.c.secret_hash == secret_hash, api_key.c.revoked_at.is_(None))
    )
    row = connection.execute(query).first()
    return (_key(row), row.person_id, row.own_space, row.person_name) if row else None


def touch(connection: Connection, who: Principal, key_id: KeyId, at: datetime) -> None:
    """Note that the key was used."""
    connection.execute(update(api_key).where(visible(api_key, who), api_key.c.id == key_id).values(last_used_at=at))


def list_for(connection: Connection, who: Principal, person_id: PersonId) -> list[ApiKey]:
    """The person's keys that were not revoked, newest first."""
    query = select(*_COLUMNS).where(
        visible(api_key, who), api_key.c.person_id == person_id, api_key.c.revoked_at.is_(None)
    )
    return [_key(row) for row in connection.execute(query.order_by(api_key.c.id.desc()))]


def revoke(connection: Connection, who: Principal, person_id: PersonId, key_id: KeyId, at: datetime) -> bool:
    """Revoke one key of the person; whether there was one."""
    query = update(api_key).where(
        visible(api_key, who),
        api_key.c.person_id == person_id,
        api_key.c.id == key_id,
        api_key.c.revoked_at.is_(None),
    )
    return bool(connection.execute(query.values(revoked_at=at)).rowcount)


def _key(row: "Row[*tuple[object, ...]]") -> ApiKey:
    scopes = frozenset(Scope(each) for each in row.scopes)
    return ApiKey(row.id, row.name, row.prefix, scopes, row.created_at, row.last_used_at)
