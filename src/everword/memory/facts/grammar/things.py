"""People's things as subjects: "my contract at the aquarium ends", "printer's a Brother", "Dentist: Dr. Weber"."""

import re

from everword.memory.facts.grammar.contractions import expanded
from everword.memory.facts.grammar.lexicon import words
from everword.memory.facts.grammar.verb_forms import is_finite
from everword.memory.facts.grammar.wording import is_habit

_OWN = re.compile(r"(?i)^(?:my|our) ")
_BARE = re.compile(r"(?i)^(?:the |new )?(?=[a-z])")
_SHORT = re.compile(
    r"^(?P<noun>.+?)(?:'s|’s) (?P<rest>(?:an?|called|named|on|at|with|in|booked|now|moved|been|under|behind|the|my|"
    r"our|due|off|finally|[A-Z0-9])\b.*)$"
)
_NOTED = re.compile(
    r"(?i)^(?P<noun>(?:[\w’'-]+ ){0,3}?[a-z]+) (?P<rest>(?:on|this|next|tomorrow|mon|tues|wednes|thurs|fri|satur|sun)"
    r"(?:day)?\b.*\d.*|tomorrow.*|\d{1,2}(?:st|nd|rd|th)? (?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|"
    r"dec)\w*\b.*|"
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)\w* \d{1,2}\b.*)$"
)
"""An appointment as notes have it, without a verb."""
_CODED = re.compile(
    r"^(?P<noun>[A-Za-z][\w’'-]*(?: [a-z][\w’'-]*){0,2}) (?P<value>(?=\S*\d)[\w./#-]+|(?:behind|under|in|next to|"
    r"above|below|inside) the [\w ]+)$"
)
"""What notes say of a thing without a verb: "gate code 7714", "spare key under the mat"."""
_LABELLED = re.compile(r"^(?P<noun>[A-Za-zÀ-ÿ][\w’'-]*(?: [\w’'-]+){0,3}): (?P<value>[^:].*)$")
_LINK = re.compile(r"(?i) (?:at|in|of|for|with|from|on|to|near) .*")
_LED = re.compile(r"(?i)(?:from|since|until|till|on|in|as of|starting|after|before)\b")
_OF_SOMEBODY = re.compile(r"['’]s\b|s['’] ")
_STRONG = re.compile(
    r"\d|(?<![.!?] )\b(?!I\b|Ok)[A-ZÀ-ÖØ-Þ]\w|\b(?:called|named)\b|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
)
_AT_PLACE = re.compile(r"(?i)(?:is|are) (?:in|under|behind|on|at|above|below|inside|next to|with) (?:the|my|our|a) ")
_DONE = re.compile(r"(?:was|were) (?:\w+(?:ed|en)|done|sold|built|cut)\b")
"""What was done to a thing."""
_COUNTED = frozenset({"class", "year", "grade", "room", "form", "chapter", "page", "step", "level", "unit"})
"""Nouns that a number behind them only tells apart."""
_MOST_WORDS = 6


def own_thing(clause: str) -> tuple[str, str] | None:
    """The thing of the speaker's that a clause begins with ("my ..."), and what it says of it from its verb on."""
    match = _OWN.match(clause)
    return None if match is None else _split(clause[match.end() :])


def known_thing(clause: str) -> tuple[str, str] | None:
    """A thing that is the speaker's without their saying so ("test is on 6 July"), and what is said of it."""
    if (labelled := _LABELLED.match(clause)) is not None:
        found: tuple[str, str] | None = (labelled["noun"], f"is {labelled['value']}")
    else:
        found = _split(clause[match.end() :]) if (match := _BARE.match(clause)) else None
    if (
        found is None
        or not is_known(found[0])
        or (_OF_SOMEBODY.search(found[0]) and not found[0].casefold().startswith("parents"))
        or _LED.match(found[0])
        or (found[1].startswith(("was ", "were ")) and _DONE.match(found[1]) is None and not is_habit(found[1]))
        or is_finite(found[0].split()[0].casefold(), in_past_only=False)
    ):
        return None
    found = (re.sub(r"(?i)^the ", "", found[0]), found[1])
    noun = found[0][:1].casefold() + found[0][1:] if found[0][1:2].islower() else found[0]
    is_placed = head_of(found[0]) in words("kept_places") and _AT_PLACE.match(found[1]) is not None
    return (noun, found[1]) if is_placed or is_strong(found[1]) else None


def is_strong(value: str) -> bool:
    """Whether words name somebody or something, a number, a day or a habit."""
    return _STRONG.search(value) is not None or is_habit(value)


def head_of(noun: str) -> str:
    """The word that says what kind of thing it is: "contract at the aquarium" is a contract."""
    return _LINK.sub("", noun).split()[-1].casefold()


def is_known(noun: str) -> bool:
    """Whether people have such a thing as something lasting that can be told: a birthday, a favourite dish."""
    spoken = noun.casefold().split()
    if spoken[0] in {"favourite", "favorite"}:
        return len(spoken) > 1
    return head_of(noun) in words("attributes") | words("dated") | words("body") and not (
        len(spoken) > 1 and spoken[0] in {"own", "whole", "only", "main", "first", "this", "that", "best", "a", "an"}
    )


def _is_told_by(noun: str, value: str) -> bool:
    """Whether a code behind a noun says what it is, and not which of several: "rent 900", but not "job 17"."""
    if " " not in noun and value.isdecimal():
        return noun.casefold() in words("numbered")
    return head_of(noun) not in _COUNTED


def _split(text: str) -> tuple[str, str] | None:
    """A noun with what belongs to it, and its predicate."""
    if (coded := _CODED.match(text)) is not None and is_known(coded["noun"]) and _is_told_by(**coded.groupdict()):
        return coded["noun"], f"is {coded['value']}"
    short = _SHORT.match(text)
    if short is not None and len(short["noun"].split()) <= _MOST_WORDS:
        return short["noun"], f"{'has' if short['rest'].startswith('been ') else 'is'} {short['rest']}"
    if (dated := _NOTED.match(text)) is not None and head_of(dated["noun"]) in words("dated"):
        return dated["noun"], f"is {dated['rest']}"
    spoken = expanded(text).split()
    for at in range(1, min(_MOST_WORDS + 1, len(spoken) - 1)):
        if spoken[at].casefold() in words("of_things") or (at > 1 and is_finite(spoken[at].casefold())):
            return " ".join(spoken[:at]), " ".join(spoken[at:])
        if spoken[at - 1].endswith((",", ".", ";")):
            return None
    return None
