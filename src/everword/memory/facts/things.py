"""People's things as subjects: "my contract at the aquarium ends", "printer's a Brother", "Dentist: Dr. Weber"."""

import re

from everword.memory.facts.lexicon import words
from everword.memory.facts.said import is_habit
from everword.memory.facts.verbs import expanded

_OWN = re.compile(r"(?i)^(?:my|our) ")
_BARE = re.compile(r"(?i)^(?:the |new )?(?=[a-z])")
_SHORT = re.compile(
    r"^(?P<noun>.+?)(?:'s|’s) (?P<rest>(?:an?|called|named|on|at|with|in|booked|now|moved|[A-Z0-9])\b.*)$"
)
_NOTED = re.compile(
    r"(?i)^(?P<noun>(?:[\w’'-]+ ){0,3}?[a-z]+) (?P<rest>(?:on|this|next|tomorrow|mon|tues|wednes|thurs|fri|satur|sun)"
    r"(?:day)?\b.*\d.*|tomorrow.*)$"
)
"""An appointment as notes have it, without a verb."""
_LABELLED = re.compile(r"^(?P<noun>[A-Za-zÀ-ÿ][\w’'-]*(?: [\w’'-]+){0,3}): (?P<value>[^:].*)$")
_LINK = re.compile(r"(?i) (?:at|in|of|for|with|from|on|to|near) .*")
_LED = re.compile(r"(?i)(?:from|since|until|till|on|in|as of|starting|after|before)\b")
_OF_SOMEBODY = re.compile(r"['’]s\b|s['’] ")
_STRONG = re.compile(
    r"\d|(?<![.!?] )\b(?!I\b|Ok)[A-ZÀ-ÖØ-Þ]\w|\b(?:called|named)\b|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
)
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
        or _OF_SOMEBODY.search(found[0])
        or _LED.match(found[0])
        or found[1].startswith(("was ", "were "))
    ):
        return None
    noun = found[0][:1].casefold() + found[0][1:] if found[0][1:2].islower() else found[0]
    return (noun, found[1]) if is_strong(found[1]) else None


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


def _split(text: str) -> tuple[str, str] | None:
    """A noun with what belongs to it, and its predicate."""
    short = _SHORT.match(text)
    if short is not None and len(short["noun"].split()) <= _MOST_WORDS:
        return short["noun"], f"is {short['rest']}"
    if (dated := _NOTED.match(text)) is not None and head_of(dated["noun"]) in words("dated"):
        return dated["noun"], f"is {dated['rest']}"
    spoken = expanded(text).split()
    for at in range(1, min(_MOST_WORDS + 1, len(spoken) - 1)):
        if spoken[at].casefold() in words("of_things"):
            return " ".join(spoken[:at]), " ".join(spoken[at:])
        if spoken[at - 1].endswith((",", ".", ";")):
            return None
    return None
