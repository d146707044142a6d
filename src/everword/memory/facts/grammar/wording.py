"""Which words are worth keeping: what a habit is, what says something by itself, what only trails behind."""

import re

from everword.memory.facts.grammar.date_forms import MONTHS

PLACE = r"(?:the )?[A-ZÀ-ÖØ-Þ][\w’'.-]+(?:(?: (?:de|da|do|del|upon|on|am|and) | |, )(?:the )?[A-ZÀ-ÖØ-Þ][\w’'.-]+){0,3}"
_MOST_WORDS = 12
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_DAYS = rf"{_DAY}s?"
_PARTS = "(?:mornings|afternoons|evenings|nights)"
_UNITS = "(?:day|week|fortnight|month|year)"
_MONTHS = "|".join(MONTHS)
_FEW = "one|two|three|four|five|six"
_ON_DAYS = (
    rf"{_DAY}s|{_DAY} (?:lunch|dinner|brunch|roast|breakfast)|{_DAY} {_PARTS}|{_DAYS} to {_DAYS}|"
    r"on the \d+(?:st|nd|rd|th)?(?: of (?:the|each|every) month)"
)
_OFTEN = "daily|weekly|fortnightly|monthly|yearly|annually|nightly|(?:all )?year[- ]round"
_AT_TIMES = (
    r"in (?:the (?:school )?holidays|term[- ]time)|"
    rf"(?:on|at|in the|at the|most|some|only) (?:weekends?|weekdays|workdays|school days|days|{_PARTS})"
)
_EVERY = (
    rf"every (?:single |other |second |third )?(?:{_UNITS}|weekend|morning|evening|night|spring|summer|autumn|winter|"
    rf"{_MONTHS}|{_DAYS})|every (?:\d+|{_FEW}|few) (?:days|weeks|months|years|hours)|"
    r"each (?:day|week|month|year|morning|night)|"
    rf"(?:on )?the (?:first|second|third|fourth|last) (?:day|{_DAY}) of (?:the|each|every) month"
)
_TIMES_A = (
    rf"(?:once|twice|\w+ times|\d+ ?x) (?:a|every|per) {_UNITS}|\d+ (?:days|hours|times) (?:a|per) \w+|"
    rf"(?:{_FEW}) (?:days|hours|nights|times) (?:a|per) \w+"
)
_AMOUNT_A = (
    rf"(?:\d[\d.,]*k?|half|{_FEW}|eight|ten)[€$£]? ?(?:(?!times)[\w€$£]+ ){{0,3}}(?:an?|per|each|every) "
    r"(?:day|night|week|month|year)"
)
HABIT = re.compile(rf"(?i)\b(?:{_ON_DAYS}|{_OFTEN}|{_AT_TIMES}|{_EVERY}|{_TIMES_A}|{_AMOUNT_A})\b")
_UNTOLD = re.compile(
    r"(?i)\b(?:you|your|yours|it|its|this|that|these|those|them|him|something|anything|everything|nothing|someone|"
    r"everyone|anyone|somebody|everybody|anybody|here|there|stuff|things?|again|today|tonight|tomorrow|yesterday|"
    r"right now|lately|yet|also|what|how|why|whether|ones?(?!-))\b|[`{}<>=\\|]"
)
"""What points at something that was said or is there to see: without it the words say nothing."""
_CUT = re.compile(
    r"(?i)\s*(?:,\s*(?:and|but|so|which|who|where|because|though|not|right|actually|it|they|he|she|we|i|there|hate|"
    r"love|can['’]t|don['’]t)\b|\b(?:because|since|although|"
    r"though|which|who|where|while|whereas|so|but|when|whenever|if|unless|bc|cuz|"
    r"(?:before|after|as) (?:(?:i|we|he|she|they)\b|(?:the|my|our) [\w-]+ (?:was|were|came|went|left|got|had|is|"
    r"are)))\b|"
    r", (?:text|call|email|message|tell|ask|send|remind|remember|put|keep|note|book|use|try|give|make) (?:me|it|us|"
    r"that|"
    r"her|him|them|my)\b|[;(–—]|:(?!\d)|\s-\s|"
    r" and (?:i|we|he|she|they|it|my|our|am|is|have|has)\b).*"
)
_TRAILS = re.compile(
    r"(?i)(?:[\s,]+(?:now|too|though|again|any ?more|these days|at the moment|right now|currently|as well|actually|"
    r"a lot|there|here|very much|so much|the most|most of all|of course|already|by the way|lol|haha|nowadays|"
    r"at present|ever since|ever|tbh|ngl|fyi|imo|obviously|sadly|unfortunately|luckily|thankfully|at all|then|"
    r"full[- ]time|part[- ]time|together|instead|after all|btw|pls|please|still))+[\s,]*$"
)


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
