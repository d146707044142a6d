"""Times that a question names ("in March", "last spring", "yesterday"), relative to the asker's now and time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_SEASONS = {"spring": (3, 3), "summer": (6, 3), "autumn": (9, 3), "fall": (9, 3), "winter": (12, 3)}
_NUMBERS = dict(
    zip(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(1, 13),
        strict=True,
    )
)
_NUMBERS |= {"a": 1, "an": 1, "couple": 2, "few": 3}

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_AROUND_MONTH = "in|during|since|until|till|before|after|by|last|this|early|late|mid|of|from"
_TODAY = "day before yesterday|yesterday|today|tonight|this morning|this afternoon|this evening|last night"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_WEEKDAY = rf"(?P<weekday>{'|'.join(_DAYS)})"
_SEASON = rf"(?P<season>{'|'.join(_SEASONS)})"
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)})"
_UNIT = r"(?P<unit>day|week|month|year|night|weekend)s?"

#: In order: the first that matches at a place wins.
_PATTERNS = [
    (name, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE))
    for name, pattern in [
        ("iso", r"(?P<year>(?:19|20)\d\d)-(?P<number>\d\d)(?:-(?P<day>\d\d))?"),
        ("month_day", rf"{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?"),
        ("month_day", rf"{_MONTH} {_DAY}(?:,? {_YEAR})?"),
        ("month", rf"{_MONTH},?(?: of)? {_YEAR}"),
        ("month", rf"(?:{_AROUND_MONTH}) (?:early |late |mid-?)?{_MONTH}(?:,? {_YEAR})?"),
        ("season", rf"(?P<which>last|this|in|past|during|of)? ?(?:the )?{_SEASON}(?:(?: of)? {_YEAR})"),
        ("season", rf"(?P<which>last|this|past|in|during) (?:the )?{_SEASON}"),
        ("ago", rf"{_COUNT}(?: of)? {_UNIT} ago"),
        ("past", rf"(?:in |over |during )?(?:the )?(?:last|past) {_COUNT} {_UNIT}"),
        ("last", rf"(?P<which>last|this|past|previous) {_UNIT}"),
        ("day", rf"(?P<name>{_TODAY})"),
        ("weekday", rf"(?:(?P<which>last|this|on|past) )?{_WEEKDAY}"),
        ("year", rf"(?:in|during|since|before|after|of|from|until|back in|year) {_YEAR}"),
    ]
]  # fmt: skip
_SIDE = re.compile(
    r"\b(before|until|till|by|after|since)\s+(?:the\s+)?$|^(before|until|till|by|after|since)\b", re.IGNORECASE
)


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


_LONG_AGO = date(1970, 1, 2)


def time_spans(text: str, now: datetime, timezone: str) -> list[TimeSpan]:
    """The times named in `text`, in order, seen from `now` in `timezone` (an IANA name).

    "Before X" and "until X" end where X begins, "since X" and "after X" go on to now. A month or weekday without a
    year or week is the last one that has begun. Raises KeyError's kin (ZoneInfoNotFoundError) for an unknown zone.
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    spans: list[TimeSpan] = []
    taken = 0
    matches = sorted(
        (
            (match.start(), order, name, match)
            for order, (name, rx) in enumerate(_PATTERNS)
            for match in rx.finditer(text)
        ),
        key=lambda found: (found[0], found[1]),
    )
    for at, _, name, match in matches:
        found = _dates(name, match, today) if at >= taken else None
        if found is None:
            continue
        first, last = _sided(text, match, *found, today)
        taken = match.end()
        spans.append(TimeSpan(_instant(first, zone), _instant(last, zone), at, taken))
    return spans


def _instant(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _sided(text: str, match: re.Match[str], first: date, last: date, today: date) -> tuple[date, date]:
    side = _SIDE.search(text[: match.start()][-20:]) or re.match(
        r"(before|until|till|by|after|since)\b", match.group(), re.IGNORECASE
    )
    word = next((group for group in side.groups() if group), "").lower() if side else ""
    if word in {"before", "until", "till", "by"}:
        return _LONG_AGO, first if word == "before" else last
    if word in {"after", "since"}:
        return (last if word == "after" else first), max(today + timedelta(days=1), last)
    return first, last


def _dates(name: str, match: re.Match[str], today: date) -> tuple[date, date] | None:
    """First day and the day after the last; None where the numbers are no date."""
    try:
        return _READERS[name](match.groupdict(), today)
    except (ValueError, OverflowError):
        return None


def _month_number(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(name.lower()[:3]))


def _month(year: int, month: int, months: int = 1) -> tuple[date, date]:
    end = month - 1 + months
    return date(year, month, 1), date(year + end // 12, end % 12 + 1, 1)


def _iso(found: dict[str, str | None], _today: date) -> tuple[date, date]:
    year, month = int(found["year"] or 0), int(found["number"] or 0)
    return _one_day(date(year, month, int(found["day"]))) if found["day"] else _month(year, month)


def _one_day(day: date) -> tuple[date, date]:
    return day, day + timedelta(days=1)


def _month_day(found: dict[str, str | None], today: date) -> tuple[date, date]:
    month, day = _month_number(found["month"] or ""), int(found["day"] or 0)
    if found["year"]:
        return _one_day(date(int(found["year"]), month, day))
    this_year = date(today.year, month, day)
    return _one_day(this_year if this_year <= today else date(today.year - 1, month, day))


def _named_month(found: dict[str, str | None], today: date) -> tuple[date, date]:
    month = _month_number(found["month"] or "")
    if found.get("year"):
        return _month(int(found["year"] or 0), month)
    return _month(today.year if month <= today.month else today.year - 1, month)


def _season(found: dict[str, str | None], today: date) -> tuple[date, date]:
    month, months = _SEASONS[(found["season"] or "").lower()]
    if found.get("year"):
        return _month(int(found["year"] or 0), month, months)
    first, last = _month(today.year if month <= today.month else today.year - 1, month, months)
    if (found["which"] or "").lower() in {"last", "past"} and last > today:
        first, last = _month(first.year - 1, month, months)
    return first, last


def _ago(found: dict[str, str | None], today: date) -> tuple[date, date]:
    count, unit = _count(found["count"]), (found["unit"] or "").lower()
    if unit in {"day", "night"}:
        return _one_day(today - timedelta(days=count))
    if unit in {"week", "weekend"}:
        middle = today - timedelta(weeks=count)
        return middle - timedelta(days=3), middle + timedelta(days=4)
    months = today.year * 12 + today.month - 1 - (count if unit == "month" else 12 * count)
    if unit == "month":
        return _month(months // 12, months % 12 + 1)
    return date(months // 12, 1, 1), date(months // 12 + 1, 1, 1)


def _past(found: dict[str, str | None], today: date) -> tuple[date, date]:
    days = {"day": 1, "night": 1, "week": 7, "weekend": 7, "month": 31, "year": 366}[(found["unit"] or "").lower()]
    return today - timedelta(days=days * _count(found["count"])), today + timedelta(days=1)


def _last(found: dict[str, str | None], today: date) -> tuple[date, date]:
    back = 0 if (found["which"] or "").lower() == "this" else 1
    unit = (found["unit"] or "").lower()
    monday = today - timedelta(days=today.weekday())
    if unit == "week":
        return monday - timedelta(weeks=back), monday - timedelta(weeks=back - 1)
    if unit == "weekend":
        saturday = monday + timedelta(days=5)
        if back or saturday > today:
            saturday -= timedelta(weeks=1)
        return saturday, saturday + timedelta(days=2)
    if unit == "year":
        return date(today.year - back, 1, 1), date(today.year - back + 1, 1, 1)
    if unit == "month":
        months = today.year * 12 + today.month - 1 - back
        return _month(months // 12, months % 12 + 1)
    return _one_day(today - timedelta(days=back))


def _day(found: dict[str, str | None], today: date) -> tuple[date, date]:
    name = (found["name"] or "").lower()
    return _one_day(today - timedelta(days={"day before yesterday": 2, "yesterday": 1, "last night": 1}.get(name, 0)))


def _weekday(found: dict[str, str | None], today: date) -> tuple[date, date]:
    back = (today.weekday() - _DAYS.index((found["weekday"] or "").lower())) % 7
    if back == 0 and (found["which"] or "").lower() in {"last", "past"}:
        back = 7
    return _one_day(today - timedelta(days=back))


def _year(found: dict[str, str | None], _today: date) -> tuple[date, date]:
    year = int(found["year"] or 0)
    return date(year, 1, 1), date(year + 1, 1, 1)


def _count(text: str | None) -> int:
    word = (text or "").lower()
    return int(word) if word.isdigit() else _NUMBERS[word]


_READERS = {
    "iso": _iso,
    "month_day": _month_day,
    "month": _named_month,
    "season": _season,
    "ago": _ago,
    "past": _past,
    "last": _last,
    "day": _day,
    "weekday": _weekday,
    "year": _year,
}
