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


@pytest.mark.parametrize("password", [
    "password1234", "P@ssw0rd1234", "passwordpassword", "Welcome!2026!!", "qwertyuiop12", "123456789012",
    "abcabcabcabc", "iloveyou1234!", "everword-everword", "1q2w1q2w1q2w", "letmein-letmein-1",
])  # fmt: skip
def test_what_is_guessed_first_is_refused_with_the_reason(password: str) -> None:
    """A common word made longer by figures and signs is long and no secret; the sentence says so."""
    with pytest.raises(WeakPassword, match="among the first that are guessed"):
        passwords.check(password)


@pytest.mark.parametrize("password", [
    "a quiet sentence", "another quiet one", "correct horse battery", "kmqzxtwbvfpl", "839201746351",
    "my dragon eats plums", "contraseña de ayer", "пароль из слов",
])  # fmt: skip
def test_a_sentence_may_be_chosen(password: str) -> None:
    """A common word within a sentence is no reason, nor are letters or figures in no row."""
    passwords.check(password)


def test_the_same_letters_typed_on_another_keyboard_are_the_same_password() -> None:
    """Composed and decomposed letters verify alike."""
    stored = passwords.hash_password("caf\u00e9 au lait noir")
    assert passwords.verify(stored, "cafe\u0301 au lait noir")
