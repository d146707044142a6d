"""Plain statements of German and Spanish put into English clause by clause, so that the same rules read them."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_Swaps = tuple[tuple[re.Pattern[str], str], ...]


@dataclass(frozen=True, slots=True)
class _Language:
    """How one language says what the rules know."""

    marker: re.Pattern[str]
    unsure: re.Pattern[str]
    inverted: re.Pattern[str]
    times: _Swaps
    people: _Swaps
    clauses: _Swaps


def in_english(clause: str) -> str:
    """The clause as English, where it is a plain statement of a language known here; otherwise as it is.

    What it names stays in its own words: "Ich esse kein Fleisch" is "I do not eat Fleisch".
    """
    for language in _languages():
        if language.marker.search(clause) is None or language.unsure.search(clause) is not None:
            continue
        text = _swapped(_swapped(clause.strip(" .!"), language.people), language.times)
        if match := language.inverted.fullmatch(text):
            text = " ".join(filter(None, (match["who"], match["verb"], match["rest"], match["time"])))
        for pattern, english in language.clauses:
            if match := pattern.fullmatch(text):
                told = " ".join(match.expand(english).split())
                return re.sub(r"(?i)^ich (?:(?P<be>is)|does (?P<not>not )|(?P<verb>\w+?)s\b)", _as_i, told)
    return clause


def _as_i(match: re.Match[str]) -> str:
    """The third person of a pattern that serves both, as "I" takes it."""
    return "I am" if match["be"] else "I do not " if match["not"] else f"I {match['verb']}"


def _swapped(text: str, swaps: _Swaps) -> str:
    for pattern, english in swaps:
        text = pattern.sub(english, text)
    return text


@cache
def _languages() -> tuple[_Language, ...]:
    text = resources.files("everword.memory.facts").joinpath("foreign.toml").read_text(encoding="utf-8")
    return tuple(_language(record) for record in tomllib.loads(text).values())


def _language(record: dict[str, Any]) -> _Language:
    marker, unsure, inverted = (re.compile(record[name], re.IGNORECASE) for name in ("marker", "unsure", "inverted"))
    times, people, clauses = (_swaps(record[name]) for name in ("times", "people", "clauses"))
    return _Language(marker, unsure, inverted, times, people, clauses)


def _swaps(pairs: list[list[str]]) -> _Swaps:
    return tuple((re.compile(pattern, re.IGNORECASE), english) for pattern, english in pairs)
