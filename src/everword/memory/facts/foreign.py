"""Plain statements of German and Spanish put into English clause by clause, so that the same rules read them."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_LONGEST = 16
_TIMED = re.compile(r"\b(?:since|from|until)\b")
_STRONG = re.compile(
    r"\d|(?<=[a-zäöüáéíóúñ] )(?-i:[A-ZÄÖÜÁÉÍÓÚ])\w+ [A-ZÄÖÜ]|"
    r"\bbin (?-i:[A-ZÄÖÜ])\w+(?:er|in|ent|eur|or|ist|mann|frau|arzt)\b|"
    r"\bsoy \w+(?:r[ao]|or|ist[ao]|nte|ic[ao])\b|"
    r"\b(?:einen?|eine|zwei|drei|vier|un|una|dos|tres)\b|"
    r"\ben [A-ZÁÉÍÓÚ]"
)
_Swaps = tuple[tuple[re.Pattern[str], str], ...]


@dataclass(frozen=True, slots=True)
class _Language:
    """How one language says what the rules know."""

    marker: re.Pattern[str]
    tail: re.Pattern[str]
    lasting: re.Pattern[str]
    habit: re.Pattern[str]
    event: re.Pattern[str]
    unsure: re.Pattern[str]
    inverted: re.Pattern[str]
    times: _Swaps
    people: _Swaps
    clauses: _Swaps

    def straight(self, clause: str) -> str:
        """The clause with people and times in English, its subject before its verb."""
        text = _swapped(_swapped(clause.strip(" .!"), self.people), self.times)
        if match := self.inverted.fullmatch(text):
            text = " ".join(filter(None, (match["who"], match["verb"], match["rest"], match["time"])))
        return re.sub(r"(?i)^(?:mein|meine|unser|unsere|mi|nuestr[oa]) ", "my ", text)


@dataclass(frozen=True, slots=True)
class AsSaid:
    """A clause that no pattern puts into English, kept in its own words: of whom, and its times in English.

    `whose` is "" for the speaker, otherwise who it is to them ("sister").
    """

    whose: str
    words: str
    timed: str
    is_event: bool


def as_said(clause: str) -> AsSaid | None:
    """What a German or Spanish clause says for long, or happened for good: by its verb with a habit or a time."""
    for language in _languages():
        kept = language.tail.sub("", clause.strip(" .!"))
        if language.marker.search(kept) is None or language.unsure.search(kept) is not None:
            continue
        text = language.straight(kept)
        is_event = language.event.fullmatch(text) is not None
        whose = re.match(r"my (?P<of>[\w-]+)", text)
        is_long = language.habit.search(text) is not None or _TIMED.search(text) is not None
        is_told = language.lasting.fullmatch(text) is not None and (is_long or _STRONG.search(text) is not None)
        if (is_event or is_told) and len(kept.split()) <= _LONGEST:
            return AsSaid(whose["of"].casefold() if whose else "", kept, text, is_event)
    return None


def in_english(clause: str) -> str:
    """The clause as English, where it is a plain statement of a language known here; otherwise as it is.

    What it names stays in its own words: "Ich esse kein Fleisch" is "I do not eat Fleisch".
    """
    for language in _languages():
        kept = language.tail.sub("", clause.strip(" .!"))
        if language.marker.search(kept) is None or language.unsure.search(kept) is not None:
            continue
        text = language.straight(kept)
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
    patterns = {
        name: re.compile(record[name], re.IGNORECASE)
        for name in ("marker", "tail", "lasting", "habit", "event", "unsure", "inverted")
    }
    times, people, clauses = (_swaps(record[name]) for name in ("times", "people", "clauses"))
    return _Language(**patterns, times=times, people=people, clauses=clauses)


def _swaps(pairs: list[list[str]]) -> _Swaps:
    return tuple((re.compile(pattern, re.IGNORECASE), english) for pattern, english in pairs)
