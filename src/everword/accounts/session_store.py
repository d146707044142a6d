"""The rows of sessions."""

from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, select, update

from everword.accounts.types import Session, SessionId
from everword.core.ids import PersonId, SpaceId
from everword.core.types import Principal
from everword.storage.schema.accounts import person, session
from everword.storage.scope import require_space, visible

_COLUMNS = (
    session.c.id,
    session.c.person_id,
    session.c.user_agent,
    session.c.created_at,
    session.c.last_seen_at,
    session.c.expires_at,
)


def add(connection: Connection, who: Principal, space_id: SpaceId, made: Session, token_hash: bytes) -> None:
    """Store a session that has begun."""
    require_space(who, space_id)
    row = {
        "id": made.id,
        "space_id": space_id,
        "person_id": made.person_id,
        "token_hash": token_hash,
        "user_agent": made.user_agent,
        "created_at": made.created_at,
        "last_seen_at": made.last_seen_at,
        "expires_at": made.expires_at,
    }
    connection.execute(insert(session).values(row))


def find(
    connection: Connection, who: Principal, token_hash: bytes, at: datetime
) -> tuple[Session, SpaceId, str, bool] | None:
    """The session with this secret that has not run out at `at`; the own space, name and power of its person."""
    query = (
        select(*_COLUMNS, person.c.space_id.label("own_space"), person.c.name, person.c.is_operator)
        .join(person, person.c.id == session.c.person_id)
        .where(visible(session, who), session.c.token_hash == token_hash, session.c.expires_at > at)
    )
    row = connection.execute(query).first()
    return (_session(row), row.own_space, row.name, row.is_operator) if row else None


def touch(connection: Connection, who: Principal, session_id: SessionId, at: datetime, expires_at: datetime) -> None:
    """Note that the session was used, and let it last longer."""
    query = update(session).where(visible(session, who), session.c.id == session_id)
    connection.execute(query.values(last_seen_at=at, expires_at=expires_at))


def list_for(connection: Connection, who: Principal, person_id: PersonId, at: datetime) -> list[Session]:
    """The person's sessions that have not run out, the one used last first."""
    query = (
        select(*_COLUMNS)
        .where(visible(session, who), session.c.person_id == person_id, session.c.expires_at > at)
        .order_by(session.c.last_seen_at.desc())
    )
    return [_session(row) for row in connection.execute(query)]


def remove(connection: Connection, who: Principal, person_id: PersonId, session_id: SessionId) -> bool:
    """End one session of the person; whether there was one."""
    query = delete(session).where(visible(session, who), session.c.person_id == person_id, session.c.id == session_id)
    return bool(connection.execute(query).rowcount)


def remove_all(connection: Connection, who: Principal, person_id: PersonId, but: SessionId | None = None) -> int:
    """End the person's sessions, except `but`; how many there were."""
    query = delete(session).where(visible(session, who), session.c.person_id == person_id)
    return connection.execute(query if but is None else query.where(session.c.id != but)).rowcount


def prune(connection: Connection, who: Principal, at: datetime) -> int:
    """Remove the sessions that had run out at `at`."""
    return connection.execute(delete(session).where(visible(session, who), session.c.expires_at <= at)).rowcount


def _session(row: "Row[*tuple[object, ...]]") -> Session:
    return Session(row.id, row.person_id, row.user_agent, row.created_at, row.last_seen_at, row.expires_at)
