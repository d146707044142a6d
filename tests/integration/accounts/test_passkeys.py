"""Passkeys, on both databases, with an authenticator in software."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from everword.accounts import passkeys, people
from everword.accounts.errors import NoPasskeyHere, PasskeyRefused
from everword.accounts.passkeys import Site
from everword.accounts.types import Passkey
from everword.core.errors import Conflict, NotFound
from everword.core.types import Principal
from everword.storage.database import Database
from everword.storage.schema.accounts import one_time_link
from tests.authenticator import Authenticator

SITE = Site("https://everword.example.org", "everword.example.org")


@pytest.fixture
def owner(database: Database) -> Principal:
    """The owner."""
    people.ensure_installation(database)
    return people.principal_for(database, people.set_up_here(database, "Nora", "a quiet sentence").id)


def _registered(database: Database, who: Principal, device: Authenticator, name: str = "laptop") -> Passkey:
    options = passkeys.registration_options(database, who, "Nora", SITE)
    return passkeys.register(database, who, SITE, device.create(options), name)


def test_a_passkey_signs_its_person_in_without_a_name(database: Database, owner: Principal) -> None:
    """A registered passkey begins a session for its person, and its use is noted."""
    device = Authenticator(SITE.origin)
    made = _registered(database, owner, device)
    session = passkeys.sign_in(database, SITE, device.get(passkeys.login_options(database, SITE)))
    assert session.person.id == owner.person_id
    assert passkeys.are_there(database, SITE)
    assert passkeys.list_passkeys(database, owner)[0].last_used_at is not None
    passkeys.remove(database, owner, made.id)
    with pytest.raises(PasskeyRefused):
        passkeys.sign_in(database, SITE, device.get(passkeys.login_options(database, SITE)))


def test_an_answer_is_good_once(database: Database, owner: Principal) -> None:
    """What an authenticator signed cannot be sent again: its challenge is used up."""
    device = Authenticator(SITE.origin)
    _registered(database, owner, device)
    answer = device.get(passkeys.login_options(database, SITE))
    passkeys.sign_in(database, SITE, answer)
    with pytest.raises(PasskeyRefused):
        passkeys.sign_in(database, SITE, answer)


def test_a_challenge_we_did_not_give_is_refused(database: Database, owner: Principal) -> None:
    """A signature over a challenge of one's own choosing opens nothing; nor does one given for registering."""
    device = Authenticator(SITE.origin)
    _registered(database, owner, device)
    options = passkeys.login_options(database, SITE)
    registration = passkeys.registration_options(database, owner, "Nora", SITE)
    for challenge in ("b3du", registration["challenge"]):
        with pytest.raises(PasskeyRefused):
            passkeys.sign_in(database, SITE, device.get({**options, "challenge": challenge}))


def test_another_origin_host_or_an_unverified_user_is_refused(database: Database, owner: Principal) -> None:
    """A page elsewhere, another relying party, and a device that did not check its user are all turned away."""
    device = Authenticator(SITE.origin)
    _registered(database, owner, device)
    other = Site("https://other.example.org", "other.example.org")
    device.origin = other.origin
    with pytest.raises(PasskeyRefused):
        passkeys.sign_in(database, SITE, device.get(passkeys.login_options(database, SITE)))
    with pytest.raises(PasskeyRefused):
        passkeys.sign_in(database, other, device.get(passkeys.login_options(database, other)))
    device.origin, device.verifies_user = SITE.origin, False
    with pytest.raises(PasskeyRefused):
        passkeys.sign_in(database, SITE, device.get(passkeys.login_options(database, SITE)))


def test_a_counter_that_does_not_grow_is_a_copy(database: Database, owner: Principal) -> None:
    """Where an authenticator counts, an older count is refused."""
    device = Authenticator(SITE.origin, counter=5)
    _registered(database, owner, device)
    passkeys.sign_in(database, SITE, device.get(passkeys.login_options(database, SITE)))
    device.counter = 3
    with pytest.raises(PasskeyRefused):
        passkeys.sign_in(database, SITE, device.get(passkeys.login_options(database, SITE)))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "192.168.1.5"])
def test_an_ip_address_has_no_passkeys_and_says_why(database: Database, owner: Principal, host: str) -> None:
    """On an address the error names the way out; nothing is offered there."""
    site = Site(f"http://{host}:8321", host)
    with pytest.raises(NoPasskeyHere, match="by name"):
        passkeys.registration_options(database, owner, "Nora", site)
    with pytest.raises(NoPasskeyHere):
        passkeys.login_options(database, site)
    assert not passkeys.are_there(database, site)


def test_localhost_has_passkeys_without_tls(database: Database, owner: Principal) -> None:
    """Browsers hold localhost for secure, and so do we; a plain-http name elsewhere is not."""
    assert Site("http://localhost:8321", "localhost").rp_id == "localhost"
    assert not Site("http://everword.example.org", "everword.example.org").allows_passkeys


def test_a_passkey_is_registered_once_and_by_whom_it_was_offered_to(
    database: Database, owner: Principal, ben: Principal
) -> None:
    """A second registration conflicts; an answer to another person's challenge is refused."""
    device = Authenticator(SITE.origin)
    _registered(database, owner, device)
    with pytest.raises(Conflict):
        _registered(database, owner, device)
    options = passkeys.registration_options(database, owner, "Nora", SITE)
    with pytest.raises(PasskeyRefused):
        passkeys.register(database, ben, SITE, Authenticator(SITE.origin).create(options), "ben's")
    with pytest.raises(NotFound):
        passkeys.remove(database, ben, passkeys.list_passkeys(database, owner)[0].id)


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"response": None},
        {"response": {"clientDataJSON": "!!"}},
        {"response": {"clientDataJSON": "e30"}},
        {"rawId": "\u00e9", "response": {"clientDataJSON": "W10"}},
    ],
)
def test_malformed_answers_are_refused_in_our_words(
    database: Database, owner: Principal, credential: dict[str, Any]
) -> None:
    """Whatever a client sends instead of a credential is refused, never an error of the library's."""
    with pytest.raises(PasskeyRefused):
        passkeys.sign_in(database, SITE, credential)
    with pytest.raises(PasskeyRefused):
        passkeys.register(database, owner, SITE, credential, "a")


def test_asking_for_challenges_fills_no_table(
    database: Database, owner: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many challenges are asked for, a bounded number is kept, and the newest still works."""
    device = Authenticator(SITE.origin)
    _registered(database, owner, device)
    monkeypatch.setattr(passkeys, "_MOST_CHALLENGES", 4)
    options = [passkeys.login_options(database, SITE) for _ in range(8)]
    system = Principal.system()
    with database.reading(system) as connection:
        query = select(func.count()).select_from(one_time_link).where(one_time_link.c.purpose == "passkey_login")
        assert connection.execute(query).scalar_one() == 4
    passkeys.sign_in(database, SITE, device.get(options[-1]))
    with pytest.raises(PasskeyRefused):
        passkeys.sign_in(database, SITE, device.get(options[0]))
