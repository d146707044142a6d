"""What a clause says of its subject: the verbs and complements of frames.toml, each with the slot that it fills."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from everword.memory.facts.grammar.lexicon import CONDITIONS, POSSESSIONS, states, words
from everword.memory.facts.grammar.verb_forms import denied, past_of, third_of
from everword.memory.facts.grammar.verbs import Verb
from everword.memory.facts.grammar.when import Change, Tense, Times
from everword.memory.facts.grammar.wording import PLACE, is_telling, trimmed
from everword.memory.facts.reading.being import being, is_occupation
from everword.memory.facts.reading.said import Said
from everword.memory.facts.types import NO, YES


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


_NAMES = r"[A-ZÀ-ÖØ-Þ][\w’'-]+(?: [A-ZÀ-ÖØ-Þ][\w’'-]+)?(?:(?:, | and | & )[A-ZÀ-ÖØ-Þ][\w’'-]+)*"
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
        r"about|talking|hearing|seeing|everyone|everybody|people|everything|anything(?! \w)|nothing|something|doing|"
        r"going through|an? (?:good|nice|great)|some|any|all|every|both|more|each other|one another|"
        r"the\b(?! (?-i:[A-Z]))|.*\b(?:that|this|those|these|it|i|we|them|him|together|lately)",
    }.items()
}
"""What cannot be a value of a slot, by how the slot begins."""
_ONCE = frozenset(
    {"run", "volunteer", "play", "coach", "lead", "hold", "teach", "drive", "swim", "sing", "go", "train", "attend"}
)
"""Verbs whose plain past tells of one occasion, unless a time says that it lasted."""
_MOST_WORDS = 9
_LONGEST = {"likes": 5, "studies": 4, "eats": 4, "drinks": 4}


def readings(verb: Verb, times: Times, day: str | None) -> Iterator[Said]:
    """Everything that a verb with its rest says. `day` was named beside it, which births want."""
    found: set[str] = set()
    framed = list(_framed(verb, day))
    for said in (*framed, *(being(verb, times, is_framed=bool(framed)) if verb.lemma == "be" else ())):
        if found.isdisjoint({said.slot, said.tail}):
            found |= {said.slot, said.tail or said.slot}
            yield said


def is_once(said: Said, verb: Verb) -> bool:
    """Whether a plain past would tell of one occasion: "ran a race", "was in Chicago"."""
    return verb.lemma in _ONCE or said.is_timed


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
    if frame.change is Change.ENDS and verb.is_on and verb.tense is Tense.PRESENT:
        return None  # what somebody is selling is still theirs
    content, change = frame.value.format(**parts), Change.ENDS if verb.is_over else frame.change
    if verb.is_denied and not verb.is_over:
        if content not in {YES, NO}:
            return None  # who does not live in Berlin lives somewhere
        content = NO if content == YES else YES
        you, third, past = denied(you), denied(third), denied(past)
    tail = frame.tail.format(**parts).strip()
    whole = trimmed(verb.rest)
    if (
        frame.change is Change.IS
        and tail == value
        and whole.startswith(f"{value} ")
        and len(whole.split()) <= _MOST_WORDS
        and is_telling(whole)
    ):
        tail = whole
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
    is_preferred = verb.lemma == "prefer" and value.startswith("to ")
    if len(spoken) > _LONGEST.get(begins, 8) or _NO_VALUE.match(value):
        return False
    if refused and refused.match(value) and not is_preferred:
        return False
    if begins == "speaks":
        return all(word in words("languages") for word in re.findall(r"[a-z]+", value.casefold()) if word != "and")
    if frame.slot == "{third} {v}" and verb.lemma in {"eat", "drink"}:
        return verb.is_denied or verb.form in {
            "stop",
            "quit",
        }  # what somebody ate today is no fact; what they never eat is
    if begins == "occupation" and "{v}" in frame.tail:
        return is_occupation(value) or value.casefold() in states()
    return begins != "age" or not value.isdigit() or 0 < int(value) < 120


@cache
def _parts() -> dict[str, str]:
    """What frames.toml names in angle brackets."""
    weekdays = "mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays"
    persons = (
        "kids?|child(?:ren)?|sons?|daughters?|sisters?|brothers?|siblings?|grandchild(?:ren)?|twins|wife|husband|"
        "girlfriend|boyfriend|" + "|".join(f"{pet}s?" for pet in sorted(words("pets")))
    )
    return {
        "numbers": "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
        "seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety",
        "place": PLACE,
        "org": r"(?:the |a |an )?[\w&’'.-]+(?: (?:of |for |and |& |the |de )?[\w&’'.-]+){0,4}?",
        "food": r"[\w-]+(?: (?!because|so|but|when|if|that|and\b|or\b)[\w-]+){0,2}(?:(?:, [\w-]+)* (?:and|or) [\w-]+)?",
        "count": r"(?:a|an|one|two|three|four|five|six|another|\d+)",
        "persons": persons,
        "pets": "|".join(sorted(words("pets"))),
        "named": rf"(?:(?:named |called |[,:] ?)?(?P<n>(?-i:{_NAMES})))",
        "conditions": CONDITIONS,
        "possessions": POSSESSIONS,
        "habit": rf"(?P<v>(?:on )?(?:{weekdays}|weekends|weekdays)(?:(?:,| and) (?:on )?(?:{weekdays}))*|"
        r"every (?:other )?(?:day|morning|evening|night|week|weekend|monday|tuesday|wednesday|thursday|friday|saturday|"
        r"sunday)(?: (?:morning|afternoon|evening|night))?|(?:once|twice|three times) a (?:day|week|month))",
    }


@cache
def _frames() -> tuple[Frame, ...]:
    text = resources.files("everword.memory.facts.reading").joinpath("frames.toml").read_text(encoding="utf-8")
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
