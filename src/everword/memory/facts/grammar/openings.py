"""How clauses open before they say anything: greetings, asides, and "just so you know that"."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from everword.memory.facts.grammar.lexicon import words

_FIRST_PERSON = r"(?:i|we|my|our)\b"
_DATED = r"(?:(?:as of|from|since|starting|effective|on|in) [^,]{3,25}?,? )?"
_WORD = re.compile(r"^(?P<word>[A-Za-zÀ-ÿ’']+)[,!.…]+ +(?=(?:[Ii]|[Ww]e|[Mm]y|[Oo]ur)\b)")
_PLEDGED = re.compile(
    r"^(?P<who>(?:[Mm]y |[Oo]ur )?[\w’'.-]+(?: (?-i:[A-Z])[\w’'-]+)?) "
    r"(?:says?|said|promised|tells me|told (?:me|us))(?: that)? (?:he|she|they)(?:['’]ll| will) "
)
"""Who says what they will do."""


@dataclass(frozen=True, slots=True)
class _Openings:
    aside: re.Pattern[str]
    told: re.Pattern[str]
    """What the speaker tells of telling: what follows is their own statement."""
    diagnosed: re.Pattern[str]
    """What those say who examined the speaker."""


def without_greeting(clause: str) -> str:
    """The clause without greetings and asides."""
    return _openings().aside.sub("", clause.strip(" ,;-–—*•\t")).strip()


def without_lead(clause: str) -> str:
    """The clause without the words that only open it, and that it is told."""
    opening = _openings()
    text = clause.strip(" ,;-–—*•\t")
    while True:
        shorter = opening.told.sub("", opening.diagnosed.sub("", opening.aside.sub("", text))).strip()
        match = _WORD.match(shorter)
        if match is not None and match["word"].casefold() not in words("joins"):
            shorter = shorter[match.end() :]
        if shorter == text:
            return _PLEDGED.sub(r"\g<who> will ", text)
        text = shorter


@cache
def _openings() -> _Openings:
    text = resources.files("everword.memory.facts.grammar").joinpath("openings.toml").read_text(encoding="utf-8")
    record = tomllib.loads(text)
    return _Openings(
        aside=re.compile(rf"(?i)^(?:(?:{'|'.join(record['asides'])})\b[,:!.\s-]*)+"),
        told=re.compile(rf"(?i)^(?:{'|'.join(_told(record))})(?={_DATED}{_FIRST_PERSON})"),
        diagnosed=re.compile(
            rf"(?i)^(?:(?:the|my|our) )?(?:[\w-]+ )?(?:{record['examiners']}) "
            r"(?:says|say|said|tells me|told me|confirmed)(?: today| yesterday)?(?: that)? (?=(?:i|my)\b)"
        ),
    )


def _told(record: dict[str, Any]) -> tuple[str, ...]:
    """The ways to tell that something is told, each with what joins it to what follows."""
    adverbs = r"(?:just |also |already |recently )?"
    return (
        (
            rf"(?:(?:i|we) )?{adverbs}(?:(?:have|['’]ve) )?(?:{record['told']})(?: to)? (?!you\b)"
            r"(?:[\w’'.]+ ){1,4}?(?:that )?"
        ),
        (
            r"(?:.{0,40}\b)?(?:inform|tell|remind|notify|let) (?:you|everyone|everybody|all of you)(?: all| both|"
            r" know)* that "
        ),
        (
            r"(?:please |pls |just |so |also |can you |could you )*"
            rf"(?:{'|'.join(record['kept_in_mind'])})(?: that|:|,) ?"
        ),
        rf"(?:{'|'.join(record['announced'])})(?: that)? ",
    )
