"""Setting up, people, and one-time links, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from everword.accounts import links, people, sessions
from everword.accounts.errors import (
    AlreadySetUp,
    LinkUnknown,
    LinkUsed,
    NameInvalid,
    NameTaken,
    NotSetUp,
    WeakPassword,
    WhichPerson,
)
from everword.accounts.types import INSTALLATION_SPACE
from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import PersonId, new_id
from everword.storage.database import Database

PASSWORD = "a quiet sentence"


@pytest.fixture
def fresh(database: Database) -> Database:
    """A database after its first start: an installation without an owner."""
    people.ensure_installation(database)
    return database


def test_the_link_makes_the_owner_once(fresh: Database) -> None:
    """The one-time link makes an owner with a space of their own and a part in the installation's; then it is used."""
    token = links.renew_setup_link(fresh)
    assert token is not None
    made = people.set_up(fresh, token, " Nora Feld ", PASSWORD, "a browser")
    who = people.principal_for(fresh, made.person.id)
    assert made.person.name == "Nora Feld"
    assert made.person.is_operator
    assert who.spaces == {made.person.own_space, INSTALLATION_SPACE}
    found = sessions.authenticate(fresh, made.secret)
    assert found is not None
    assert found.principal == who
    with pytest.raises(LinkUsed):
        people.set_up(fresh, token, "Mallory", PASSWORD)
    assert links.renew_setup_link(fresh) is None


def test_a_wrong_or_old_link_makes_nobody(fresh: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guessed link is unknown, a renewed one replaces the earlier, and after an hour it has run out."""
    first = links.renew_setup_link(fresh)
    second = links.renew_setup_link(fresh)
    assert first is not None
    assert second is not None
    for token in ("guessed", first):
        with pytest.raises(LinkUnknown):
            people.set_up(fresh, token, "Nora", PASSWORD)
    _turn_clock(monkeypatch, timedelta(hours=1))
    with pytest.raises(LinkUsed):
        people.set_up(fresh, second, "Nora", PASSWORD)
    assert not people.is_set_up(fresh)


def test_a_refused_name_or_password_leaves_the_link_whole(fresh: Database) -> None:
    """A typing mistake does not cost the link."""
    token = links.renew_setup_link(fresh) or ""
    with pytest.raises(WeakPassword):
        people.set_up(fresh, token, "Nora", "short")
    with pytest.raises(NameInvalid):
        people.set_up(fresh, token, "two\nlines", PASSWORD)
    people.set_up(fresh, token, "Nora", PASSWORD)


def test_many_at_once_make_one_owner(fresh: Database) -> None:
    """Of several set-ups at the same moment, by link and at the machine, exactly one succeeds."""
    token = links.renew_setup_link(fresh) or ""

    def attempt(number: int) -> bool:
        try:
            if number % 2:
                people.set_up(fresh, token, f"Person {number}", PASSWORD)
            else:
                people.set_up_here(fresh, f"Person {number}", PASSWORD)
        except (AlreadySetUp, LinkUsed):
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1


def test_many_first_starts_make_one_installation(database: Database) -> None:
    """Several processes that start on an empty database make its one space without an error."""
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: people.ensure_installation(database), range(6)))


def test_names_are_compared_without_case_and_kept_apart(fresh: Database) -> None:
    """Two people cannot have the same name to sign in with, however it is written."""
    people.set_up_here(fresh, "Nora", PASSWORD)
    with pytest.raises(NameTaken):
        people.create_person(fresh, "NORA", PASSWORD)
    other = people.create_person(fresh, "Otto", PASSWORD)
    who = people.principal_for(fresh, other.id)
    assert who.spaces == {other.own_space}
    assert not other.is_operator


def test_who_is_meant_without_a_name(fresh: Database) -> None:
    """With nobody, one or several people the answer is: set up first, that one, or say who."""
    with pytest.raises(NotSetUp):
        people.person_named(fresh, None)
    owner = people.set_up_here(fresh, "Nora", PASSWORD)
    assert people.person_named(fresh, None) == owner
    people.create_person(fresh, "Otto")
    with pytest.raises(WhichPerson):
        people.person_named(fresh, None)
    assert people.person_named(fresh, "nora") == owner
    with pytest.raises(NotFound):
        people.person_named(fresh, "Mallory")
    with pytest.raises(NotFound):
        people.principal_for(fresh, PersonId(new_id()))


def _turn_clock(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    real = clock.now

    def later() -> datetime:
        return real() + by

    monkeypatch.setattr(clock, "now", later)
