"""The rows of people, spaces and memberships."""

import unicodedata

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from everword.accounts.types import INSTALLATION_SPACE, Person, Role
from everword.core import clock
from everword.core.ids import PersonId, SpaceId, new_id
from everword.core.types import Principal
from everword.storage.schema.accounts import membership, person, space
from everword.storage.scope import require_space, visible

_FIRST_START_LOCK = 0x646F6F72  # "door"


def login_name(name: str) -> str:
    """The name as it is compared when signing in: "NORA " and "nora" are one."""
    return unicodedata.normalize("NFKC", name.replace("\0", "")).strip().casefold()


def add_space(connection: Connection, who: Principal, kind: str, name: str, space_id: SpaceId | None = None) -> SpaceId:
    """A new space; who is in it is said by memberships."""
    made = require_space(who, space_id or SpaceId(new_id()))  # nobody is in a new one yet: the installation makes it
    connection.execute(insert(space).values(id=made, kind=kind, name=name, created_at=clock.now()))
    return made


def has_installation(connection: Connection, who: Principal) -> bool:
    """Whether the installation's space is there."""
    query = select(space.c.id).where(visible(space, who), space.c.id == INSTALLATION_SPACE)
    return connection.execute(query).first() is not None


def hold_first_start(connection: Connection, who: Principal) -> None:
    """Let no other process start a new installation until this transaction ends (SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_FIRST_START_LOCK)))


def hold_installation(connection: Connection, who: Principal) -> None:
    """Let no other transaction set up the installation until this one ends."""
    query = select(space.c.id).where(visible(space, who), space.c.id == INSTALLATION_SPACE).with_for_update()
    connection.execute(query)


def add_person(
    connection: Connection, who: Principal, own_space: SpaceId, name: str, password_hash: str | None, is_operator: bool
) -> Person:
    """A new person. The caller has made sure that the name is free."""
    require_space(who, own_space)
    made = Person(PersonId(new_id()), own_space, name, is_operator, clock.now())
    row = {
        "id": made.id,
        "space_id": own_space,
        "name": name,
        "login_name": login_name(name),
        "password_hash": password_hash,
        "is_operator": is_operator,
        "created_at": made.created_at,
    }
    connection.execute(insert(person).values(row))
    return made


def add_membership(connection: Connection, who: Principal, space_id: SpaceId, person_id: PersonId, role: Role) -> None:
    """Let a person into a space."""
    require_space(who, space_id)
    row = {"space_id": space_id, "person_id": person_id, "role": role, "created_at": clock.now()}
    connection.execute(insert(membership).values(row))


def get(connection: Connection, who: Principal, person_id: PersonId) -> Person | None:
    """One person, if `who` may see them."""
    query = _PEOPLE.where(visible(person, who), person.c.id == person_id)
    row = connection.execute(query).first()
    return _person(row) if row else None


def of_space(connection: Connection, who: Principal, space_id: SpaceId) -> Person | None:
    """The person whose own space it is."""
    row = connection.execute(_PEOPLE.where(visible(person, who), person.c.space_id == space_id)).first()
    return _person(row) if row else None


def remove_space(connection: Connection, who: Principal, space_id: SpaceId) -> bool:
    """Remove a space and every row that belongs to it; whether there was one. A person's own takes the person along."""
    return bool(connection.execute(delete(space).where(visible(space, who), space.c.id == space_id)).rowcount)


def find_login(connection: Connection, who: Principal, name: str) -> tuple[Person, str | None] | None:
    """The person who signs in as `name`, with their password's hash."""
    query = _WITH_HASH.where(visible(person, who), person.c.login_name == login_name(name))
    row = connection.execute(query).first()
    return (_person(row), row.password_hash) if row else None


def password_hash(connection: Connection, who: Principal, person_id: PersonId) -> str | None:
    """The hash of a person's password; None where they have none."""
    query = select(person.c.password_hash).where(visible(person, who), person.c.id == person_id)
    found: str | None = connection.execute(query).scalar()
    return found


def set_password_hash(connection: Connection, who: Principal, person_id: PersonId, hashed: str | None) -> None:
    """Give a person another password, or none, which nothing opens."""
    connection.execute(
        update(person).where(visible(person, who), person.c.id == person_id).values(password_hash=hashed)
    )


def count(connection: Connection, who: Principal) -> int:
    """How many people `who` may see."""
    return int(connection.execute(select(func.count()).select_from(person).where(visible(person, who))).scalar_one())


def first_people(connection: Connection, who: Principal, limit: int) -> list[Person]:
    """The people who were here first."""
    query = _PEOPLE.where(visible(person, who)).order_by(person.c.id).limit(limit)
    return [_person(row) for row in connection.execute(query)]


def spaces_of(connection: Connection, who: Principal, person_id: PersonId) -> frozenset[SpaceId]:
    """The spaces a person is in."""
    query = select(membership.c.space_id).where(visible(membership, who), membership.c.person_id == person_id)
    return frozenset(SpaceId(found) for found in connection.execute(query).scalars())


_PEOPLE = select(person.c.id, person.c.space_id, person.c.name, person.c.is_operator, person.c.created_at)
_WITH_HASH = _PEOPLE.add_columns(person.c.password_hash)


def _person(row: "Row[*tuple[object, ...]]") -> Person:
    return Person(row.id, row.space_id, row.name, row.is_operator, row.created_at)
