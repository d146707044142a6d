"""Passwords that are guessed first: common words made longer by figures and signs, and rows of keys."""

import re

_WORDS = frozenset({
    "abc", "abcdef", "admin", "administrator", "adminadmin", "asdf", "asdfgh", "asdfghjkl", "azerty", "baseball",
    "changeme", "charlie", "contrasena", "default", "dragon", "everword", "football", "guest", "hello", "iloveyou",
    "jordan", "letmein", "login", "lovely", "master", "michael", "monkey", "motdepasse", "mustang", "passwd",
    "password", "passwort", "princess", "pass", "qazwsx", "qwer", "qwert", "qwerty", "qwertyuiop", "qwertz",
    "root", "secret", "shadow", "starwars", "sunshine", "superman", "test", "testing", "trustno", "user",
    "welcome", "whatever", "zxcvbn", "zxcvbnm",
})  # fmt: skip
_LOOKS_LIKE = str.maketrans("@4301!$57", "aaeoiisst")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm")
_LONGEST_PERIOD = 4
_LEAST_ROW = 3


def is_guessed_first(password: str) -> bool:
    """Whether it is nothing but common words, rows of keys, figures behind them, and repetition."""
    folded = password.casefold()
    if any(folded == (folded[:period] * len(folded))[: len(folded)] for period in range(1, _LONGEST_PERIOD + 1)):
        return True
    plain = re.sub(r"[\W_]+", "", folded)
    letters = re.sub(r"\d+", "", plain)
    written_so = re.sub(r"\d+$", "", folded).translate(_LOOKS_LIKE)
    return any(_is_common(each) for each in (letters, plain, re.sub(r"[\W_\d]+", "", written_so)) if each)


def _is_common(letters: str) -> bool:
    """Whether it is nothing but common words and rows one behind the other."""
    reached = {0}
    for end in range(1, len(letters) + 1):
        if any(_is_piece(letters[start:end]) for start in reached):
            reached.add(end)
    return len(letters) in reached


def _is_piece(letters: str) -> bool:
    is_row = len(letters) >= _LEAST_ROW and any(letters in row or letters in row[::-1] for row in _ROWS)
    return is_row or letters in _WORDS
