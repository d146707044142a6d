"""What a clause says of its subject: the verbs and complements of frames.toml, each with the slot that it fills."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from everword.memory.facts.lexicon import CONDITIONS, POSSESSIONS, states, words
from everword.memory.facts.types import NO, YES
from everword.memory.facts.verbs import Verb, denied, past_of, third_of
from everword.memory.facts.when import Change


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


@dataclass(frozen=True, slots=True)
class Frame:
    """A verb with a complement. `{v}` in `slot`, `value` and `tail` is what the pattern's group `v` found."""

    lemmas: tuple[str, ...]
    pattern: re.Pattern[str]
    slot: str
    forms: tuple[str, str, str]
    tail: str
    value: str
    change: Change
    confidence: float
    is_event: bool
    is_timed: bool


_PLACE = (
    r"(?:the )?[A-ZÀ-ÖØ-Þ][\w’'.-]+(?:(?: (?:de|da|do|del|upon|on|am|and) | |, )(?:the )?[A-ZÀ-ÖØ-Þ][\w’'.-]+){0,3}"
)
_NO_VALUE = re.compile(r"(?i)(?:it|that|this|there|here|him|her|them|me|you|us|so|one|others|people|everyone)\b")
_NO_VALUES = {
    slot: re.compile(rf"(?i)(?:{pattern})\b")
    for slot, pattern in {
        "works at": "home|night|work|my|his|her|their|your|it|least|all|once|first|people|someone|"
        "the (?:moment|same|best)",
        "lives in": "fear|peace|hope|the (?:moment|present|past|now)|a (?:world|dream|bubble|society|time|way)|"
        "my (?:head|mind)|times|an age",
        "works in": "progress|silence|general|theory|practice|my|this|that|parallel|pairs|case",
        "studies": "the|this|that|my|a|an|it|all|more",
        "likes": r"to(?! (?:cook|read|run|swim|hike|travel|dance|paint|bake|sing|garden|knit|climb|cycle|fish|sail|ski|"
        r"draw|write|play|sew|camp)\b)|how|what|when|where|who|why|these|those|your|my|our|his|their|being|having|if|"
        r"about|talking|hearing|seeing|everyone|everybody|people|everything|anything|nothing|something|doing|"
        r"going through|an? (?:good|nice|great)|some|any|all|every|both|more|each other|one another|"
        r"the\b(?! (?-i:[A-Z]))|.*\b(?:that|this|those|these|it|i|we|together|lately)",
    }.items()
}
"""What cannot be a value of a slot, by how the slot begins."""
_ONCE = frozenset(
    {"run", "volunteer", "play", "coach", "lead", "hold", "teach", "drive", "swim", "sing", "go", "train"}
)
"""Verbs whose plain past tells of one occasion, unless a time says that it lasted."""
_LONGEST = {"likes": 5, "studies": 4, "eats": 4, "drinks": 4}
_JOB = re.compile(
    r"(?i)(?P<a>an?) (?P<v>(?:[\w&’'-]+ ){0,3}?[a-z-]+)"
    r"(?: (?:at|there|out of|on|for|with|in|by) (?P<at>.+))?"
)
_ROLE = re.compile(
    r"(?i)(?:the |an? )?(?P<role>(?:[\w-]+ )?(?:head|director|founder|co-founder|president|chair|chairman|treasurer|"
    r"secretary|owner|captain|principal|ceo|cto|cfo|member) (?:of|at) [\w’' .&-]+)"
)
_BEFORE_STATE = re.compile(r"(?i)^(?:an? |strictly |strict |fully |recently |newly |happily )+")
_CUT = re.compile(
    r"(?i)\s*(?:,\s*(?:and|but|so|which|who|where|because|though|not|right|actually)\b|\b(?:because|since|although|"
    r"though|which|who|where|while|whereas|so|but|when|whenever|if|unless)\b|[;:(–—]|\s-\s|"
    r" and (?:i|we|he|she|they|it|my|our|am|is|have|has)\b).*"
)
_TRAILS = re.compile(
    r"(?i)(?:[\s,]+(?:now|too|though|again|any ?more|these days|at the moment|right now|currently|as well|actually|"
    r"a lot|there|here|very much|so much|the most|most of all|of course|already|by the way|lol|haha|nowadays|"
    r"at present|full[- ]time|part[- ]time|together))+[\s,]*$"
)


def readings(verb: Verb, day: str | None) -> Iterator[Said]:
    """Everything that a verb with its rest says. `day` was named beside it, which births want."""
    found: set[str] = set()
    for said in (*(_being(verb) if verb.lemma == "be" else ()), *_framed(verb, day)):
        if said.slot not in found:
            found.add(said.slot)
            yield said


def is_once(said: Said, verb: Verb) -> bool:
    """Whether a plain past would tell of one occasion: "ran a race", "was in Chicago"."""
    return verb.lemma in _ONCE or said.is_timed


def trimmed(value: str) -> str:
    """A value without what trails behind it: reasons, asides, words of no weight."""
    return _TRAILS.sub("", _CUT.split(value, maxsplit=1)[0]).strip(" ,.!;:'\"“”")


def _framed(verb: Verb, day: str | None) -> Iterator[Said]:
    for frame in _frames():
        if verb.lemma not in frame.lemmas:
            continue
        rest = verb.rest.strip()
        for piece in dict.fromkeys((rest, rest.split(",")[0])):
            match = frame.pattern.fullmatch(piece)
            said = None if match is None else _filled(frame, verb, match.groupdict(), day)
            if said is not None:
                yield said
                break


def _filled(frame: Frame, verb: Verb, groups: Mapping[str, str | None], day: str | None) -> Said | None:
    value = trimmed(groups.get("v") or "")
    if not _is_sound(frame, verb, value, day):
        return None
    what = " ".join((groups.get("w") or "").split())
    parts = {
        "v": value,
        "p": (groups.get("p") or "").casefold(),
        "a": (groups.get("a") or "").casefold(),
        "w": f"{what} " if what else "",
        "named": f" named {groups['n']}" if groups.get("n") else "",
        "noun": value.split()[-1].casefold().removesuffix("s") if value else "",
        "lemma": verb.lemma,
        "third": third_of(verb.lemma),
        "past": past_of(verb.lemma),
        "day": day or "",
    }
    you, third, past = (form.format(**parts) for form in frame.forms)
    slot = " ".join(frame.slot.format(**parts).casefold().split())
    content, change = frame.value.format(**parts), Change.ENDS if verb.is_over else frame.change
    if verb.is_denied and not verb.is_over:
        if content not in {YES, NO}:
            return None  # who does not live in Berlin lives somewhere
        content = NO if content == YES else YES
        you, third, past = denied(you), denied(third), denied(past)
    tail = frame.tail.format(**parts).strip()
    return Said(slot, content, you, third, past, tail, change, frame.confidence, frame.is_event, frame.is_timed)


def _is_sound(frame: Frame, verb: Verb, value: str, day: str | None) -> bool:
    """Whether a value can be kept: short enough, about something, and of the kind that the verb wants."""
    spoken = value.split()
    begins = frame.slot.removesuffix(" {v}")
    if begins == "born":
        return day is not None
    if not spoken:
        return "{v}" not in frame.slot + frame.tail + frame.value
    refused = _NO_VALUES.get(begins)
    if len(spoken) > _LONGEST.get(begins, 8) or _NO_VALUE.match(value) or (refused and refused.match(value)):
        return False
    if begins == "speaks":
        return all(word in words("languages") for word in re.findall(r"[a-z]+", value.casefold()) if word != "and")
    if frame.slot == "{third} {v}" and verb.lemma in {"eat", "drink"}:
        return verb.is_denied  # what somebody ate today is no fact; what they never eat is
    if begins == "occupation" and "{v}" in frame.tail:
        return _is_occupation(value) or value.casefold() in states()
    return begins != "age" or 0 < int(value) < 120


def _being(verb: Verb) -> Iterator[Said]:
    """What somebody is: of what occupation, in which state, in which role."""
    rest = trimmed(verb.rest.split(",")[0])
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
    if is_denied:
        return
    job, role = _JOB.fullmatch(rest), _ROLE.fullmatch(rest)
    if job and _is_occupation(job["v"]):
        yield Said("occupation", job["v"], "are", "is", "was", f"{job['a'].casefold()} {job['v']}", change)
        if job["at"] and " at " in rest and re.match(_PLACE, job["at"]):
            where = trimmed(job["at"])
            yield Said("works at", where, "work at", "works at", "worked at", where, change)
    elif role:
        slot = f"is {' '.join(role['role'].split()[:2]).casefold()}"
        yield Said(slot, role["role"], "are", "is", "was", rest, change, 0.85)


def _is_occupation(value: str) -> bool:
    spoken = value.casefold().split()
    return (
        bool(spoken)
        and len(spoken) <= 4
        and not {spoken[-1], spoken[-1].removesuffix("s")}.isdisjoint(words("occupations"))
    )


@cache
def _parts() -> dict[str, str]:
    """What frames.toml names in angle brackets."""
    weekdays = "mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays"
    persons = (
        "kids?|child(?:ren)?|sons?|daughters?|sisters?|brothers?|siblings?|grandchild(?:ren)?|twins|wife|husband|"
        "girlfriend|boyfriend|" + "|".join(f"{pet}s?" for pet in sorted(words("pets")))
    )
    return {
        "place": _PLACE,
        "org": r"(?:the |a |an )?[\w&’'.-]+(?: (?:of |for |and |& |the |de )?[\w&’'.-]+){0,4}?",
        "food": r"[\w-]+(?: (?!because|so|but|when|if|that|and\b|or\b)[\w-]+){0,2}(?:(?:, [\w-]+)* (?:and|or) [\w-]+)?",
        "count": r"(?:a|an|one|two|three|four|five|six|another|\d+)",
        "persons": persons,
        "pets": "|".join(sorted(words("pets"))),
        "named": r"(?:(?:named|called) (?P<n>[A-ZÀ-ÖØ-Þ][\w’'-]+(?: [A-ZÀ-ÖØ-Þ][\w’'-]+)?))",
        "conditions": CONDITIONS,
        "possessions": POSSESSIONS,
        "habit": rf"(?P<v>(?:on )?(?:{weekdays}|weekends|weekdays)(?:(?:,| and) (?:on )?(?:{weekdays}))*|"
        r"every (?:other )?(?:day|morning|evening|night|week|weekend|monday|tuesday|wednesday|thursday|friday|saturday|"
        r"sunday)(?: (?:morning|afternoon|evening|night))?|(?:once|twice|three times) a (?:day|week|month))",
    }


@cache
def _frames() -> tuple[Frame, ...]:
    text = resources.files("everword.memory.facts").joinpath("frames.toml").read_text(encoding="utf-8")
    return tuple(map(_frame, tomllib.loads(text)["frame"]))


def _frame(record: dict[str, Any]) -> Frame:
    pattern = re.sub(r"<(\w+)>(?!\w*>)", lambda match: _parts().get(match[1], match.group()), record["pattern"])
    you, third, past = record["forms"]
    return Frame(
        tuple(record["lemmas"]),
        re.compile(pattern, 0 if record.get("cased") else re.IGNORECASE),
        record["slot"],
        (you, third, past),
        record.get("tail", "{v}"),
        record.get("value", "{v}"),
        Change(record.get("change", "is")),
        record.get("confidence", 0.9),
        record.get("event", False),
        record.get("timed", False),
    )
