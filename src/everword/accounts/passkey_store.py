"""The rows of passkeys."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, select, update

from everword.accounts.types import Passkey, PasskeyId
from everword.core.ids import PersonId, SpaceId
from everword.core.types import Principal
from everword.storage.schema.accounts import passkey
from everword.storage.scope import require_space, visible

_COLUMNS = (
    passkey.c.id,
    passkey.c.person_id,
    passkey.c.credential_id,
    passkey.c.public_key,
    passkey.c.sign_count,
    passkey.c.rp_id,
    passkey.c.name,
    passkey.c.created_at,
    passkey.c.last_used_at,
)


def add(connection: Connection, who: Principal, space_id: SpaceId, made: Passkey) -> None:
    """Store a new passkey."""
    require_space(who, space_id)
    connection.execute(insert(passkey).values(space_id=space_id, **asdict(made)))


def find(connection: Connection, who: Principal, credential_id: bytes) -> Passkey | None:
    """The passkey that an authenticator names so."""
    query = select(*_COLUMNS).where(visible(passkey, who), passkey.c.credential_id == credential_id)
    row = connection.execute(query).first()
    return _passkey(row) if row else None


def list_for(connection: Connection, who: Principal, person_id: PersonId) -> list[Passkey]:
    """The person's passkeys, newest first."""
    query = select(*_COLUMNS).where(visible(passkey, who), passkey.c.person_id == person_id)
    return [_passkey(row) for row in connection.execute(query.order_by(passkey.c.id.desc()))]


def any_on(connection: Connection, who: Principal, rp_id: str) -> bool:
    """Whether someone has a passkey on this host name."""
    query = select(passkey.c.id).where(visible(passkey, who), passkey.c.rp_id == rp_id).limit(1)
    return connection.execute(query).first() is not None


def used(
    connection: Connection, who: Principal, passkey_id: PasskeyId, sign_count: int, before: int, at: datetime
) -> bool:
    """Note that a passkey was used; False when another sign-in has moved its counter on meanwhile."""
    query = update(passkey).where(visible(passkey, who), passkey.c.id == passkey_id, passkey.c.sign_count == before)
    return bool(connection.execute(query.values(sign_count=sign_count, last_used_at=at)).rowcount)


def remove(connection: Connection, who: Principal, person_id: PersonId, passkey_id: PasskeyId) -> bool:
    """Remove one passkey of the person; whether there was one."""
    query = delete(passkey).where(visible(passkey, who), passkey.c.person_id == person_id, passkey.c.id == passkey_id)
    return bool(connection.execute(query).rowcount)


def _passkey(row: "Row[*tuple[object, ...]]") -> Passkey:
    return Passkey(**row._mapping)
