"""Sessions: signing in with a password, knowing a browser again, and ending what was begun."""

from datetime import timedelta

from sqlalchemy import Connection

from everword.accounts import links, passwords, session_store, store
from everword.accounts.digests import digest
from everword.accounts.errors import LinkUnknown, NotSetUp, WhichPerson, WrongPassword
from everword.accounts.throttle import SignInThrottle
from everword.accounts.types import Credential, Means, NewSession, Person, Purpose, Session, SessionId
from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import new_id, new_secret
from everword.core.types import Principal
from everword.storage.database import Database

LASTS = timedelta(days=30)  # from when it was last used
TOUCHED_EVERY = timedelta(minutes=1)
_MOST_USER_AGENT_CHARACTERS = 400
_SYSTEM = Principal.system()
_NOT_IT = "That is not the password."


def sign_in(
    database: Database, throttle: SignInThrottle, address: str, name: str | None, password: str, user_agent: str = ""
) -> NewSession:
    """Begin a session for whoever knows the password; without a name, for the only person there is.

    Takes about 0.1 s of one core, for unknown names too: call it off the event loop.
    Raises WrongPassword, TooManyAttempts, NotSetUp or WhichPerson.
    """
    account = store.login_name(name or "")
    throttle.admit(address, account)
    with database.reading(_SYSTEM) as connection:
        person, stored = _who_signs_in(connection, name)
    if not passwords.verify(stored, password) or person is None:
        raise WrongPassword(why="That name and password do not go together." if name else _NOT_IT)
    throttle.succeeded(address, account)
    renewed = passwords.hash_password(password) if stored and passwords.is_outdated(stored) else None
    with database.writing(_SYSTEM) as connection:
        if renewed:
            store.set_password_hash(connection, _SYSTEM, person.id, renewed)
        return begin(connection, person, user_agent)


def begin(connection: Connection, person: Person, user_agent: str) -> NewSession:
    """Begin a session for a person who has proven who they are. Removes sessions that have run out."""
    at = clock.now()
    secret = new_secret()
    agent = user_agent[:_MOST_USER_AGENT_CHARACTERS].replace("\0", "")
    made = Session(SessionId(new_id()), person.id, agent, at, at, at + LASTS)
    session_store.prune(connection, _SYSTEM, at)
    session_store.add(connection, _SYSTEM, person.own_space, made, digest(secret))
    return NewSession(made, person, secret)


def authenticate(database: Database, secret: str) -> Credential | None:
    """Who a session's secret stands for; None when there is no such session or it has run out."""
    with database.reading(_SYSTEM) as connection:
        found = session_store.find(connection, _SYSTEM, digest(secret), clock.now())
        if found is None:
            return None
        session, own_space, name, is_operator = found
        spaces = store.spaces_of(connection, _SYSTEM, session.person_id)
    principal = Principal(session.person_id, own_space, spaces)
    return Credential(
        principal, name, Means.SESSION, session.id, is_operator=is_operator, last_seen_at=session.last_seen_at
    )


def touch(database: Database, credential: Credential) -> None:
    """Let a session that is in use last longer. Writes at most once a minute for each."""
    at = clock.now()
    if credential.last_seen_at is None or at - credential.last_seen_at < TOUCHED_EVERY:
        return
    with database.writing(_SYSTEM) as connection:
        session_store.touch(connection, _SYSTEM, SessionId(credential.id), at, at + LASTS)


def list_sessions(database: Database, who: Principal) -> list[Session]:
    """Where the person is signed in, the session used last first."""
    with database.reading(who) as connection:
        return session_store.list_for(connection, who, who.person_id, clock.now())


def end(database: Database, who: Principal, session_id: SessionId) -> None:
    """End one of the person's sessions. Raises NotFound."""
    with database.writing(who) as connection:
        if not session_store.remove(connection, who, who.person_id, session_id):
            raise NotFound(what="session")


def end_others(database: Database, who: Principal, keep: SessionId | None) -> int:
    """End the person's sessions except `keep`; how many were ended."""
    with database.writing(who) as connection:
        return session_store.remove_all(connection, who, who.person_id, but=keep)


def change_password(
    database: Database,
    throttle: SignInThrottle,
    address: str,
    who: Principal,
    current: str,
    new: str,
    keep: SessionId | None,
) -> None:
    """Give the person a new password and end their other sessions.

    Raises WrongPassword for the current one, TooManyAttempts or WeakPassword.
    """
    passwords.check(new)
    confirm(database, throttle, address, who, current)
    hashed = passwords.hash_password(new)
    with database.writing(who) as connection:
        store.set_password_hash(connection, who, who.person_id, hashed)
        session_store.remove_all(connection, who, who.person_id, but=keep)


def confirm(database: Database, throttle: SignInThrottle, address: str, who: Principal, password: str) -> None:
    """See that it is the person who asks, by their password. Raises WrongPassword or TooManyAttempts."""
    throttle.admit(address, who.person_id)
    with database.reading(who) as connection:
        stored = store.password_hash(connection, who, who.person_id)
    if not passwords.verify(stored, password):
        raise WrongPassword(why=_NOT_IT)
    throttle.succeeded(address, who.person_id)


def reset_password(database: Database, token: str, password: str, user_agent: str = "") -> NewSession:
    """Give the person of a one-time link a new password, end all their sessions and begin a new one.

    Raises LinkUnknown, LinkUsed or WeakPassword; after that the link still works.
    """
    passwords.check(password)
    with database.reading(_SYSTEM) as connection:
        links.look_up(connection, Purpose.RESET_PASSWORD, token, clock.now())
    hashed = passwords.hash_password(password)
    with database.writing(_SYSTEM) as connection:
        link = links.use(connection, Purpose.RESET_PASSWORD, token)
        person = store.get(connection, _SYSTEM, link.person_id) if link.person_id else None
        if person is None:
            raise LinkUnknown
        _replace_password(connection, person, hashed)
        return begin(connection, person, user_agent)


def set_password_here(database: Database, person: Person, password: str) -> None:
    """Give a person a new password, for whoever holds the machine; ends all their sessions. Raises WeakPassword."""
    hashed = passwords.hash_password(password)
    with database.writing(_SYSTEM) as connection:
        _replace_password(connection, person, hashed)


def _replace_password(connection: Connection, person: Person, hashed: str) -> None:
    store.set_password_hash(connection, _SYSTEM, person.id, hashed)
    session_store.remove_all(connection, _SYSTEM, person.id)


def _who_signs_in(connection: Connection, name: str | None) -> tuple[Person | None, str | None]:
    """The person meant and their password's hash; nobody for an unknown name."""
    if name:
        return store.find_login(connection, _SYSTEM, name) or (None, None)
    people = store.first_people(connection, _SYSTEM, 2)
    if not people:
        raise NotSetUp
    if len(people) > 1:
        raise WhichPerson
    return people[0], store.password_hash(connection, _SYSTEM, people[0].id)
