"""What "it" is now: "it's Truro now" says anew what the clause before said of a place, a thing or a day."""

import re
from dataclasses import dataclass, replace

from everword.memory.facts.grammar.subjects import Subject
from everword.memory.facts.reading.said import Said
from everword.memory.facts.types import NO, YES

_TIME = r"(?:(?:since|from|as of|starting) [\w’' ]{2,25}?,? )?"
_NEW = re.compile(
    rf"(?i)^(?:no,? |sorry,? |wait,? |but |and |so )*(?P<time>{_TIME})(?P<now>now |actually |these days )?"
    r"(?:it|that|they)(?:['’]s| is|['’]re| are)(?: now| actually| called)*,? (?P<value>[^,;(]+?)"
    r"(?P<after> (?:now|since .+|from .+|these days|instead|actually))?(?:[,(] .*)?$"
)
_MOST_WORDS = 6
_OBJECT = re.compile(
    r"(?i)\b(?:changed?|switched|replaced|upgraded|renamed|swapped|got) (?:my|our|the) (?P<noun>[\w-]+(?: [\w-]+)?)$"
)
_POINTS = re.compile(
    r"(?i)(?:a |the )?(?:bit|lot|joke|mess|nightmare|shame|pain|good|great|bad|so|too|very|not|all|about|like|just|"
    r"time|my|your)\b"
)
_OLD = re.compile(
    r"(?i)\b(?:used to|no longer|any ?more|not|was|were|changed?|switched|moved|until|till|no)\b|n['’]t\b"
)


@dataclass(frozen=True, slots=True)
class Former:
    """What the clause before said: of whom, and in which words."""

    subject: Subject
    said: Said | None
    text: str


def is_update(clause: str, former: Former) -> re.Match[str] | None:
    """Whether a clause says with "it" what something is now, behind a clause that told how it was."""
    match = _NEW.match(clause)
    if match is None or len(match["value"].split()) > _MOST_WORDS or _POINTS.match(match["value"]):
        return None
    is_new = match["now"] or match["time"] or match["after"]
    return match if is_new or _OLD.search(former.text) else None


def updated(match: re.Match[str], former: Former) -> tuple[Subject, Said | None] | None:
    """The subject with its new predicate, or what is said of it with the new value; None where that is not clear."""
    value = match["value"].strip()
    times = " ".join(filter(None, (match["time"].strip(" ,"), (match["after"] or "").strip())))
    if former.subject.noun:
        return replace(former.subject, rest=f"is {value} {times}".strip()), None
    said = former.said
    if said is not None and said.value not in {YES, NO} and said.value in said.tail:
        tail = said.tail.replace(said.value, value)
        return replace(former.subject, rest=times), replace(said, value=value, tail=tail)
    if (thing := _OBJECT.search(former.text)) is not None:
        return replace(former.subject, rest=f"is {value} {times}".strip(), noun=thing["noun"]), None
    return None
