"""Signing in and sessions, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from everword.accounts import links, people, sessions
from everword.accounts.digests import csrf_token, is_csrf_token
from everword.accounts.errors import LinkUsed, TooManyAttempts, WhichPerson, WrongPassword
from everword.accounts.throttle import SignInThrottle
from everword.accounts.types import NewSession, Person
from everword.core import clock
from everword.core.errors import NotFound
from everword.storage.database import Database
from everword.storage.schema.accounts import person, session

PASSWORD = "a quiet sentence"
OTHER = "another quiet one"


@pytest.fixture
def owner(database: Database) -> Person:
    """The owner, with a password."""
    people.ensure_installation(database)
    return people.set_up_here(database, "Nora", PASSWORD)


@pytest.fixture
def throttle() -> SignInThrottle:
    """A door at which nobody has knocked yet."""
    return SignInThrottle()


def _sign_in(database: Database, password: str = PASSWORD, name: str | None = None) -> NewSession:
    return sessions.sign_in(database, SignInThrottle(), "127.0.0.1", name, password, "a browser")


def test_the_password_opens_a_session_and_nothing_secret_is_stored(database: Database, owner: Person) -> None:
    """Signing in gives a secret that stands for the person; neither it nor the password is in the database."""
    made = _sign_in(database)
    found = sessions.authenticate(database, made.secret)
    assert found is not None
    assert found.principal.person_id == owner.id
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SELECT set_config('everword.spaces', 'all', false)")
        row = connection.execute(select(session)).one()
        hashed = connection.execute(select(person.c.password_hash)).scalar_one()
    assert made.secret.encode() not in bytes(row.token_hash)
    assert PASSWORD not in hashed


@pytest.mark.parametrize(("name", "password"), [(None, OTHER), ("Nora", OTHER), ("Mallory", PASSWORD), ("No\0ra", "")])
def test_wrong_words_open_nothing_and_do_not_say_which_was_wrong(
    database: Database, owner: Person, name: str | None, password: str
) -> None:
    """A wrong password and an unknown name give the same error."""
    with pytest.raises(WrongPassword):
        _sign_in(database, password, name)


def test_several_people_have_to_say_who_they_are(database: Database, owner: Person) -> None:
    """With one person the name may be left out; with more it may not."""
    people.create_person(database, "Otto", OTHER)
    with pytest.raises(WhichPerson):
        _sign_in(database)
    assert _sign_in(database, OTHER, " OTTO").person.name == "Otto"


def test_guessing_is_slowed_and_forgiven(
    database: Database, owner: Person, throttle: SignInThrottle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After five wrong passwords one has to wait, also with the right one; after the wait the right one opens."""
    start = clock.monotonic()
    monkeypatch.setattr(clock, "monotonic", lambda: start)
    for _ in range(5):
        with pytest.raises(WrongPassword):
            sessions.sign_in(database, throttle, "10.0.0.1", None, OTHER)
    with pytest.raises(TooManyAttempts, match="Wait"):
        sessions.sign_in(database, throttle, "10.0.0.1", None, PASSWORD)
    sessions.sign_in(database, throttle, "10.0.0.2", None, PASSWORD)
    monkeypatch.setattr(clock, "monotonic", lambda: start + 2)
    sessions.sign_in(database, throttle, "10.0.0.1", None, PASSWORD)


def test_a_session_lasts_while_it_is_used(database: Database, owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use within thirty days prolongs it by thirty; unused for thirty it has run out, and is swept away."""
    made = _sign_in(database)
    start = clock.now()
    days = 0
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=days))
    for days in (20, 40, 60):  # noqa: B007 (the clock reads it)
        found = sessions.authenticate(database, made.secret)
        assert found is not None
        sessions.touch(database, found)
    days = 91
    assert sessions.authenticate(database, made.secret) is None
    _sign_in(database)
    assert len(sessions.list_sessions(database, people.principal_for(database, owner.id))) == 1


def test_use_is_written_at_most_once_a_minute(
    database: Database, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests in quick succession do not each write to the database."""
    made = _sign_in(database)
    who = people.principal_for(database, owner.id)
    start = clock.now()
    for seconds, expected in ((30, made.session.last_seen_at), (61, start + timedelta(seconds=61))):
        monkeypatch.setattr(clock, "now", lambda seconds=seconds: start + timedelta(seconds=seconds))
        found = sessions.authenticate(database, made.secret)
        assert found is not None
        sessions.touch(database, found)
        assert sessions.list_sessions(database, who)[0].last_seen_at == expected


def test_sessions_are_ended_one_by_one_and_all_others(database: Database, owner: Person) -> None:
    """An ended session opens nothing; ending the others keeps one's own; an unknown one is not found."""
    first, second, third = (_sign_in(database) for _ in range(3))
    who = people.principal_for(database, owner.id)
    sessions.end(database, who, first.session.id)
    with pytest.raises(NotFound):
        sessions.end(database, who, first.session.id)
    assert sessions.authenticate(database, first.secret) is None
    assert sessions.end_others(database, who, third.session.id) == 1
    assert sessions.authenticate(database, second.secret) is None
    assert sessions.authenticate(database, third.secret) is not None


def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(
    database: Database, owner: Person, throttle: SignInThrottle
) -> None:
    """With the right current password the new one holds, the session that changed it stays, the others end."""
    here, there = _sign_in(database), _sign_in(database)
    who = people.principal_for(database, owner.id)
    with pytest.raises(WrongPassword):
        sessions.change_password(database, throttle, "", who, OTHER, OTHER, here.session.id)
    sessions.change_password(database, throttle, "", who, PASSWORD, OTHER, here.session.id)
    assert sessions.authenticate(database, here.secret) is not None
    assert sessions.authenticate(database, there.secret) is None
    with pytest.raises(WrongPassword):
        _sign_in(database, PASSWORD)
    _sign_in(database, OTHER)


def test_a_reset_link_gives_a_new_password_once(database: Database, owner: Person) -> None:
    """The link sets the password, ends every session and signs in; it works once, and a newer one replaces it."""
    before = _sign_in(database)
    old, token = links.new_reset_link(database, owner), links.new_reset_link(database, owner)
    made = sessions.reset_password(database, token, OTHER)
    assert sessions.authenticate(database, made.secret) is not None
    assert sessions.authenticate(database, before.secret) is None
    _sign_in(database, OTHER)
    with pytest.raises(LinkUsed):
        sessions.reset_password(database, token, PASSWORD)
    with pytest.raises(Exception, match="no such link"):
        sessions.reset_password(database, old, PASSWORD)


def test_the_csrf_token_is_the_sessions_own(database: Database, owner: Person) -> None:
    """The token is derived from the session's secret: another session's does not pass."""
    first, second = _sign_in(database), _sign_in(database)
    assert is_csrf_token(first.secret, csrf_token(first.secret))
    assert not is_csrf_token(first.secret, csrf_token(second.secret))
    assert not is_csrf_token(first.secret, "")
