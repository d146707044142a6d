"""Times that a question names ("in March", "letzten Frühling", "昨日"), relative to the asker's now and time zone."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from everword.memory.languages.detect import Language
from everword.memory.languages.times import TimeWords, time_words

_Groups = dict[str, str | None]
_LONG_AGO = date(1970, 1, 2)
#: What may stand between a month or weekday and the year or week that it is in.
_BETWEEN = re.compile(
    r",? ?(?:(?:of|in|the|des|der|dem|im|am|del?|la|el|en|в|во|на|من|في) ){0,2}[的の]?", re.IGNORECASE
)
#: What has no year or week of its own where none is said, and what can lend it one.
_BARE = frozenset(["month", "season", "month_day", "weekday"])
_LENDING = frozenset(["last", "years", "year", "ago"])
_RELATIVE = frozenset(["ago", "last", "day", "years", "week_day"])
#: Kinds of which a form may begin with what stands in front of others.
_BEGUN_BY_SIDE = frozenset(["month", "season", "year", "weekday"])
_LONGEST_SIDE = 25  # characters


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A time that a text names at `text[at:to]`: from `start` (included) to `end` (not), aware, in UTC."""

    start: datetime
    end: datetime
    at: int
    to: int

    @property
    def days(self) -> float:
        """How long it is."""
        return (self.end - self.start) / timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Named:
    """A time as it stands in a text: its kind, its words, and the days from `first` to `last` (not included)."""

    kind: str
    groups: _Groups
    first: date
    last: date
    at: int
    to: int
    is_relative: bool
    """Whether it is counted from the day on which it is said."""


def time_spans(text: str, now: datetime, timezone: str, language: Language = Language.ENGLISH) -> list[TimeSpan]:
    """The times named in `text`, which is in `language`, in order, seen from `now` in `timezone` (an IANA name).

    "Before X" and "until X" end where X begins or ends, "since X" and "after X" go on to now. A month or weekday
    without a year or week is the last one that has begun. Raises KeyError's kin
    (ZoneInfoNotFoundError) for an unknown zone.
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    words = time_words(language)
    return [
        _span(*_sided(text, named, words, today), named, zone)
        for named in _joined(text, _named(text, words, today), words, today)
    ]


def past_spans(text: str, now: datetime, timezone: str, language: Language = Language.ENGLISH) -> list[TimeSpan]:
    """Those times of `text` that tell their days by `now` alone, and are over ("yesterday", "two weeks ago").

    Each by itself, whatever says before or since; none that may be ahead or in another year ("on Friday", "in May").
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    words = time_words(language)
    return [
        _span(named.first, named.last, named, zone)
        for named in _joined(text, _named(text, words, today), words, today)
        if named.is_relative and named.last <= today
    ]


def _span(first: date, last: date, named: _Named, zone: ZoneInfo) -> TimeSpan:
    return TimeSpan(_instant(first, zone), _instant(last, zone), named.at, named.to)


def _instant(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _named(text: str, words: TimeWords, today: date) -> list[_Named]:
    """Each time by itself; where two overlap, the one that begins first, and of these the first in order."""
    matches = sorted(
        (
            (match.start(), order, kind, match)
            for order, (kind, pattern) in enumerate(words.patterns)
            for match in pattern.finditer(text)
        ),
        key=lambda found: (found[0], found[1]),
    )
    named: list[_Named] = []
    for at, _, kind, match in matches:
        if named and at < named[-1].to:
            continue
        groups = match.groupdict()
        days = _dates(kind, groups, words, today)
        if days is not None:
            named.append(_Named(kind, groups, *days, at, match.end(), is_relative=kind in _RELATIVE))
    return named


def _joined(text: str, named: list[_Named], words: TimeWords, today: date) -> list[_Named]:
    """A month, season or day beside a year ("in March last year"), or a weekday beside a week, as one time."""
    joined: list[_Named] = []
    for each in named:
        before = joined[-1] if joined else None
        if before is not None and _BETWEEN.fullmatch(text, before.to, each.at):
            one = _within(before, each, words, today) or _within(each, before, words, today)
            if one is not None:
                is_relative = before.is_relative or each.is_relative
                joined[-1] = replace(one, at=before.at, to=each.to, is_relative=is_relative)
                continue
        joined.append(each)
    return joined


def _within(bare: _Named, lending: _Named, words: TimeWords, today: date) -> _Named | None:
    """`bare` in the year or week of `lending`; None where the one lacks none or the other is none."""
    if bare.kind not in _BARE or bare.groups.get("year") or bare.groups.get("which") or lending.kind not in _LENDING:
        return None
    length = (lending.last - lending.first).days
    if bare.kind == "weekday":
        if length != 7 or lending.first.weekday():
            return None
        return replace(bare, first=(day := lending.first + timedelta(bare.first.weekday())), last=day + timedelta(1))
    if length not in (365, 366):
        return None
    days = _dates(bare.kind, bare.groups | {"year": str(lending.first.year)}, words, today)
    return replace(bare, first=days[0], last=days[1]) if days else None


def _sided(text: str, named: _Named, words: TimeWords, today: date) -> tuple[date, date]:
    """The days meant, where something says that it was before, until, since or after the time."""
    side = _side(text, named, words)
    if side in {"before", "until"}:
        return _LONG_AGO, named.first if side == "before" else named.last
    if side in {"after", "since"}:
        return (named.last if side == "after" else named.first), max(today + timedelta(days=1), named.last)
    return named.first, named.last


def _side(text: str, named: _Named, words: TimeWords) -> str | None:
    """`before`, `until`, `since` or `after`: in front of a time, at its beginning, or behind it."""
    for found in words.in_front.finditer(text, max(named.at - _LONGEST_SIDE, 0), named.at):
        if found.end() == named.at:
            return found.lastgroup
    begun = words.in_front.match(text, named.at, named.to) if named.kind in _BEGUN_BY_SIDE else None
    side = begun or words.behind.match(text, named.to)
    return side.lastgroup if side else None


def _dates(kind: str, groups: _Groups, words: TimeWords, today: date) -> tuple[date, date] | None:
    """First day and the day after the last; None where the numbers are no date."""
    try:
        return _READERS[kind](groups, words, today)
    except (ValueError, OverflowError):
        return None


def _month(year: int, month: int, months: int = 1) -> tuple[date, date]:
    end = month - 1 + months
    return date(year, month, 1), date(year + end // 12, end % 12 + 1, 1)


def _one_day(day: date) -> tuple[date, date]:
    return day, day + timedelta(days=1)


def _text(groups: _Groups, name: str) -> str:
    return groups.get(name) or ""


def _date(groups: _Groups, _words: TimeWords, _today: date) -> tuple[date, date]:
    year, month = int(_text(groups, "year")), int(_text(groups, "number"))
    return _one_day(date(year, month, int(day))) if (day := groups.get("day")) else _month(year, month)


def _month_day(groups: _Groups, words: TimeWords, today: date) -> tuple[date, date]:
    month = int(number) if (number := groups.get("number")) else words.month(_text(groups, "month"))
    day = words.count(groups["day"], "")
    if year := groups.get("year"):
        return _one_day(date(int(year), month, day))
    this_year = date(today.year, month, day)
    return _one_day(this_year if this_year <= today else date(today.year - 1, month, day))


def _named_month(groups: _Groups, words: TimeWords, today: date) -> tuple[date, date]:
    month = words.month(_text(groups, "month"))
    if year := groups.get("year"):
        return _month(int(year), month)
    return _month(today.year if month <= today.month else today.year - 1, month)


def _season(groups: _Groups, words: TimeWords, today: date) -> tuple[date, date]:
    month = words.season(_text(groups, "season"))
    if year := groups.get("year"):
        return _month(int(year), month, 3)
    back = words.back(groups.get("which")) or 0
    begun = today.year if month <= today.month else today.year - 1
    if back and _month(begun, month, 3)[1] <= today:
        back -= 1  # the last that has begun is over: it is the last one
    return _month(begun - back, month, 3)


def _ago(groups: _Groups, words: TimeWords, today: date) -> tuple[date, date]:
    said = _text(groups, "unit")
    count, unit = words.count(groups.get("count"), said), words.unit(said)
    if unit == "day":
        return _one_day(today - timedelta(days=count))
    if unit in {"week", "weekend"}:
        middle = today - timedelta(weeks=count)
        return middle - timedelta(days=3), middle + timedelta(days=4)
    return _units_back(unit, count, today)


def _units_back(unit: str, count: int, today: date) -> tuple[date, date]:
    if unit == "year":
        return date(today.year - count, 1, 1), date(today.year - count + 1, 1, 1)
    months = today.year * 12 + today.month - 1 - count
    return _month(months // 12, months % 12 + 1)


def _past(groups: _Groups, words: TimeWords, today: date) -> tuple[date, date]:
    said = _text(groups, "unit")
    days = {"day": 1, "week": 7, "weekend": 7, "month": 31, "year": 366}[words.unit(said)]
    return today - timedelta(days=days * words.count(groups.get("count"), said)), today + timedelta(days=1)


def _last(groups: _Groups, words: TimeWords, today: date) -> tuple[date, date]:
    back = words.back(groups.get("which")) or 0
    unit = words.unit(_text(groups, "unit"))
    monday = today - timedelta(days=today.weekday())
    if unit == "week":
        return monday - timedelta(weeks=back), monday - timedelta(weeks=back - 1)
    if unit == "weekend":
        saturday = monday + timedelta(days=5)
        saturday -= timedelta(weeks=back or saturday > today)
        return saturday, saturday + timedelta(days=2)
    return _one_day(today - timedelta(days=back)) if unit == "day" else _units_back(unit, back, today)


def _day(groups: _Groups, words: TimeWords, today: date) -> tuple[date, date]:
    return _one_day(today - timedelta(days=words.days_back(_text(groups, "day_name"))))


def _years(groups: _Groups, words: TimeWords, today: date) -> tuple[date, date]:
    return _units_back("year", words.years_back(_text(groups, "year_name")), today)


def _weekday(groups: _Groups, words: TimeWords, today: date) -> tuple[date, date]:
    back = (today.weekday() - words.weekday(_text(groups, "weekday"))) % 7
    if back == 0 and words.back(groups.get("which")):
        back = 7
    return _one_day(today - timedelta(days=back))


def _week_day(groups: _Groups, words: TimeWords, today: date) -> tuple[date, date]:
    """A weekday of this week or an earlier one, as Chinese says it."""
    weeks = words.back(groups.get("which")) or 0
    monday = today - timedelta(days=today.weekday(), weeks=weeks)
    return _one_day(monday + timedelta(days=words.weekday(_text(groups, "weekday"))))


def _year(groups: _Groups, _words: TimeWords, _today: date) -> tuple[date, date]:
    year = int(_text(groups, "year"))
    return date(year, 1, 1), date(year + 1, 1, 1)


_READERS = {
    "date": _date,
    "month_day": _month_day,
    "month": _named_month,
    "season": _season,
    "ago": _ago,
    "past": _past,
    "last": _last,
    "day": _day,
    "years": _years,
    "weekday": _weekday,
    "week_day": _week_day,
    "year": _year,
}
