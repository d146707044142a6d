"""What kind of answer a question asks for, and whether a text has something of that kind: patterns, English."""

import re
from collections.abc import Set as AbstractSet
from enum import StrEnum

from everword.memory.words import stems


class AnswerKind(StrEnum):
    """What would answer a question."""

    NUMBER = "number"
    TIME = "time"
    PLACE = "place"
    PERSON = "person"
    REASON = "reason"
    COLOUR = "colour"
    ANYTHING = "anything"


#: In order: the first that is found in a question says what it asks for.
_ASKED = {
    AnswerKind.NUMBER: (
        r"\bhow (?:many|much|old|far|tall|big|often|long)\b|\bwhat (?:percentage|number|size|age|price|time)\b|"
        r"\b(?:cost|price|code|pin|password|rent|pay|paid|number)\b"
    ),
    AnswerKind.TIME: r"\bwhen\b|\b(?:what|which) (?:date|day|month|year)\b",
    AnswerKind.PLACE: (
        r"\bwhere\b|\baddress\b|"
        r"\bwhich (?:city|town|country|school|hospital|shop|street|place|bank|company)\b"
    ),
    AnswerKind.PERSON: r"\bwho(?:'s|’s|se|m)?\b|\b(?:sur)?name\b|\bcalled\b",
    AnswerKind.REASON: r"\bwhy\b|\breason\b",
    AnswerKind.COLOUR: r"\bcolou?r\b",
}
_ASKED_COMPILED = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _ASKED.items()]

_GIVEN = {
    AnswerKind.NUMBER: (
        r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|hundred|"
        r"thousand|half|both|dozen|once|twice)\b"
    ),
    AnswerKind.TIME: (
        r"\b(?:yesterday|today|tomorrow|tonight|last|next|ago|weeks?|weekend|month|year|since|until|monday|tuesday|"
        r"wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|"
        r"october|november|december|easter|christmas|(?:19|20)\d\d|\d{1,2}(?:st|nd|rd|th)|\d{1,2}:\d\d|"
        r"\d{1,2}(?:am|pm))\b"
    ),
    AnswerKind.PLACE: (
        r"\b(?:in|at|to|from|near|by|on|behind|under|outside|inside|around)\s+(?:the |my |our |her |his |a )?[\w’'-]+"
    ),
    AnswerKind.REASON: r"\b(?:because|since|so that|so|as|due|reason|otherwise|after|to)\b",
    AnswerKind.COLOUR: (
        r"\b(?:red|blue|green|yellow|black|white|gr[ae]y|brown|pink|purple|orange|cream|navy|silver|gold|turquoise|"
        r"beige)\b"
    ),
}
_GIVEN_COMPILED = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _GIVEN.items()}
_NAME = re.compile(r"(?<![.!?\n] )(?<!^)\b[A-Z][\w’'-]+")
_KIN = re.compile(
    r"\b(?:mum|mom|dad|mother|father|sister|brother|wife|husband|aunt|uncle|cousin|boss|friend|neighbou?r|colleague)\b",
    re.IGNORECASE,
)


def asked_for(question: str) -> AnswerKind:
    """The kind of answer that `question` asks for."""
    return next((kind for kind, pattern in _ASKED_COMPILED if pattern.search(question)), AnswerKind.ANYTHING)


def gives(kind: AnswerKind, text: str, asked: AbstractSet[str]) -> bool:
    """Whether `text` has something of `kind`; a person is one whose name is not among `asked` (stems)."""
    if kind is AnswerKind.ANYTHING:
        return True
    if kind is AnswerKind.PERSON:
        return bool(_KIN.search(text)) or any(set(stems(name)) - asked for name in _NAME.findall(text))
    return bool(_GIVEN_COMPILED[kind].search(text))
