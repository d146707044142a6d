"""One-time links from the terminal: to set up the owner, and to give a person a new password."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from everword.accounts import link_store, store
from everword.accounts.digests import digest
from everword.accounts.errors import AlreadySetUp, LinkUnknown, LinkUsed
from everword.accounts.types import INSTALLATION_SPACE, Person, Purpose
from everword.core import clock
from everword.core.ids import new_secret
from everword.core.types import Principal
from everword.storage.database import Database

LASTS = timedelta(hours=1)
_SYSTEM = Principal.system()


def renew_setup_link(database: Database) -> str | None:
    """The secret of a fresh set-up link, good for an hour; earlier ones stop working. None once there is an owner."""
    token = new_secret()
    with database.writing(_SYSTEM) as connection:
        if store.count(connection, _SYSTEM):
            return None
        link_store.remove_unused(connection, _SYSTEM, Purpose.SETUP, None)
        _add(connection, Purpose.SETUP, None, token)
    return token


def new_reset_link(database: Database, person: Person) -> str:
    """The secret of a link with which `person` chooses a new password within the hour; earlier ones stop working."""
    token = new_secret()
    with database.writing(_SYSTEM) as connection:
        link_store.remove_unused(connection, _SYSTEM, Purpose.RESET_PASSWORD, person.id)
        _add(connection, Purpose.RESET_PASSWORD, person, token)
    return token


def look_up(connection: Connection, purpose: Purpose, token: str, at: datetime) -> link_store.Link:
    """The link with this secret. Raises LinkUnknown, or LinkUsed when it was used or has run out."""
    link = link_store.find(connection, _SYSTEM, purpose, digest(token))
    if link is None:
        if purpose is Purpose.SETUP and store.count(connection, _SYSTEM):
            raise AlreadySetUp
        raise LinkUnknown
    if link.used_at is not None or link.expires_at <= at:
        raise LinkUsed
    return link


def use(connection: Connection, purpose: Purpose, token: str) -> link_store.Link:
    """Use a link up, in the transaction of what it is for. Raises LinkUnknown or LinkUsed."""
    at = clock.now()
    link = look_up(connection, purpose, token, at)
    if not link_store.use(connection, _SYSTEM, link.id, at):
        raise LinkUsed
    return link


def _add(connection: Connection, purpose: Purpose, person: Person | None, token: str) -> None:
    at = clock.now()
    space_id = person.own_space if person else INSTALLATION_SPACE
    person_id = person.id if person else None
    link_store.add(connection, _SYSTEM, space_id, purpose, person_id, digest(token), at, at + LASTS)
