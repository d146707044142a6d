"""What somebody is: of what occupation, in which state, in which role, on leave until when."""

import re
from collections.abc import Iterator

from everword.memory.facts.grammar.lexicon import states, words
from everword.memory.facts.grammar.verbs import Verb
from everword.memory.facts.grammar.when import Change, Tense, Times
from everword.memory.facts.grammar.wording import PLACE, is_habit, is_telling, trimmed
from everword.memory.facts.reading.said import Said
from everword.memory.facts.types import NO, YES

_MOST_WORDS = 9
_NOUN_PHRASE = re.compile(
    r"(?i)(?P<a>an?) (?P<v>(?:[\w&’'-]+ ){0,3}?[\w-]+)"
    r"(?: (?P<link>at|there|out of|on|for|with|in|by|from|of|to) (?P<at>.+))?"
)
_ROLE = re.compile(
    r"(?i)(?:the |an? )?(?P<role>(?:[\w-]+ )?(?:head|director|founder|co-founder|president|chair|chairman|treasurer|"
    r"secretary|owner|captain|principal|ceo|cto|cfo|member|manager|lead|leader|godmother|godfather) (?:of|at) "
    r"[\w’' .&-]+)"
)
_BEFORE_STATE = re.compile(
    r"(?i)^(?:an? |strictly |strict |fully |recently |newly |happily |(?:\d+|two|three|four|five|six|seven|"
    r"eight|nine) (?:weeks|months) |still |severely |mildly )+"
)
_TIED = re.compile(
    r"(?i)(?:(?:badly|severely|deathly|terribly|really|very|so|mildly) )?(?:afraid|scared|terrified|fond|responsible|"
    r"certified|qualified|trained|educated|immune|intolerant|sensitive|in charge|addicted|related|named after|"
    r"enrolled|registered|employed|stationed|raised|keen|hopeless|vaccinated|insured|good|bad|blind|deaf|lactose|"
    r"prone|obsessed|qualified|hooked|into (?!it|this|that|you)|more of an?|passionate about|in remission|"
    r"off (?:caffeine|sugar|alcohol|dairy|gluten|meat|coffee|wheat|bread|carbs|booze|the booze|cigarettes|smoking)|"
    r"on (?:the )?(?:[\w-]+ )?(?:board|committee|council|team|waiting list|diet|pill)|"
    r"on (?:statins|antibiotics|painkillers|steroids|antidepressants|blood thinners|beta[ -]blockers|medication|meds)|"
    r"on \w+(?:in|ol|ine|pam|ide|il|ate|ban|pril|mab|zole|xin|statin)|on \d[\d.,]* ?(?:mg|mcg|µg|g|ml|units?))\b.*"
)
"""Adjectives and the like that say something lasting with what they are tied to: "afraid of heights"."""
_LIKED = re.compile(
    r"(?i)(?:much of )?(?:an? )?(?:big |great )?(?:into|keen on|fond of|fan of|good at|comfortable with) \w"
)
_DONE_TO = re.compile(
    r"(?i)(?:promoted|hired|fired|sacked|laid off|made redundant|elected|appointed|accepted|adopted|raised|bought|"
    r"acquired|"
    r"taken over|demolished|operated on|admitted|discharged|awarded|knocked down|stolen|deported|furloughed|ordained|"
    r"baptised|baptized|sworn in|renamed|evicted|burgled|transferred|drafted|naturali[sz]ed|vaccinated|certified)\b"
)
"""What is done to somebody once and matters from then on."""
_THE = re.compile(
    r"(?i)the (?:(?:new|head|chief|local|village|parish|deputy|acting|main|only|old|school|club|"
    r"team) )*(?P<v>[\w-]+)(?: (?:here|there|of .+|at .+|for .+))?"
)
_OFFICES = frozenset(
    {
        "patron",
        "chair",
        "treasurer",
        "secretary",
        "chairman",
        "landlord",
        "landlady",
        "caretaker",
        "boss",
        "captain",
        "head",
    }
)
_BLOOD = re.compile(r"(?i)(?:blood (?:type|group) )?(?:o|a|b|ab)[ -]?(?:positive|negative|pos|neg|[+-])")
_FLEETING = re.compile(
    r"(?i)^(?:so|too|not|just|all|really|very|pretty|quite|a bit|a little|kind of|sort of|like|sorry|glad|happy|sad|"
    r"tired|exhausted|hungry|bored|busy|sick of|late|ready|done|sure|fine|ok|okay|good|great|afraid (?:i|that|so)|"
    r"scared (?:i|that)|here|there|back|home|off|up|down|about|able|bad (?:at this|news)|good (?:for|to|with that))\b"
)
_SAYS_LITTLE = re.compile(
    r"(?i)^(?:so|too|not|just|all|really|like|sorry|sure|done|ready|able|going|being|very|up|here|there|kinda|"
    r"sorta|curious|grateful|thankful|lucky|proud|keen|hoping|"
    r"excited|worried|happy|glad|a bit|busy|free|back(?! (?:on|in|at|to) )|late|tired|fine|ok|okay)\b"
)
_PRAISE = frozenset(
    [
        "real",
        "true",
        "total",
        "complete",
        "perfect",
        "great",
        "good",
        "bad",
        "big",
        "huge",
        "little",
        "nice",
        "lovely",
        "wonderful",
        "terrible",
        "such",
        "absolute",
        "proper",
        "bloody",
        "fucking",
        "literal",
        "actual",
        "amazing",
        "awesome",
        "beautiful",
        "brilliant",
        "horrible",
        "whole",
    ]
)
_AGENT = re.compile(r"(?:[^aeiou]er|or|ist|ian|eur|ier)$")


def being(verb: Verb, times: Times, *, is_framed: bool = False) -> Iterator[Said]:
    """Everything that "be" with its rest says of a person: "a widower, 68, retired" says three things.

    Where a frame has read the first of them (`is_framed`), it is not told again in its own words.
    """
    if verb.is_able:
        return
    for number, part in enumerate(verb.rest.split(", ")):
        is_kind = number > 0 and _NOUN_PHRASE.fullmatch(trimmed(part)) is not None
        found = list(_part(trimmed(part), verb, times, is_open=is_kind or (number == 0 and not is_framed)))
        yield from found
        if number > 0 and re.fullmatch(r"[1-9]\d", part):
            found.append(Said("age", part, "are", "is", "was", f"{part} years old"))
            yield found[-1]
        if not found and not (is_framed and number == 0):
            return


def is_occupation(value: str, *, is_open: bool = False) -> bool:
    """Whether words name what people do for a living; `is_open` takes any that end as such words do."""
    spoken = value.casefold().split()
    if not spoken or len(spoken) > 4:
        return False
    forms = {spoken[-1], spoken[-1].removesuffix("s")}
    is_known = not forms.isdisjoint(words("occupations"))
    is_like = is_open and _AGENT.search(spoken[-1]) is not None and forms.isdisjoint(words("relations"))
    return is_known or (is_like and forms.isdisjoint(words("empty_nouns") | words("no_occupations")))


def _part(rest: str, verb: Verb, times: Times, *, is_open: bool) -> Iterator[Said]:
    change = Change.ENDS if verb.is_over else Change.IS
    is_denied = verb.is_denied and not verb.is_over
    state = _BEFORE_STATE.sub("", rest).casefold()
    if state in states():
        shared = states()[state]
        slot = shared or f"is {state}"
        if not is_denied:
            yield Said(slot, state if shared else YES, "are", "is", "was", rest, change)
        elif not shared:
            yield Said(slot, NO, "are not", "is not", "was not", rest)
        return
    if is_denied:
        if is_open and _LIKED.match(rest) and is_telling(rest):
            yield Said(f"is {rest}".casefold(), NO, "are not", "is not", "was not", rest, confidence=0.8)
        return
    if _DONE_TO.match(rest) and verb.tense in {Tense.PAST, Tense.PERFECT} and is_telling(rest):
        yield Said(f"was {rest}".casefold(), YES, "were", "was", "was", rest, is_event=True, confidence=0.8)
        return
    phrase, role = _NOUN_PHRASE.fullmatch(rest), _ROLE.fullmatch(rest)
    if (named := _THE.fullmatch(rest)) is not None and (is_occupation(named["v"]) or named["v"].casefold() in _OFFICES):
        yield Said("occupation", named["v"], "are", "is", "was", rest, change, 0.8)
        return
    if phrase and is_occupation(phrase["v"], is_open=True):
        yield from _job(phrase, rest, change)
    elif role:
        slot = f"is {' '.join(role['role'].split()[:2]).casefold()}"
        yield Said(slot, role["role"], "are", "is", "was", rest, change, 0.85)
    elif is_open and _is_lasting(rest, phrase, verb, times):
        yield Said(f"is {rest}".casefold(), YES, "are", "is", "was", rest, change, 0.75)


def _job(phrase: re.Match[str], rest: str, change: Change) -> Iterator[Said]:
    """An occupation; with its employer it is one statement, which the next employer supersedes."""
    if phrase["link"] == "at" and re.match(PLACE, phrase["at"]):
        told = trimmed(rest) if len(rest.split()) <= _MOST_WORDS else f"{phrase['a'].casefold()} {phrase['v']}"
        yield Said("works at", trimmed(phrase["at"]), "are", "is", "was", told, change)
    else:
        told = rest if len(rest.split()) <= _MOST_WORDS else f"{phrase['a'].casefold()} {phrase['v']}"
        yield Said("occupation", phrase["v"], "are", "is", "was", told, change)


def _is_lasting(rest: str, phrase: re.Match[str] | None, verb: Verb, times: Times) -> bool:
    """Whether words that no list knows say what somebody is for a while."""
    if not is_telling(rest) or len(rest.split()) > _MOST_WORDS:
        return False
    if _BLOOD.fullmatch(rest):
        return True
    if (times.is_stretch or is_habit(rest)) and not re.match(r"(?i)\d", rest):
        return _SAYS_LITTLE.match(rest) is None
    if verb.tense is Tense.PAST and not verb.is_over:
        return False
    if _TIED.fullmatch(rest) and len(rest.split()) > 1:
        return _FLEETING.match(rest) is None
    if phrase is None:
        return False
    spoken = phrase["v"].casefold().split()
    return (
        not set(spoken) & (words("empty_nouns") | _PRAISE)
        and len(spoken[-1]) > 2
        and not spoken[-1].endswith(("ing", "ion"))
    )
