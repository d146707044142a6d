"""What people's things are, and what happens to them on a day: "my birthday is 3 May", "my contract ends 31 March"."""

import re
from dataclasses import replace

from everword.memory.facts.grammar.lexicon import words
from everword.memory.facts.grammar.things import head_of, is_known, is_strong
from everword.memory.facts.grammar.verb_forms import past_of, third_of
from everword.memory.facts.grammar.verbs import Verb
from everword.memory.facts.grammar.when import Change, Tense, Times
from everword.memory.facts.grammar.wording import is_habit, is_telling, trimmed
from everword.memory.facts.reading.said import Said
from everword.memory.facts.types import YES, Precision

_DAY_ONLY = frozenset(
    {"", "on", "in", "at", "scheduled", "due", "booked", "set", "scheduled for", "set for", "booked for"}
)
_OPENING = re.compile(r"(?i)^(?:called|named|definitely|still|actually|now) ")
_DATING = re.compile(r"(?i)^(?:scheduled|booked|set|due|planned)(?: for| on)?(?:,? |$)")
_YEARLY = frozenset({"birthday", "anniversary"})
_PLACED = re.compile(r"(?i)(?:in|at|on|with|near|from|under|by|for)\b")
_WHERE = re.compile(r"(?:at|in|with|near|on) |\d|[A-Z]")
_SAYS_NOTHING = re.compile(
    r"(?i)(?:so|very|really|too|not|about|like|to|that|this|it|what|how|where|who|why|when|"
    r"a (?:bit|lot|mess|problem|joke|pain|nightmare|disaster)|"
    r"the (?:best|worst|same|only|one|reason)|great|good|bad|awful|terrible|nice|fine|ok|okay|"
    r"broken|dead|dying|killing|going|getting|being|driving|here|there|coming|full|empty|ready|late|early|over|soon|"
    r"cancell?ed|amazing|wonderful|lovely|delicious|expensive|cheap|important|hard|easy|busy|boring|gone|lost|done|"
    r"up|down|out|off|back|always|never|just|pretty|quite|super|absolutely|more|less|better|worse|my|your|trying|"
    r"asking|"
    r"calling|saying|looking|telling|making|doing|having|taking|waiting|running|working)\b"
)
_AILING = re.compile(
    r"(?i)(?:(?:very|really|quite|pretty|always|still|getting|going) )*(?:bad|weak|going|gone|failing|worse|poor|"
    r"arthritic|"
    r"torn|broken|fractured|sprained|dislocated|replaced|damaged|artificial|prosthetic|shot|worn(?: out)?|sensitive|"
    r"metal|titanium|plastic|enlarged|underactive|overactive)(?: (?:since|from|after) .+| again)?"
)
_LONGEST = 10
_LOST = re.compile(r"(?i)(?:stolen|sold|demolished|repossessed|written off|totall?ed|cancelled|run over|put down)\b.*")
_REDATED = re.compile(
    r"(?i)(?:been )?(?:moved|pushed|postponed|rescheduled|brought|put|changed|shifted|delayed|bumped)(?: back|"
    r" forward| up)?(?: to| until| for)?\b"
)
"""How a thing gets another day."""
_SETTLED = re.compile(
    r"(?i)(?:been )?(?P<done>extended|renewed|prolonged|approved|accepted|granted|rejected|denied|cancelled|"
    r"terminated|stolen|sold|repaired|"
    r"demolished|suspended|closed|banned|blocked|frozen|paused|done|finished|completed|redone|repainted|rewired|"
    r"replaced|"
    r"serviced|insulated|written off|shut down|closed down|converted|refurbished|renovated)\b"
)
"""What is done to a thing and settles it."""
_KEEPS = frozenset({"have", "cost", "weigh", "belong", "end", "hold", "use", "take", "live", "sit", "stand", "run"})
"""What things do for as long as they are as they are."""


def attribute(noun: str, verb: Verb, times: Times, whole: str) -> Said | None:
    """What a thing of somebody's is, or when it begins or ends, where that says something.

    `whole` is what follows the verb with its times. Of a thing that is not known to be told of, only names, numbers and
    days are kept.
    """
    if verb.is_denied:
        return None
    if verb.lemma != "be":
        return _happening(noun, verb, times)
    if (changed := _changed(noun, verb, times)) is not None:
        return changed
    kind = head_of(noun)
    if kind not in words("dated") | _YEARLY and (times.first or times.last) is None:
        verb, times = replace(verb, rest=whole), replace(times, at=None)
    value, day = _value(verb.rest), spoken_day(times)
    value = value if day is None else _DATING.sub("", value)
    is_dated = kind in words("dated") and day is not None and value.casefold() not in _DAY_ONLY
    if kind in _YEARLY and day is not None:
        value = re.sub(r" \d{4}$", "", day)
    elif day is not None and value.casefold() in _DAY_ONLY:
        value = day
    elif is_dated:
        value = f"{day}, {value}"
    value = _OPENING.sub("", value)
    if kind in words("body"):
        return _ailing(noun, value, verb)
    if (kind in words("dated") and not is_dated and value != day and not is_habit(value)) or (
        verb.tense is Tense.PAST and not is_dated and not re.search(r"[A-ZÀ-Þ]", value)
    ):
        return None
    if (
        not value
        or len(value.split()) > _LONGEST
        or _SAYS_NOTHING.match(value)
        or not _is_kept(noun, value, is_held=times.is_stretch)
    ):
        return None
    is_on = value == day or is_dated or (kind in _YEARLY and day is not None)
    tail = f"on {value}" if is_on and times.at is not None and times.at.precision is Precision.DAY else value
    return Said(noun.casefold(), value, "is", "is", "was", tail, is_event=is_on and kind not in _YEARLY)


def _ailing(noun: str, value: str, verb: Verb) -> Said | None:
    """What a part of somebody's body is like, where that lasts."""
    if verb.tense is Tense.PAST or _AILING.fullmatch(value) is None:
        return None
    return Said(noun.casefold(), value, "is", "is", "was", value, confidence=0.75)


def _value(rest: str) -> str:
    """What a thing is, without asides: of what follows a comma only where, with whom and how much."""
    first, *others = trimmed(rest).split(", ")
    return ", ".join([first, *(each for each in others if _WHERE.match(each))]).strip(" ,")


def spoken_day(times: Times) -> str | None:
    """The day, month or year that is named, written out."""
    days = times.at
    if days is None:
        return None
    forms = {
        Precision.DAY: f"{days.first.day} {days.first:%B %Y}",
        Precision.MONTH: f"{days.first:%B %Y}",
        Precision.YEAR: f"{days.first:%Y}",
    }
    return forms.get(days.precision)


def _is_kept(noun: str, value: str, *, is_held: bool) -> bool:
    """Whether a value is worth keeping: of any thing a name, a number or a habit, or what holds for a while
    (`is_held`); of known ones a word as well."""
    if (
        head_of(noun) not in words("passing_nouns") | {"favourite", "favorite"}
        and is_strong(value)
        and is_telling(value)
    ):
        return True
    if is_held and is_telling(value) and not _SAYS_NOTHING.match(value):
        return True
    return (
        is_known(noun)
        and not (_PLACED.match(value) and head_of(noun) not in words("kept_places"))
        and (noun.split(maxsplit=1)[0].casefold() in {"favourite", "favorite"} or is_telling(value))
    )


def looks_ahead(verb: Verb) -> bool:
    """Whether a verb in the past tells of a day to come: "got moved to Monday"."""
    is_settled = verb.lemma == "get" and _SETTLED.match(verb.rest) is not None
    return is_settled or (verb.lemma in {"get", "be"} and _REDATED.match(verb.rest) is not None)


def _changed(noun: str, verb: Verb, times: Times) -> Said | None:
    """What was done to a thing: it has another day, lasts longer, or is settled; or until when it runs."""
    if times.last is not None and verb.lemma in {"run", "last", "continue"} and verb.tense is Tense.PRESENT:
        third = third_of(verb.lemma)
        return Said(f"{noun} {third}".casefold(), YES, third, third, past_of(verb.lemma), "", confidence=0.8)
    if verb.lemma not in {"get", "be"}:
        return None
    day = spoken_day(times)
    if day is not None and times.at is not None and _REDATED.match(verb.rest):
        on = f"on {day}" if times.at.precision is Precision.DAY else f"in {day}"
        return Said(noun.casefold(), day, "is", "is", "was", on, is_event=True, confidence=0.8)
    done = _SETTLED.match(verb.rest)
    if done is None or (verb.lemma == "be" and verb.tense is Tense.PRESENT):
        return None
    told = done["done"].casefold()
    if times.last is not None:
        return Said(f"{noun} is".casefold(), told, "is", "is", "was", told, confidence=0.8)
    return Said(f"{noun} was {told}".casefold(), YES, "was", "was", "was", told, is_event=True, confidence=0.75)


def _happening(noun: str, verb: Verb, times: Times) -> Said | None:
    """What begins, ends or changes on a day that is named."""
    day = spoken_day(times)
    if is_habit(verb.rest) and verb.tense is Tense.PRESENT and is_telling(trimmed(verb.rest)):
        third = third_of(verb.lemma)
        return Said(f"{noun} {third}".casefold(), verb.rest, third, third, past_of(verb.lemma), trimmed(verb.rest))
    moved = re.match(r"(?i)to (?P<v>.+)", verb.rest)
    if verb.lemma in {"move", "change", "switch"} and moved is not None and (is_habit(moved["v"]) or day):
        value = trimmed(moved["v"]) if is_habit(moved["v"]) else f"on {day}"
        is_once = not is_habit(value)
        return Said(noun.casefold(), value, "is", "is", "was", value, Change.BEGINS, is_event=is_once)
    kept = trimmed(verb.rest)
    if (changed := _changed(noun, verb, times)) is not None:
        return changed
    if verb.lemma == "get" and verb.tense is Tense.PAST and _LOST.fullmatch(kept):
        return Said(f"{noun} was".casefold(), kept, "was", "was", "was", kept, is_event=True, confidence=0.8)
    is_going_on = verb.tense in {Tense.PRESENT, Tense.PERFECT} and times.is_stretch and (kept != "" or verb.is_on)
    if is_going_on and (kept == "" or is_telling(kept)) and verb.lemma not in words("never_lasting"):
        third = f"is {verb.form}" if verb.is_on else third_of(verb.lemma)
        past = f"was {verb.form}" if verb.is_on else past_of(verb.lemma)
        return Said(f"{noun} {third}".casefold(), kept, third, third, past, kept, confidence=0.75)
    is_lasting = verb.tense is Tense.PRESENT and verb.lemma in _KEEPS and not verb.is_on
    if is_lasting and re.search(r"\d|\b[A-Z]\w", kept) and is_telling(kept) and times.at is None:
        third = third_of(verb.lemma)
        return Said(f"{noun} {third}".casefold(), kept, third, third, past_of(verb.lemma), kept, confidence=0.8)
    if verb.lemma not in words("scheduled") or day is None or verb.tense not in {Tense.PRESENT, Tense.FUTURE}:
        return None
    rest = re.sub(r"(?i)(?:^| )(?:at|on|in|by|for)$", "", trimmed(verb.rest))
    is_day = times.at is not None and times.at.precision is Precision.DAY
    tail = " ".join(filter(None, (rest, f"{'on' if is_day else 'in'} {day}")))
    is_end = verb.lemma in {"close", "end", "expire", "finish"} or rest.startswith("out")
    change = Change.ENDS if is_end else Change.IS
    third = third_of(verb.lemma)
    return Said(f"{noun} {third}".casefold(), day, third, third, past_of(verb.lemma), tail, change, 0.8, not is_end)
