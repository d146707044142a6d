"""Plain statements of German and Spanish put into English clause by clause, so that the same rules read them."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from everword.memory.facts.grammar.lexicon import words

_LONGEST = 20
_JOINS = re.compile(r"(?i)^(?:(?:und|aber|also|übrigens|y|pero|pues|oye|bueno|además)\b,? )+")
_TIMED = re.compile(r"\b(?:since|from|until)\b")
_STRONG = re.compile(
    r"\d|(?<=[a-zäöüáéíóúñ] )(?-i:[A-ZÄÖÜÁÉÍÓÚ])\w+ [A-ZÄÖÜ]|"
    r"\b(?:bin|ist) (?-i:[A-ZÄÖÜ])\w+(?:er|in|ent|eur|or|ist|mann|frau|arzt)\b|"
    r"\b(?:soy|es) \w+(?:r[ao]|or|ist[ao]|nte|ic[ao])\b|"
    r"\b(?:einen?|eine|ein|zwei|drei|vier|un|una|dos|tres)\b|"
    r"\b(?:erste|zweite|dritte|vierte|fünfte|\d\.) Klasse\b|"
    r"\ben [A-ZÁÉÍÓÚ]"
)
_WHOSE = re.compile(
    r"my (?P<of>[\w-]+)(?: (?P<called>(?-i:[A-ZÀ-Þ])[a-zà-ÿß]+)(?= ))?|(?P<kin>Mum|Dad|Grandma|Grandpa)\b"
)
_Swaps = tuple[tuple[re.Pattern[str], str], ...]


@dataclass(frozen=True, slots=True)
class _Language:
    """How one language says what the rules know."""

    marker: re.Pattern[str]
    dated: re.Pattern[str]
    """What shows the language where no other word does: its days."""
    tail: re.Pattern[str]
    lasting: re.Pattern[str]
    constant: re.Pattern[str]
    over: re.Pattern[str]
    habit: re.Pattern[str]
    event: re.Pattern[str]
    unsure: re.Pattern[str]
    inverted: re.Pattern[str]
    times: _Swaps
    people: _Swaps
    clauses: _Swaps

    def straight(self, clause: str) -> str:
        """The clause with people and times in English, its subject before its verb."""
        bare = _JOINS.sub("", clause.strip(" .!"))
        text = _swapped(_swapped(bare, self.people), self.times)
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
    name: str = ""
    """Whom it names, where it is about neither the speaker nor somebody of theirs."""
    is_over: bool = False
    """Whether it was so and is no more."""


def as_said(clause: str) -> AsSaid | None:
    """What a German or Spanish clause says for long, or happened for good: by its verb with a habit or a time."""
    for language in _languages():
        kept = language.tail.sub("", clause.strip(" .!"))
        if language.marker.search(kept) is None or language.unsure.search(kept) is not None:
            continue
        text = language.straight(kept)
        is_event = language.event.fullmatch(text) is not None
        is_long = language.habit.search(text) is not None or _TIMED.search(text) is not None
        lasting = language.lasting.fullmatch(text)
        is_told = lasting is not None and (is_long or _STRONG.search(text) is not None)
        is_told = is_told or language.constant.fullmatch(text) is not None
        if (is_event or is_told) and len(kept.split()) <= _LONGEST:
            named = (lasting["name"] or "") if lasting is not None else ""
            whose, called = _whose(text)
            return AsSaid(whose, kept, text, is_event, called or named, language.over.search(text) is not None)
    return None


def _whose(text: str) -> tuple[str, str]:
    """Who of the speaker's a clause is about, or their name; both "" for the speaker, whose things are their own."""
    match = _WHOSE.match(text)
    of = "" if match is None else (match["of"] or match["kin"]).casefold()
    if match is None or of.removesuffix("-in-law") not in words("relations") | words("pets") | words("kinship"):
        return "", ""
    return ("", match["called"]) if match["called"] else (of, "")


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


def times_in_english(text: str) -> str:
    """A text with the days of a language known here as English names them; otherwise as it is."""
    for language in _languages():
        if language.marker.search(text) is not None or language.dated.search(text) is not None:
            return _swapped(text, language.times)
    return text


def _as_i(match: re.Match[str]) -> str:
    """The third person of a pattern that serves both, as "I" takes it."""
    return "I am" if match["be"] else "I do not " if match["not"] else f"I {match['verb']}"


def _swapped(text: str, swaps: _Swaps) -> str:
    for pattern, english in swaps:
        text = pattern.sub(english, text)
    return text


@cache
def _languages() -> tuple[_Language, ...]:
    text = resources.files("everword.memory.facts.grammar").joinpath("foreign.toml").read_text(encoding="utf-8")
    return tuple(_language(record) for record in tomllib.loads(text).values())


def _language(record: dict[str, Any]) -> _Language:
    patterns = {
        name: re.compile(record[name], re.IGNORECASE)
        for name in ("marker", "dated", "tail", "lasting", "constant", "over", "habit", "event", "unsure", "inverted")
    }
    times, people, clauses = (_swaps(record[name]) for name in ("times", "people", "clauses"))
    return _Language(**patterns, times=times, people=people, clauses=clauses)


def _swaps(pairs: list[list[str]]) -> _Swaps:
    return tuple((re.compile(pattern, re.IGNORECASE), english) for pattern, english in pairs)
