"""What notes leave out: "I am" and "I" before "vegan since March", "sold the van", "can't have nuts"."""

import re
from functools import cache

from everword.memory.facts.grammar.contractions import expanded
from everword.memory.facts.grammar.lexicon import states, turning_points, words
from everword.memory.facts.grammar.verb_forms import has_verb
from everword.memory.facts.grammar.verbs import Verb, read_gerund, read_verb
from everword.memory.facts.grammar.when import Tense, names_stretch
from everword.memory.facts.grammar.wording import is_habit

_NOW = r"(?:(?:now|newly|recently|officially|still|finally|happily|back|severely|not|no longer|currently) )*"
_BE = re.compile(
    rf"(?i){_NOW}(?:clean|veggie|dairy[- ]free|allergic|intolerant|born|based in|diagnosed with|fasting|on leave|"
    r"on sick leave|off sick|raised in|on the \w+ since|at \d+ (?-i:[A-Z])|a fan of|an? (?:big |huge |great )?fan of|"
    r"into (?=\w+$)|on \w+(?:in|ol|ine|pam|ide|il|ate|ban|pril|mab|zole|xin|statin)(?: \d+ ?(?:mg|mcg)?)?|"
    r"keen on|fond of|trained as|due (?:on )?(?=\d)|not (?:much |really )?(?:into|keen on|a fan of)|"
    r"off (?:dairy|gluten|meat|sugar|caffeine|coffee|alcohol|wheat)|on (?:night|day|early|late) shifts?)\b|"
    r"(?i:no fan of)\b"
)
_ABLE = re.compile(
    r"(?i)(?:can|do|will|am|have) not (?:have|eat|drink|do|take|stand|tolerate|digest|swim|drive|cycle|fly)\b"
)
_PERSONS = re.compile(
    r"(?i)(?:an?|one|two|three|four|five|six|\d+) (?:[a-z]+ )?(?:kids|child(?:ren)?|sons?|daughters?|sisters?|"
    r"brothers?|siblings|grandchildren|cats?|dogs?)(?:$|[,:] ?(?-i:[A-Z])| (?:named|called) )"
)
_GONE_ON = re.compile(r"(?i)been (?:[a-z]+ing\b|(?:on|in|with|at|off|sober|vegan|vegetarian|clean|married|single)\b)")
_TASTE = re.compile(
    r"(?i)(?:love|loves?|hate|dislike|prefer|adore|like|can not stand|can not bear) (?!is\b|was\b|are\b|it\b|this\b|"
    r"that\b|you|in\b|on\b|at\b|when\b|how\b|the way|an? (?!good)|to\b|i\b|with\b|those|these|your|what|all)"
)
_HELD = re.compile(r"(?i)(?:my|our|a|an|the|two|three|\d+|only|no|less|more|for|at|as|in|to (?-i:[A-Z])\w*)\b")
_IS_SUBJECT = re.compile(
    r"(?i)\b(?:is|are|was|were|has|have|had|can|will|would|does|did|helps?|makes?|gives?|gets?|feels?)\b"
)
"""What shows that the -ing form is the subject: "running a business is hard"."""
_AT_PLACE = re.compile(
    r"(?i)(?:(?:now|still|back|only) )*(?:on|off|in|at|out of|under|away|without|down to|up to|with|between|"
    r"into) (?!the (?:one|other) hand)"
)
_THINGS = re.compile(
    r"(?i)(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d+|no|no more|new|only) (?=[\w’'-]+)"
)
_LESSON = re.compile(
    r"(?i)(?:[\w’'-]+ ){0,2}(?:lessons?|class|classes|practice|training|rehearsals?|therapy|physio|choir|yoga|"
    r"pilates|swimming|"
    r"football|dialysis|tutoring|band|clinic|meetings?|shifts?) (?:every|on|each|once|twice|mon|tues|wednes|thurs|"
    r"fri|satur|sun)"
)
"""What notes say of what comes again: "lesson every other Thursday"."""
_COPULA = re.compile(r"(?i)\b(?:is|are|was|were|am|has|have|will)\b")
_FINITE = re.compile(
    r"(?i)\b(?:is|are|was|were|am|has|have|had|can|will|would|does|do|did|could|should|must|may|might|\w+['’](?:s|re|"
    r"ve|ll|d))\b"
)


def elided(clause: str) -> str | None:
    """What a clause without a subject says of whoever writes it."""
    if _GONE_ON.match(clause):
        return f"have {clause}"
    whole = expanded(clause)
    if _ABLE.match(whole) or re.match(r"(?i)no longer ", clause):
        return whole
    if _PERSONS.match(clause):
        return f"have {clause[:1].casefold()}{clause[1:]}"
    if _BE.match(clause) or _state().match(clause):
        return f"am {clause}"
    if _LESSON.match(clause) and is_habit(clause) and _COPULA.search(clause) is None:
        return f"have {clause[:1].casefold()}{clause[1:]}"
    if _TASTE.match(whole):
        return whole
    return _without_verb(clause) or _with_verb(clause)


@cache
def _state() -> re.Pattern[str]:
    """A state that somebody is in, known by list."""
    return re.compile(rf"(?i){_NOW}(?:{'|'.join(sorted(map(re.escape, states()), key=len, reverse=True))})\b")


def _without_verb(clause: str) -> str | None:
    """ "14 panels on the roof since Thursday", "back on statins until June": what is had, where one is, for a while."""
    if _FINITE.search(clause) is not None or has_verb(clause) or not names_stretch(clause):
        return None
    if _AT_PLACE.match(clause):
        return f"am {clause}"
    return f"have {clause[:1].casefold()}{clause[1:]}" if _THINGS.match(clause) else None


def _with_verb(clause: str) -> str | None:
    verb = read_verb(clause)
    if verb is not None and verb.tense is Tense.PAST and len(clause.split()) > 2:
        return clause if _is_of_life(verb) else None
    going_on = read_gerund(clause)
    if (
        going_on is not None
        and going_on.lemma not in words("never_lasting")
        and _HELD.match(going_on.rest)
        and _IS_SUBJECT.search(expanded(going_on.rest)) is None
    ):
        return f"am {clause}"
    return None


def _is_of_life(verb: Verb) -> bool:
    """Whether notes tell such things of their writer."""
    return verb.lemma in words("life_events") | words("told_in_notes") or verb.lemma in turning_points()
