"""People: the first one who sets Everword up, others, and who a person is to every store (their principal)."""

from sqlalchemy import Connection

from everword.accounts import links, passwords, sessions, store
from everword.accounts.errors import AlreadySetUp, NameInvalid, NameTaken, NotSetUp, WhichPerson
from everword.accounts.types import INSTALLATION_SPACE, NewSession, Person, Purpose, Role
from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import PersonId
from everword.core.types import Principal
from everword.storage.database import Database

MOST_NAME_CHARACTERS = 80
_SYSTEM = Principal.system()


def ensure_installation(database: Database) -> None:
    """Make the installation's space where it is missing: the first thing a new database gets. Safe to repeat."""
    with database.reading(_SYSTEM) as connection:
        if store.has_installation(connection, _SYSTEM):
            return
    with database.writing(_SYSTEM) as connection:
        store.hold_first_start(connection, _SYSTEM)
        if not store.has_installation(connection, _SYSTEM):
            store.add_space(connection, _SYSTEM, "installation", "Everword", INSTALLATION_SPACE)


def is_set_up(database: Database) -> bool:
    """Whether there is an owner."""
    with database.reading(_SYSTEM) as connection:
        return store.count(connection, _SYSTEM) > 0


def set_up(database: Database, token: str, name: str, password: str, user_agent: str = "") -> NewSession:
    """Make the owner with the one-time link's secret, and sign them in. Uses the link up.

    Raises LinkUnknown, LinkUsed, AlreadySetUp, NameInvalid or WeakPassword; after those two the link still works.
    """
    name = _checked(name)
    passwords.check(password)
    with database.reading(_SYSTEM) as connection:  # a wrong link costs no hashing
        links.look_up(connection, Purpose.SETUP, token, clock.now())
    hashed = passwords.hash_password(password)
    with database.writing(_SYSTEM) as connection:
        links.use(connection, Purpose.SETUP, token)
        owner = _add_owner(connection, name, hashed)
        return sessions.begin(connection, owner, user_agent)


def set_up_here(database: Database, name: str, password: str) -> Person:
    """Make the owner without a link, for whoever holds the machine. Raises AlreadySetUp, NameInvalid, WeakPassword."""
    name = _checked(name)
    hashed = passwords.hash_password(password)
    with database.writing(_SYSTEM) as connection:
        return _add_owner(connection, name, hashed)


def create_person(database: Database, name: str, password: str | None = None) -> Person:
    """Another person, with a space of their own and no part in anyone else's.

    Raises NameTaken, NameInvalid or WeakPassword.
    """
    name = _checked(name)
    hashed = passwords.hash_password(password) if password is not None else None
    with database.writing(_SYSTEM) as connection:
        store.hold_installation(connection, _SYSTEM)
        return _add(connection, name, hashed, is_operator=False)


def principal_for(database: Database, person_id: PersonId) -> Principal:
    """Who a person is to every store: with their own space and all they are a member of. Raises NotFound."""
    with database.reading(_SYSTEM) as connection:
        person = store.get(connection, _SYSTEM, person_id)
        if person is None:
            raise NotFound(what="person")
        return Principal(person.id, person.own_space, store.spaces_of(connection, _SYSTEM, person.id))


def person_named(database: Database, name: str | None) -> Person:
    """The person of this name, or the only one there is. Raises NotSetUp, WhichPerson or NotFound."""
    with database.reading(_SYSTEM) as connection:
        if name is not None:
            found = store.find_login(connection, _SYSTEM, name)
            if found is None:
                raise NotFound(what="person")
            return found[0]
        people = store.first_people(connection, _SYSTEM, 2)
    if not people:
        raise NotSetUp
    if len(people) > 1:
        raise WhichPerson
    return people[0]


def _add_owner(connection: Connection, name: str, hashed: str) -> Person:
    store.hold_installation(connection, _SYSTEM)
    if store.count(connection, _SYSTEM):
        raise AlreadySetUp
    owner = _add(connection, name, hashed, is_operator=True)
    store.add_membership(connection, _SYSTEM, INSTALLATION_SPACE, owner.id, Role.OWNER)
    return owner


def _add(connection: Connection, name: str, hashed: str | None, *, is_operator: bool) -> Person:
    if store.find_login(connection, _SYSTEM, name) is not None:
        raise NameTaken(name=name)
    space_id = store.add_space(connection, _SYSTEM, "personal", name)
    person = store.add_person(connection, _SYSTEM, space_id, name, hashed, is_operator)
    store.add_membership(connection, _SYSTEM, space_id, person.id, Role.OWNER)
    return person


def _checked(name: str) -> str:
    stripped = name.strip()
    if not 1 <= len(stripped) <= MOST_NAME_CHARACTERS or not stripped.isprintable():
        raise NameInvalid(most=MOST_NAME_CHARACTERS)
    return stripped
