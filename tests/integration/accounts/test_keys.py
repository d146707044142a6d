"""API keys, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from everword.accounts import keys
from everword.accounts.errors import NameInvalid
from everword.accounts.types import KeyId, Means, Scope
from everword.core.errors import Invalid, NotFound
from everword.core.types import Principal
from everword.storage.database import Database
from everword.storage.schema.accounts import api_key

BOTH = frozenset(Scope)


def test_a_key_stands_for_its_person_until_it_is_revoked(database: Database, anna: Principal) -> None:
    """The secret opens what its scopes say; revoked, it opens nothing."""
    made, secret = keys.create(database, anna, "phone", frozenset({Scope.MODELS}))
    found = keys.authenticate(database, secret)
    assert found is not None
    assert (found.principal, found.means, found.scopes) == (anna, Means.KEY, frozenset({Scope.MODELS}))
    keys.revoke(database, anna, made.id)
    assert keys.authenticate(database, secret) is None
    assert keys.list_keys(database, anna) == []
    with pytest.raises(NotFound):
        keys.revoke(database, anna, made.id)


def test_the_secret_is_not_stored(database: Database, anna: Principal) -> None:
    """The row has the first characters, to know the key by, and a hash."""
    made, secret = keys.create(database, anna, "phone", BOTH)
    with database.reading(anna) as connection:
        row = connection.execute(select(api_key)).one()
    assert secret.startswith(made.prefix)
    assert len(made.prefix) < len(secret) / 3
    assert secret not in str(row)


def test_last_use_is_noted(database: Database, anna: Principal) -> None:
    """A key that was used says when."""
    _, secret = keys.create(database, anna, "phone", BOTH)
    found = keys.authenticate(database, secret)
    assert found is not None
    keys.touch(database, found)
    assert keys.list_keys(database, anna)[0].last_used_at is not None


@pytest.mark.parametrize("secret", ["", "ew_", "ew_guessed", "something else"])
def test_what_is_no_key_opens_nothing(database: Database, anna: Principal, secret: str) -> None:
    """Guessed and malformed secrets are nobody's."""
    keys.create(database, anna, "phone", BOTH)
    assert keys.authenticate(database, secret) is None


def test_a_key_needs_a_name_and_a_scope(database: Database, anna: Principal) -> None:
    """A nameless key, or one that opens nothing, is refused."""
    with pytest.raises(NameInvalid):
        keys.create(database, anna, " ", BOTH)
    with pytest.raises(Invalid):
        keys.create(database, anna, "phone", frozenset())


def test_another_persons_key_cannot_be_seen_or_revoked(database: Database, anna: Principal, ben: Principal) -> None:
    """Ben neither lists nor revokes Anna's key."""
    made, secret = keys.create(database, anna, "phone", BOTH)
    assert keys.list_keys(database, ben) == []
    with pytest.raises(NotFound):
        keys.revoke(database, ben, KeyId(made.id))
    assert keys.authenticate(database, secret) is not None
