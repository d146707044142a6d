"""Calendar expressions ("May", "last spring", "in two weeks") as days, seen from the day on which they were said."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from everword.memory.facts.grammar.date_forms import COMPILED, DAYS, FEASTS, MONTHS, NUMBERS, SEASONS
from everword.memory.facts.types import Moment, Precision, at_day


class Leaning(Enum):
    """Which occurrence of a name without a year is meant: the last that has begun, or the next."""

    BACK = "back"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Days:
    """From `first` to the day after the last."""

    first: date
    after: date
    precision: Precision

    @property
    def start(self) -> Moment:
        """As a beginning."""
        return Moment(_midnight(self.first), self.precision)

    @property
    def end(self) -> Moment:
        """As an end: exclusive."""
        return Moment(_midnight(self.after), self.precision)


def read(text: str, today: date, leaning: Leaning) -> Days | None:
    """The days that the whole of `text` names; None where it names none."""
    for name, pattern in COMPILED:
        match = pattern.fullmatch(text.strip())
        if match is not None:
            try:
                return _READERS[name](match.groupdict(), today, leaning)
            except (ValueError, OverflowError):
                return None
    return None


def count_of(word: str) -> int:
    """A number written as digits or as a word."""
    lowered = word.casefold()
    return int(lowered) if lowered.isdigit() else NUMBERS[lowered]


def back_by(today: date, count: int, unit: str) -> Days:
    """The day, week, month or year so many units before today, as exactly as the unit."""
    if unit in {"year", "decade"}:
        return _year(today.year - count * (10 if unit == "decade" else 1))
    if unit == "month":
        months = today.year * 12 + today.month - 1 - count
        return _month(months // 12, months % 12 + 1)
    return _one_day(today - timedelta(days=count * (7 if unit == "week" else 1)))


def years_before(month: Days, count: int) -> Days:
    """The same month so many years before."""
    return _month(month.first.year - count, month.first.month)


def _iso(found: dict[str, str | None], _today: date, _leaning: Leaning) -> Days:
    year, month = int(found["year"] or 0), int(found["number"] or 0)
    return _one_day(date(year, month, int(found["day"]))) if found["day"] else _month(year, month)


def _date(found: dict[str, str | None], today: date, leaning: Leaning) -> Days:
    month, day = _month_number(found["month"]), int(found["day"] or 0)
    if found["year"]:
        return _one_day(date(int(found["year"]), month, day))
    this = date(today.year, month, day)
    if leaning is Leaning.BACK and this > today:
        return _one_day(date(today.year - 1, month, day))
    if leaning is Leaning.AHEAD and this < today:
        return _one_day(date(today.year + 1, month, day))
    return _one_day(this)


def _named_month(found: dict[str, str | None], today: date, leaning: Leaning) -> Days:
    month = _month_number(found["month"])
    if found.get("year"):
        return _month(int(found["year"] or 0), month)
    which = (found.get("which") or "").casefold()
    if which in {"last", "this past"} or (not which and leaning is Leaning.BACK):
        is_later = month > today.month or (month == today.month and which != "")
        return _month(today.year - is_later, month)
    is_earlier = month < today.month or (month == today.month and which == "next")
    return _month(today.year + is_earlier, month)


def _season(found: dict[str, str | None], today: date, leaning: Leaning) -> Days:
    first_month = SEASONS[(found["season"] or "").casefold()]
    if found.get("year"):
        return _of_season(int(found["year"] or 0), first_month)
    this = _of_season(today.year, first_month)
    which = (found.get("which") or "").casefold()
    back = which in {"last", "this past"} or (not which and leaning is Leaning.BACK)
    if back and (this.first > today or (which == "last" and this.after > today)):
        return _of_season(today.year - 1, first_month)
    if not back and which != "this" and this.first <= today:
        return _of_season(today.year + 1, first_month)
    return this


def _which(found: dict[str, str | None], today: date, _leaning: Leaning) -> Days:
    step = {"last": -1, "this past": -1, "this": 0}.get((found["which"] or "").casefold(), 1)
    unit = (found["unit"] or "").casefold()
    if unit == "year":
        return _year(today.year + step)
    if unit == "month":
        months = today.year * 12 + today.month - 1 + step
        return _month(months // 12, months % 12 + 1)
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
    if unit == "weekend":
        return Days(monday + timedelta(days=5), monday + timedelta(days=7), Precision.DAY)
    return Days(monday, monday + timedelta(days=7), Precision.DAY)


def _ending(found: dict[str, str | None], today: date, leaning: Leaning) -> Days:
    which = (found["which"] or "").casefold().replace("the", "this")
    return _one_day(_which({"which": which, "unit": found["unit"]}, today, leaning).after - timedelta(days=1))


def _weekday(found: dict[str, str | None], today: date, leaning: Leaning) -> Days:
    wanted = next(at for at, day in enumerate(DAYS) if day.startswith((found["weekday"] or "?").casefold()[:3]))
    which = (found.get("which") or "").casefold()
    if which in {"last", "this past"} or (not which and leaning is Leaning.BACK):
        return _one_day(today - timedelta(days=(today.weekday() - wanted) % 7 or (7 if which else 0)))
    return _one_day(today + timedelta(days=(wanted - today.weekday()) % 7 or (7 if which == "next" else 0)))


def _weekday_week(found: dict[str, str | None], today: date, _leaning: Leaning) -> Days:
    """ "Friday week" is a week after the next Friday."""
    coming = _weekday({"weekday": found["weekday"] or found["same"]}, today, Leaning.AHEAD)
    return _one_day(coming.first + timedelta(days=7))


def _short_year(found: dict[str, str | None], today: date, _leaning: Leaning) -> Days:
    """ "'98": the last such year that has begun."""
    year = int(found["short"] or 0) + today.year // 100 * 100
    return _year(year if year <= today.year else year - 100)


def _ago(found: dict[str, str | None], today: date, _leaning: Leaning) -> Days:
    return back_by(today, count_of(found["count"] or ""), (found["unit"] or "").casefold())


def _hence(found: dict[str, str | None], today: date, _leaning: Leaning) -> Days:
    return back_by(today, -count_of(found["count"] or ""), (found["unit"] or "").casefold())


def _day(found: dict[str, str | None], today: date, _leaning: Leaning) -> Days:
    named = (found["name"] or "").casefold()
    step = 2 if named.startswith("the day after") else -2 if named.startswith("the day before") else None
    if step is None:
        step = 1 if named.startswith("tomorrow") else -1 if named in {"yesterday", "last night"} else 0
    return _one_day(today + timedelta(days=step))


def _nth(found: dict[str, str | None], today: date, leaning: Leaning) -> Days:
    day = 1 if found["day"] == "first" else int(found["day"] or 0)
    step = {"next": 1, "this": 0}.get(found["which"] or "")
    if step is None:
        step = (
            1
            if leaning is Leaning.AHEAD and day < today.day
            else -1
            if leaning is Leaning.BACK and day > today.day
            else 0
        )
    months = today.year * 12 + today.month - 1 + step
    return _one_day(date(months // 12, months % 12 + 1, day))


def _feast(found: dict[str, str | None], today: date, leaning: Leaning) -> Days:
    month, day = FEASTS[(found["feast"] or "").casefold()]
    return _date({"month": MONTHS[month - 1], "day": str(day), "year": found.get("year")}, today, leaning)


def _named_year(found: dict[str, str | None], _today: date, _leaning: Leaning) -> Days:
    return _year(int(found["year"] or 0))


def _one_day(day: date) -> Days:
    return Days(day, day + timedelta(days=1), Precision.DAY)


def _month(year: int, month: int) -> Days:
    after = date(year + month // 12, month % 12 + 1, 1)
    return Days(date(year, month, 1), after, Precision.MONTH)


def _year(year: int) -> Days:
    return Days(date(year, 1, 1), date(year + 1, 1, 1), Precision.YEAR)


def _of_season(year: int, month: int) -> Days:
    last = year * 12 + month - 1 + 3
    return Days(date(year, month, 1), date(last // 12, last % 12 + 1, 1), Precision.MONTH)


def _month_number(name: str | None) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith((name or "?").casefold()[:3]))


def _midnight(day: date) -> datetime:
    return at_day(day.year, day.month, day.day)


_READERS = {
    "iso": _iso,
    "date": _date,
    "month": _named_month,
    "season": _season,
    "ending": _ending,
    "which": _which,
    "weekday": _weekday,
    "weekday_week": _weekday_week,
    "short_year": _short_year,
    "ago": _ago,
    "hence": _hence,
    "nth": _nth,
    "feast": _feast,
    "day": _day,
    "year": _named_year,
}
