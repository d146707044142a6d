"""When a clause holds: "since", "from May", "until", "used to", "for three years", read beside its verb's tense."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache

from everword.memory.facts.grammar import calendar, date_forms
from everword.memory.facts.grammar.calendar import Days, Leaning
from everword.memory.facts.types import Interval, Moment, Precision

_DATE = rf"(?:{date_forms.SOURCE})"
_COUNT = r"(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty)"
_UNIT = r"(?P<unit>day|week|month|year|decade)s?"

_RANGE = rf"(?:from|between) (?P<first>{_DATE}) (?:to|until|till|through|thru|and) (?P<last>{_DATE})"
_DASHED = r"(?:from |in )?\(?(?P<first>(?:19|20)\d\d)(?: ?[-–—] ?| to )(?P<last>(?:19|20)\d\d)\)?"
_EVENT_IN = (
    r"(?:(?:the|my|his|her|our) [\w-]+(?: [\w-]+)? (?:in|of) |(?:i|we|he|she|they|it) (?:[\w’'-]+ ){1,6}?(?:in|on) )?"
)
_SINCE = rf"(?:ever )?since {_EVENT_IN}(?P<first>{_DATE})"
_FROM = (
    rf"(?:(?:starting|beginning)(?: from| in| on)?|effective|as of|as from|from) (?P<first>{_DATE})(?: on(?:wards?)?)?"
)
_NTH = r"(?:the )?\d{1,2}(?:st|nd|rd|th)?"
_SPAN = (
    rf"(?:from )?(?P<first>{_NTH}) ?(?:[-–]|to|until|till|thru|through) ?"
    rf"(?={_NTH}(?: of)? (?P<month>{date_forms.MONTH_SOURCE}))"
)
_UNTIL = (
    rf"(?:up )?(?:until|till|til|through|thru) (?:(?:the|my|our|his|her|it|they|he|she|we|i) (?:[\w’'-]+ ){{1,8}}?"
    rf"(?:in|on|over) )?(?P<last>{_DATE})"
)
_BEFORE = rf"before (?P<last>{_DATE})"
_ABOUT = r"(?:about |around |over |almost |nearly |more than |just (?:under|over) |well over |the (?:last|past) )?"
_FOR = rf"for {_ABOUT}{_COUNT} {_UNIT}(?: or so)?(?: now| already)?"
_HAS_LASTED = rf"{_COUNT} (?P<unit>week|month|year|decade)s?(?: now| already)?(?= *(?:,|$|this|next|in))"
_AHEAD = rf"(?:in|within) (?P<first>(?:{_COUNT}) {_UNIT})(?:'s|’s|s’)?(?: time)?"
_AT = rf"(?:(?:back )?in |on |at (?=christmas|new year|halloween|the end)|during |this coming )?(?P<first>{_DATE})"
_EVENT = (
    r"(?:(?:the|my|our|his|her|their|a|last) [\w’'-]+(?: (?!(?:i|we|my|our|he|she|they|it)\b)[\w’'-]+){0,3}?|"
    r"(?:i|we|he|she|they|it) (?:was|were|had|got|came|went|left|moved|started|began|stopped|retired|died|broke|lost|"
    r"turned|[a-z]+ed)\b[^,;]*?|lent|lockdown|covid|uni|university|college|school|birth|childhood|forever|then|payday|"
    r"further notice|eid|ramadan)"
)
_UNDATED = (
    rf"(?:ever )?since {_EVENT}(?=$|[,;.)]| (?:i|we|my|our|he|she)\b)|(?:until|till|til) {_EVENT}(?=$|[,;.)])|"
    r"for (?:now|ages|years|decades|months|the time being|good|life|a while(?: now)?|the foreseeable)|ever since|"
    r"from now on|(?:as of|from) (?:now|today)(?: on)?|for the (?:last|past|next) (?:few|couple of) (?:weeks|months|"
    r"years)|"
    r"this (?:term|semester|season)|(?:until|till) (?:i|we|he|she|they|it) [^,;]+"
)
"""A stretch of time of which no day is named: "since the divorce", "for now"."""
_DAY_NAME = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_PARTS = r"(?:mornings?|afternoons?|evenings?|nights?|lunchtimes?)"
_USUALLY = (
    rf"(?:on |most )?{_DAY_NAME}(?:s(?: {_PARTS})?| (?:mornings|afternoons|evenings|nights))"
    rf"(?:(?:,| and|,? and|,? or) (?:on )?{_DAY_NAME}s?(?: {_PARTS})?)*|"
    rf"every (?:other |second |single )?(?:{_DAY_NAME}|day|week|weekend|month|morning|evening|night|summer|winter|"
    rf"spring|"
    rf"autumn|year|january|february|march|april|may|june|july|august|september|october|november|"
    rf"december)(?: {_PARTS})?|"
    rf"most (?:days|{_PARTS}|weekends)|(?:on|at) (?:weekends|weekdays|workdays|school days)|in the (?:mornings|"
    rf"evenings)"
)
_LEADING = (
    rf"(?P<time>{_USUALLY}|{_UNDATED}|(?:(?:ever )?since|from|until|till|before|in|on|as of|starting(?: in| on|"
    rf" from)?|back in)? ?"
    rf"(?:(?<=since ){_EVENT_IN})?{_DATE}(?: on(?:wards?)?)?|"
    rf"(?:from|between) {_DATE} (?:to|until|till|and) {_DATE}),?\s+(?P<rest>.+)"
)


_HABITUAL = re.compile(
    r"(?i)\b(?:every|each|other|second|alternate|most)\s*"
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? (?:and |or )?)*$"
)
"""What stands before a day that is one of many."""


@cache  # at its first use: all of them together would take a tenth of the server's start
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


@cache
def _as_words(source: str) -> re.Pattern[str]:
    return _compiled(rf"(?:^|(?<=[\s,(]))(?:{source})(?![\w’'-])")


class Tense(Enum):
    """How a verb stands to the moment of speech."""

    PRESENT = "present"
    PERFECT = "perfect"
    PAST = "past"
    USED_TO = "used to"
    FUTURE = "future"


class Change(Enum):
    """Whether a clause says that something is so, that it begins, or that it ends."""

    IS = "is"
    BEGINS = "begins"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Times:
    """The times that a clause names, and the clause without them."""

    rest: str
    first: Days | None = None
    last: Days | None = None
    at: Days | None = None
    lasted: Days | None = None
    is_before: bool = False
    is_undated: bool = False
    """Whether a stretch is named by something else than days: "since the flood", "for now"."""

    @property
    def is_stretch(self) -> bool:
        """Whether it holds for a while, from or until some time."""
        return self.is_undated or (self.first or self.last or self.lasted) is not None

    @property
    def is_empty(self) -> bool:
        """Whether no time is named."""
        return (self.first or self.last or self.at or self.lasted) is None


def times_in(clause: str, today: date, tense: Tense) -> Times:
    """Take the first time of each kind out of a clause. Names without a year are read as the tense leans."""
    leaning = Leaning.AHEAD if tense in {Tense.FUTURE, Tense.PRESENT} else Leaning.BACK
    text = _compiled(rf"(?<![\w’'-]){_SPAN}").sub(r"from \g<first> \g<month> to ", clause)
    found: dict[str, Days | None] = {}
    text, span = _take(_RANGE, text) or _take(_DASHED, text) or (text, None)
    if span is not None:
        found["last"] = calendar.read(span["last"], today, leaning)
        first = calendar.read(span["first"], today, leaning)
        if first is not None and found["last"] is not None and first.first > found["last"].first:
            first = calendar.read(span["first"], found["last"].first, Leaning.BACK)
        found["first"] = first
    for name, key, pattern, leans in (
        ("first", "first", _SINCE, Leaning.BACK),
        ("first", "first", _FROM, Leaning.BACK if leaning is Leaning.BACK else Leaning.AHEAD),
        ("last", "last", _UNTIL, leaning),
        ("before", "last", _BEFORE, leaning),
    ):
        if found.get(name) is None and (taken := _take(pattern, text)) is not None:
            read = calendar.read(taken[1][key], today, leans)
            if read is not None:
                text, found[name] = taken[0], read
    if (taken := _take(_FOR, text) or (_take(_HAS_LASTED, text) if tense is Tense.PERFECT else None)) is not None:
        text, span = taken
        text, until = _take_at(text, today, leaning) if tense is Tense.PERFECT else (text, None)
        found["lasted"] = calendar.back_by(today, calendar.count_of(span["count"]), span["unit"].casefold())
        if until is not None and until.precision is Precision.MONTH and span["unit"].casefold() == "year":
            found["lasted"] = calendar.years_before(until, calendar.count_of(span["count"]))  # "four years this August"
    if not found.get("first") and (taken := _take(_AHEAD, text)) is not None:
        read = calendar.read(f"{taken[1]['first']} from now", today, leaning)
        text, found["at"] = (taken[0], read) if read else (text, None)
    if not any(found.get(name) for name in ("first", "last", "before", "at")):
        text, found["at"] = _take_at(text, today, leaning)
    if found.get("at") is not None:
        text = re.sub(r"(?i)\btoday\b", "", text)
    undated = _take(rf"(?:{_UNDATED})(?=$|[,;.)]| and\b| but\b)", text)
    text = undated[0] if undated else text
    return Times(
        _tidied(text),
        found.get("first"),
        found.get("last") or found.get("before"),
        found.get("at"),
        found.get("lasted"),
        is_before=found.get("before") is not None,
        is_undated=undated is not None,
    )


def names_stretch(clause: str) -> bool:
    """Whether a clause names since or until when, or for how long."""
    return any(_as_words(each).search(clause) for each in (_SINCE, _UNTIL, _FROM, _FOR, _UNDATED))


def leading_time(clause: str) -> tuple[str, str]:
    """A time that a clause begins with ("From May, ..."), and the rest; "" where it begins with none."""
    match = _compiled(_LEADING).fullmatch(clause)
    return (match["time"], match["rest"]) if match is not None else ("", clause)


def holds(times: Times, tense: Tense, change: Change, said_at: datetime) -> Interval | None:
    """From when to when; None where a plan names no time, so that nothing can be said of when."""
    end = _end(times)
    if change is Change.ENDS:
        named = times.at or times.first
        is_ahead = tense in {Tense.PRESENT, Tense.FUTURE}
        over = (named.end if is_ahead else named.start) if named else None
        return Interval(end=over or end or Moment(said_at, Precision.BY))
    if change is Change.BEGINS:
        named = times.first or times.at
        if tense is Tense.FUTURE and named is None:
            return None
        return Interval(named.start if named else None, end)
    if tense in {Tense.PAST, Tense.USED_TO}:
        return _past(times, end, tense, said_at)
    if tense is Tense.FUTURE:
        named = times.first or times.at
        return Interval(named.start, end) if named else None
    if tense is Tense.PRESENT and times.at is not None and _covers(times.at, said_at) and end is None:
        return Interval(times.at.start, times.at.end)
    if tense is Tense.PRESENT and times.at is not None and times.at.after <= said_at.date() and end is None:
        return Interval(times.at.start)
    start = times.first or times.lasted
    return Interval(start.start if start else None, end)


def _past(times: Times, end: Moment | None, tense: Tense, said_at: datetime) -> Interval:
    if times.at is not None and tense is Tense.PAST:
        return Interval(times.at.start, times.at.end)
    begin = times.first.start if times.first else None
    return Interval(begin, end or Moment(said_at, Precision.BY))


def _end(times: Times) -> Moment | None:
    if times.last is None:
        return None
    is_season = times.last.precision is Precision.MONTH and (times.last.after - times.last.first).days > 31
    return times.last.start if times.is_before or is_season else times.last.end


def _covers(days: Days, said_at: datetime) -> bool:
    """Whether a stretch of days has begun and goes on: "this month"."""
    return days.first <= said_at.date() < days.after and (days.after - days.first).days > 1


def _take(source: str, text: str) -> tuple[str, dict[str, str]] | None:
    match = _as_words(source).search(text)
    if match is None:
        return None
    return f"{text[: match.start()]} {text[match.end() :]}", match.groupdict()


def _take_at(text: str, today: date, leaning: Leaning) -> tuple[str, Days | None]:
    for match in _as_words(_AT).finditer(text):
        expression = match["first"]
        if _HABITUAL.search(text[: match.start()]):
            continue  # a habit, no day
        if re.match(
            r"\s*(?:mornings|afternoons|evenings|nights)\b|\s*(?:to|-|–|through|till|until)\s|\s*of (?:the|each|"
            r"every) month\b",
            text[match.end() :],
        ):
            continue  # days of the week
        if re.fullmatch(r"(?:19|20)\d\d", expression) and re.search(r"(?i)\b(?:an?|the)\s*$", text[: match.start()]):
            continue  # "a 2014 Tacoma"
        is_bare = expression == match.group().strip()
        if is_bare and re.fullmatch(
            r"(?i)may|march|mar|dec|jan|mon|wed|sat|sun|spring|fall|summer|winter|autumn", expression.strip()
        ):
            continue  # "I may", "the fall": a name without a word before it is often no time
        read = calendar.read(expression, today, leaning)
        if read is not None:
            return f"{text[: match.start()]} {text[match.end() :]}", read
    return text, None


def _tidied(text: str) -> str:
    return re.sub(r"\s+([,.;!])", r"\1", " ".join(text.split())).strip(" ,;")
