"""Leaving for good: who may, the ways in that close first, and what is left when everything else of theirs has gone."""

from sqlalchemy import Connection

from everword.accounts import key_store, link_store, passkey_store, session_store, store
from everword.accounts.errors import OperatorStays
from everword.accounts.types import Person, Purpose
from everword.core import clock
from everword.core.types import Principal
from everword.storage import preference_store
from everword.storage.database import Database

_MARK = "account.leaving"
_SYSTEM = Principal.system()


def begin(database: Database, who: Principal) -> None:
    """Close every way in and note that this person leaves, in one transaction. From here on nobody comes in as them.

    Raises OperatorStays.
    """
    with database.writing(_SYSTEM) as connection:
        person = store.get(connection, _SYSTEM, who.person_id)
        if person is None:
            return
        if person.is_operator:
            raise OperatorStays
        _close(connection, person)
        if _MARK not in preference_store.read(connection, _SYSTEM, person.own_space):
            since = clock.now().isoformat()
            preference_store.write(connection, _SYSTEM, person.own_space, _MARK, since)


def leaving(database: Database) -> list[Person]:
    """Who is leaving, and has not gone yet."""
    with database.reading(_SYSTEM) as connection:
        spaces = preference_store.spaces_with(connection, _SYSTEM, _MARK)
        found = [store.of_space(connection, _SYSTEM, space_id) for space_id in spaces]
    return [person for person in found if person is not None]


def remove(connection: Connection, person: Person) -> None:
    """Remove the person's space, and with it every row that belongs to it, the person's own among them."""
    store.remove_space(connection, _SYSTEM, person.own_space)


def _close(connection: Connection, person: Person) -> None:
    store.set_password_hash(connection, _SYSTEM, person.id, None)
    session_store.remove_all(connection, _SYSTEM, person.id)
    for key in key_store.list_for(connection, _SYSTEM, person.id):
        key_store.revoke(connection, _SYSTEM, person.id, key.id, clock.now())
    for passkey in passkey_store.list_for(connection, _SYSTEM, person.id):
        passkey_store.remove(connection, _SYSTEM, person.id, passkey.id)
    for purpose in Purpose:
        link_store.remove_unused(connection, _SYSTEM, purpose, person.id)
