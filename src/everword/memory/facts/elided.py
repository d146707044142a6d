"""What notes leave out: "I am" and "I" before "vegan since March", "sold the van", "can't have nuts"."""

import re

from everword.memory.facts.lexicon import words
from everword.memory.facts.verbs import Verb, expanded, read_gerund, read_verb
from everword.memory.facts.when import Tense

_BE = re.compile(
    r"(?i)(?:(?:now|newly|recently|officially|still|finally|happily|back|severely|not|no longer) )*(?:sober|vegan|"
    r"vegetarian|pescatarian|teetotal|clean|veggie|gluten[- ]free|dairy[- ]free|"
    r"allergic|intolerant|pregnant|engaged|married|divorced|retired|widowed|born|based in|diagnosed with|fasting|"
    r"on leave|on sick leave|off sick|self-employed|raised in|diabetic|coeliac|celiac|on the \w+ since|"
    r"at \d+ (?-i:[A-Z])|a fan of|an? (?:big |huge |great )?fan of|into (?=\w+$)|keen on|fond of|trained as|"
    r"due (?:on )?(?=\d)|"
    r"off (?:dairy|gluten|meat|sugar|caffeine|coffee|alcohol|wheat)|on (?:night|day|early|late) shifts?)\b|"
    r"(?i:no fan of)\b"
)
_ABLE = re.compile(
    r"(?i)(?:can|do|will|am|have) not (?:have|eat|drink|do|take|stand|tolerate|digest|swim|drive|cycle|fly)\b"
)
_PERSONS = re.compile(
    r"(?i)(?:an?|one|two|three|four|five|six|\d+) (?:[a-z]+ )?(?:kids|child(?:ren)?|sons?|daughters?|sisters?|"
    r"brothers?|siblings|"
    r"grandchildren|cats?|dogs?)(?:$|[,:] ?(?-i:[A-Z])| (?:named|called) )"
)
_GONE_ON = re.compile(r"(?i)been (?:[a-z]+ing\b|(?:on|in|with|at|off|sober|vegan|vegetarian|clean|married|single)\b)")


def elided(clause: str) -> str | None:
    """What a clause without a subject says of whoever writes it."""
    if _GONE_ON.match(clause):
        return f"have {clause}"
    if _ABLE.match(expanded(clause)) or re.match(r"(?i)no longer ", clause):
        return expanded(clause)
    if _PERSONS.match(clause):
        return f"have {clause[:1].casefold()}{clause[1:]}"
    if _BE.match(clause):
        return f"am {clause}"
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


_HELD = re.compile(r"(?i)(?:my|our|a|an|the|two|three|\d+|only|no|less|more|for|at|as|in|to (?-i:[A-Z]))\b")


_IS_SUBJECT = re.compile(
    r"(?i)\b(?:is|are|was|were|has|have|had|can|will|would|does|did|helps?|makes?|gives?|gets?|feels?)\b"
)
"""What shows that the -ing form is the subject: "running a business is hard"."""


def _is_of_life(verb: Verb) -> bool:
    """Whether notes tell such things of their writer."""
    return verb.lemma in words("life_events") | {
        "turn",
        "have",
        "train",
        "study",
        "work",
        "grow",
        "give",
        "stop",
        "drop",
        "sign",
    }
