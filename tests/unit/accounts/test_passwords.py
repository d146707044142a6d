"""What a password may be, and how it is kept."""

from __future__ import annotations

import pytest

from everword.accounts import passwords
from everword.accounts.errors import WeakPassword


def test_a_hash_is_argon2id_with_the_parameters_of_rfc_9106() -> None:
    """The stored hash names its algorithm and cost, and verifies only the password it was made from."""
    stored = passwords.hash_password("a quiet sentence")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.verify(stored, "a quiet sentence")
    assert not passwords.verify(stored, "a quiet sentencE")
    assert not passwords.is_outdated(stored)


def test_nothing_verifies_against_no_hash() -> None:
    """An account without a password, or no account, admits nobody: not with the empty password either."""
    assert not passwords.verify(None, "")
    assert not passwords.verify(None, "a quiet sentence")
    assert not passwords.verify("not a hash", "a quiet sentence")


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 12, "ab" * 600])
def test_weak_and_endless_passwords_are_refused(password: str) -> None:
    """Short, all the same, or long enough to burden the server: refused before any hashing."""
    with pytest.raises(WeakPassword):
        passwords.check(password)


def test_the_same_letters_typed_on_another_keyboard_are_the_same_password() -> None:
    """Composed and decomposed letters verify alike."""
    stored = passwords.hash_password("caf\u00e9 au lait noir")
    assert passwords.verify(stored, "cafe\u0301 au lait noir")
