"""What is said of a subject, and which words are worth keeping of it."""

import re
from dataclasses import dataclass

from everword.memory.facts.when import Change

PLACE = r"(?:the )?[A-ZÀ-ÖØ-Þ][\w’'.-]+(?:(?: (?:de|da|do|del|upon|on|am|and) | |, )(?:the )?[A-ZÀ-ÖØ-Þ][\w’'.-]+){0,3}"
_MOST_WORDS = 12
_DAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
HABIT = re.compile(
    rf"(?i)\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days|daily|weekly|"
    r"(?:on|at|in the|at the|most|some|only) (?:weekends?|weekdays|mornings|evenings|nights)|"
    rf"every (?:single |other |second )?(?:day|week|month|year|morning|evening|night|weekend|summer|winter|{_DAYS})|"
    r"(?:once|twice|\w+ times|\d+ ?x) (?:a|every|per) (?:day|week|month|year)|\d+ (?:days|hours|times) (?:a|per) \w+|"
    r"(?:one|two|three|four|five|six) (?:days|hours|nights) (?:a|per) \w+|fortnightly|monthly|yearly|annually|nightly|"
    r"every (?:\d+|two|three|four|five|six|few) (?:days|weeks|months|years|hours)|each (?:day|week|month|year|"
    r"morning|night)|"
    r"on the (?:first|second|third|last) (?:day|(?:mon|tues|wednes|thurs|fri|satur|sun)day) of (?:the|each|"
    r"every) month|"
    r"on the \d+(?:st|nd|rd|th)?(?: of (?:the|each|every) month)|"
    rf"(?:mon|tues|wednes|thurs|fri|satur|sun)day (?:mornings|afternoons|evenings|nights)|{_DAYS} to {_DAYS}|"
    r"(?:\d[\d.,]*k?|half|one|two|three|four|five|six|eight|ten)[€$£]? ?(?:(?!times)[\w€$£]+ ){0,3}(?:an?|per|"
    r"each|every) "
    r"(?:day|night|week|month|year))\b"
)
_UNTOLD = re.compile(
    r"(?i)\b(?:you|your|yours|it|its|this|that|these|those|them|him|something|anything|everything|nothing|someone|"
    r"everyone|anyone|somebody|everybody|anybody|here|there|stuff|things?|again|today|tonight|tomorrow|yesterday|"
    r"right now|lately|yet|also|what|how|why|whether|ones?)\b|[`{}<>=\\|]"
)
"""What points at something that was said or is there to see: without it the words say nothing."""
_CUT = re.compile(
    r"(?i)\s*(?:,\s*(?:and|but|so|which|who|where|because|though|not|right|actually)\b|\b(?:because|since|although|"
    r"though|which|who|where|while|whereas|so|but|when|whenever|if|unless|bc|cuz|"
    r"(?:before|after|as) (?:i|we|he|she|they))\b|[;(–—]|:(?!\d)|\s-\s|"
    r" and (?:i|we|he|she|they|it|my|our|am|is|have|has)\b).*"
)
_TRAILS = re.compile(
    r"(?i)(?:[\s,]+(?:now|too|though|again|any ?more|these days|at the moment|right now|currently|as well|actually|"
    r"a lot|there|here|very much|so much|the most|most of all|of course|already|by the way|lol|haha|nowadays|"
    r"at present|ever since|ever|full[- ]time|part[- ]time|together|instead|after all|btw|pls|please|still))+[\s,]*$"
)


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a subject, without saying whose: `you`, `third` and `past` are the verb as each takes it."""

    slot: str
    value: str
    you: str
    third: str
    past: str
    tail: str
    change: Change = Change.IS
    confidence: float = 0.9
    is_event: bool = False
    """Whether it stays true after it happened, as a birth or a degree does."""
    is_timed: bool = False
    """Whether it is worth keeping only with a time."""


_OF_IT = re.compile(r"(?i)(?<=\w) (?:on|in|for|about|with|of|to|from|at|off) (?:it|them|this|that)$")


def trimmed(value: str) -> str:
    """A value without what trails behind it: reasons, asides, words of no weight."""
    kept = _TRAILS.sub("", _CUT.split(value, maxsplit=1)[0]).strip(" ,.!;:'\"“”")
    return _OF_IT.sub("", kept)


def is_telling(complement: str) -> bool:
    """Whether words say something by themselves, without what was said before them."""
    is_short = len(complement.split()) <= _MOST_WORDS and re.search(r"[^\W\d_]{2}|\d", complement) is not None
    return is_short and not _UNTOLD.search(complement)


def is_habit(complement: str) -> bool:
    """Whether words name how often, or on which days, something is done."""
    return HABIT.search(complement) is not None
