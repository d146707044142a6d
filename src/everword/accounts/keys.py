"""API keys: made for a program, known by their hash, and revoked."""

from datetime import timedelta

from everword.accounts import key_store, store
from everword.accounts.digests import digest
from everword.accounts.errors import NameInvalid
from everword.accounts.types import ApiKey, Credential, KeyId, Means, Scope
from everword.core import clock
from everword.core.errors import Invalid, NotFound
from everword.core.ids import new_id, new_secret
from everword.core.types import Principal
from everword.storage.database import Database

PREFIX = "ew_"
_SHOWN_CHARACTERS = 11  # 48 of the 256 random bits
_MOST_NAME_CHARACTERS = 80
_TOUCHED_EVERY = timedelta(minutes=1)
_SYSTEM = Principal.system()


def create(database: Database, who: Principal, name: str, scopes: frozenset[Scope]) -> tuple[ApiKey, str]:
    """A new key and its secret, which is shown this once. Raises NameInvalid, or Invalid without a scope."""
    stripped = name.strip()
    if not 1 <= len(stripped) <= _MOST_NAME_CHARACTERS or not stripped.isprintable():
        raise NameInvalid(most=_MOST_NAME_CHARACTERS)
    if not scopes:
        raise Invalid(why=f"A key needs at least one scope: {', '.join(Scope)}.")
    secret = PREFIX + new_secret()
    made = ApiKey(KeyId(new_id()), stripped, secret[:_SHOWN_CHARACTERS], scopes, clock.now(), None)
    with database.writing(who) as connection:
        key_store.add(connection, who, who.own_space, who.person_id, made, digest(secret))
    return made, secret


def authenticate(database: Database, secret: str) -> Credential | None:
    """Who a key stands for and what it opens; None when there is no such key."""
    if not secret.startswith(PREFIX):
        return None
    with database.reading(_SYSTEM) as connection:
        found = key_store.find(connection, _SYSTEM, digest(secret))
        if found is None:
            return None
        key, person_id, own_space, person_name = found
        spaces = store.spaces_of(connection, _SYSTEM, person_id)
    return Credential(
        Principal(person_id, own_space, spaces),
        person_name,
        Means.KEY,
        key.id,
        scopes=key.scopes,
        last_seen_at=key.last_used_at,
    )


def touch(database: Database, credential: Credential) -> None:
    """Note that a key was used. Writes at most once a minute for each."""
    at = clock.now()
    if credential.last_seen_at is not None and at - credential.last_seen_at < _TOUCHED_EVERY:
        return
    with database.writing(_SYSTEM) as connection:
        key_store.touch(connection, _SYSTEM, KeyId(credential.id), at)


def list_keys(database: Database, who: Principal) -> list[ApiKey]:
    """The person's keys, newest first."""
    with database.reading(who) as connection:
        return key_store.list_for(connection, who, who.person_id)


def revoke(database: Database, who: Principal, key_id: KeyId) -> None:
    """Revoke a key at once. Raises NotFound."""
    with database.writing(who) as connection:
        if not key_store.revoke(connection, who, who.person_id, key_id, clock.now()):
            raise NotFound(what="key")
