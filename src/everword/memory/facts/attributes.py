"""What people's things are: "my birthday is 3 May", "Dad's operation is on 3 December"."""

import re

from everword.memory.facts.frames import Said, trimmed
from everword.memory.facts.lexicon import words
from everword.memory.facts.types import Precision
from everword.memory.facts.verbs import Verb
from everword.memory.facts.when import Times

_DAY_ONLY = frozenset({"", "on", "in", "at", "scheduled", "due", "booked", "set", "scheduled for", "set for"})
_OPENING = re.compile(r"(?i)^(?:called|named|definitely|still|actually|now|on|scheduled for|set for|booked for) ")
_SAYS_NOTHING = re.compile(
    r"(?i)(?:so|very|really|too|not|about|like|that|this|it|what|how|where|who|why|when|a (?:bit|lot|mess|problem|joke|"
    r"pain|nightmare|disaster)|the (?:best|worst|same|only|one|reason)|great|good|bad|awful|terrible|nice|fine|ok|okay|"
    r"broken|dead|dying|killing|going|getting|being|driving|here|there|coming|full|empty|ready|late|early|over|soon|"
    r"cancell?ed|amazing|wonderful|lovely|delicious|expensive|cheap|important|hard|easy|busy|boring|gone|lost|done|"
    r"up|down|out|off|back|always|never|just|pretty|quite|super|absolutely|more|less|better|worse|my|your)\b"
)
_LONGEST = 8


def attribute(noun: str, verb: Verb, times: Times) -> Said | None:
    """What a thing of somebody's is, where it says something."""
    if verb.lemma != "be" or verb.is_denied:
        return None
    kind = noun.casefold().split()[-1]
    value, day = trimmed(verb.rest), spoken_day(times)
    is_dated = kind in words("dated") and day is not None and value.casefold() not in _DAY_ONLY
    if kind == "birthday" and day is not None:
        value = re.sub(r" \d{4}$", "", day)
    elif day is not None and value.casefold() in _DAY_ONLY:
        value = day
    elif is_dated:
        value = f"{day}, {value}"
    value = _OPENING.sub("", value)
    if not value or len(value.split()) > _LONGEST or _SAYS_NOTHING.match(value):
        return None
    is_on = value == day or is_dated or (kind == "birthday" and day is not None)
    tail = f"on {value}" if is_on and times.at is not None and times.at.precision is Precision.DAY else value
    return Said(noun.casefold(), value, "is", "is", "was", tail, is_event=is_on and kind != "birthday")


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
