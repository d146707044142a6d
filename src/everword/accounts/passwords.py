"""Passwords: what is accepted, and argon2id over it."""

import functools
import unicodedata
from typing import TYPE_CHECKING

from everword.accounts.errors import WeakPassword
from everword.accounts.guessed_passwords import is_guessed_first
from everword.core.ids import new_secret

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST_CHARACTERS = 12
MOST_CHARACTERS = 1024


@functools.cache
def _hasher() -> "PasswordHasher":
    """RFC 9106, second recommended option: argon2id, t=3, 64 MiB, p=4. About 0.1 s on two cores."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)


def check(password: str) -> None:
    """Raise WeakPassword unless `password` may be chosen: long enough, and none of the first that are guessed.

    Its mix of characters does not matter (NIST 800-63B).
    """
    why = None
    if len(password) < LEAST_CHARACTERS:
        why = f"The password needs at least {LEAST_CHARACTERS} characters."
    elif len(password) > MOST_CHARACTERS:
        why = f"The password may have {MOST_CHARACTERS:,} characters at most."
    elif is_guessed_first(password):
        why = "That password is among the first that are guessed: a common word, or a row of keys, made longer."
    if why is not None:
        raise WeakPassword(why=why)


def hash_password(password: str) -> str:
    """The hash to store, in PHC format. Takes about 0.1 s and 64 MiB: never call it on the event loop."""
    check(password)
    return _hasher().hash(_normal(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether `password` is the one that was hashed.

    It costs the same where nothing is stored, so the time taken tells nobody which accounts exist.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > MOST_CHARACTERS:
        return False
    try:
        _hasher().verify(stored or _stand_in(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's, so that the next sign-in should renew it."""
    return _hasher().check_needs_rehash(stored)


def _normal(password: str) -> bytes:
    """One form for what looks the same, whichever keyboard typed it (RFC 8265 uses NFC)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", errors="surrogatepass")


@functools.cache
def _stand_in() -> str:
    """The hash of a password nobody knows, made once for this process."""
    return _hasher().hash(new_secret())
