"""Plain words for times ("every weekday at 8:30", "in 2 hours"), read by rules; what is not understood is refused."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from everword.core.errors import Invalid
from everword.runs.schedules import rule as rules

FORMS = (
    "“every day at 7”, “every weekday at 8:30”, “every Monday and Thursday at 18:00”, "
    "“on the first of each month at 9”, “every 30 minutes”, “in 2 hours”, “tomorrow at 9”, "
    "or cron: “30 8 * * 1-5”"
)
_MOST_CHARACTERS = 200
_DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december"]  # fmt: skip
_NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "tenth": 10, "fifteenth": 15, "last": 0}
_GROUPS = {"day": "*", "morning": "*", "evening": "*", "night": "*", "afternoon": "*", "weekday": "1-5",
           "workday": "1-5", "weekend": "0,6"}  # fmt: skip

_TIME = r"(?:at )?(?P<{0}>noon|midnight|\d{{1,2}}(?:[:.]\d\d)?(?: ?[ap]m)?)"
_AT = rf"(?: {_TIME.format('at')}(?:(?: and|,) {_TIME.format('also')})?)"
_DAY_NAME = rf"(?:{'|'.join(f'{day[:3]}(?:{day[3:]})?' for day in _DAYS)})s?"
_DAY_NAMES = rf"(?P<days>{_DAY_NAME}(?:(?:, and|,| and) {_DAY_NAME})*)"
_NTH = rf"(?P<nth>{'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th)?)(?: day)?"
_MONTH = rf"(?P<month>{'|'.join(f'{month[:3]}(?:{month[3:]})?' for month in _MONTHS)})"
_COUNT = rf"(?P<count>\d{{1,4}}|an?|{'|'.join(_NUMBERS)})"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was written, when and where."""

    found: re.Match[str]
    today: date
    now: datetime
    zone: ZoneInfo

    def text(self, name: str) -> str:
        """What stands at a place of the form; empty where nothing does."""
        return self.found.groupdict().get(name) or ""


def read(text: str, time_zone: str, now: datetime) -> str:
    """The rule that words or cron mean, seen from `now` in `time_zone`. Raises Invalid, with forms that fit."""
    zone = ZoneInfo(rules.time_zone_named(time_zone))
    if len(text) > _MOST_CHARACTERS:
        raise Invalid(why=f"A time has at most {_MOST_CHARACTERS} characters. Understood are {FORMS}.")
    if rules.is_cron(text):
        return rules.cron(text)
    words = _plain(text)
    for form, meaning in _forms():
        found = form.fullmatch(words)
        if found is not None:
            return meaning(_Asked(found, now.astimezone(zone).date(), now, zone))
    if any(form.fullmatch(f"{words} at 9") for form, _ in _forms()):
        raise Invalid(why=f"“{text.strip()}” does not say at what time. Say for example “{words} at 9”.")
    raise Invalid(why=f"“{text.strip()}” is not understood. Understood are {FORMS}.")


def _plain(text: str) -> str:
    words = re.sub(r"\s+", " ", text.casefold().strip().rstrip(".!"))
    words = re.sub(r"\b([ap])\.m\.?", r"\1m", words)
    return re.sub(r" ?o'?clock| uhr", "", words)


def _clock(text: str) -> tuple[int, int]:
    """Hour and minute. Raises Invalid."""
    if text in {"noon", "midnight"}:
        return (12 if text == "noon" else 0), 0
    number, half = re.fullmatch(r"([\d:.]+) ?([ap]m)?", text).groups()  # type: ignore[union-attr]  # the form held it
    hour, _, minute = number.replace(".", ":").partition(":")
    hours, minutes = int(hour), int(minute or 0)
    if half and not 1 <= hours <= 12:
        raise Invalid(why=f"There is no {text}.")
    hours = hours % 12 + (12 if half == "pm" else 0) if half else hours
    if hours > 23 or minutes > 59:
        raise Invalid(why=f"There is no time {number}: a day ends at 23:59.")
    return hours, minutes


def _time(asked: _Asked, name: str) -> tuple[int, int]:
    """Hour and minute at a place of the form; seven in the evening is 19:00."""
    hour, minute = _clock(asked.text(name))
    is_late = asked.text("group") in {"evening", "afternoon", "night"} or asked.text("name") == "tonight"
    earliest = 5 if asked.text("group") == "night" or asked.text("name") == "tonight" else 1
    if is_late and earliest <= hour < 12 and not asked.text(name).endswith("am"):
        hour += 12
    return hour, minute


def _hours(asked: _Asked) -> str:
    """Minute and hour fields for one time of day, or two with the same minute."""
    hour, minute = _time(asked, "at")
    if not asked.text("also"):
        return f"{minute} {hour}"
    other, same = _time(asked, "also")
    if same != minute:
        raise Invalid(why="Two times of a day must have the same minute, such as 9:30 and 17:30. Make two schedules.")
    return f"{minute} {','.join(map(str, sorted({hour, other})))}"


def _number(text: str) -> int:
    if text in {"a", "an", ""}:
        return 1
    return int(text) if text.isdigit() else _NUMBERS.index(text)


def _interval(asked: _Asked) -> str:
    count, is_minutes = _number(asked.text("count")), asked.text("unit").startswith("min")
    whole, name = (60, "an hour") if is_minutes else (24, "a day")
    fit = [number for number in range(1, whole) if whole % number == 0]
    if count == whole and is_minutes:
        return "0 * * * *"
    if count not in fit:
        raise Invalid(
            why=f"{count} does not divide {name}, so it would not be even. Take one of {', '.join(map(str, fit))}."
        )
    step = "*" if count == 1 else f"*/{count}"
    return f"{step} * * * *" if is_minutes else f"0 {step} * * *"


def _daily(asked: _Asked) -> str:
    return f"{_hours(asked)} * * {_GROUPS.get(asked.text('group'), '*')}"


def _weekly(asked: _Asked) -> str:
    names = re.findall(r"[a-z]+", re.sub(r"\band\b", "", asked.text("days")))
    days = sorted({_day_number(name) for name in names})
    return f"{_hours(asked)} * * {','.join(map(str, days))}"


def _monthly(asked: _Asked) -> str:
    day = _day_of_month(asked.text("nth"))
    return rules.cron(f"{_hours(asked)} {day or 'L'} * *")


def _yearly(asked: _Asked) -> str:
    month = _month_number(asked.text("month"))
    return rules.cron(f"{_hours(asked)} {_day_of_month(asked.text('nth'))} {month} *")


def _after(asked: _Asked) -> str:
    count, unit = _number(asked.text("count")), asked.text("unit")
    if unit.startswith(("day", "week")):
        days = count * (7 if unit.startswith("week") else 1)
        if asked.text("at"):
            return _on(asked, asked.today + timedelta(days=days))
        local = asked.now.astimezone(asked.zone)
        return rules.once(local + timedelta(days=days))  # the same time of day, whatever the clock did meanwhile
    seconds = {"sec": 1, "min": 60, "hou": 3600}[unit[:3]] * count
    return rules.once(asked.now + timedelta(seconds=seconds))


def _near(asked: _Asked) -> str:
    days = {"tomorrow": 1, "day after tomorrow": 2}.get(asked.text("name").removeprefix("the "), 0)
    return _on(asked, asked.today + timedelta(days=days))


def _next_weekday(asked: _Asked) -> str:
    wanted = _day_number(asked.text("days"))
    ahead = (wanted - asked.today.isoweekday()) % 7
    is_over = asked.text("which") == "next" or _moment(asked, asked.today) <= asked.now
    if ahead == 0 and is_over:
        ahead = 7
    return _on(asked, asked.today + timedelta(days=ahead))


def _on_date(asked: _Asked) -> str:
    try:
        if asked.text("iso"):
            return _on(asked, date.fromisoformat(asked.text("iso")))
        day, month = _day_of_month(asked.text("nth")), _month_number(asked.text("month"))
        if asked.text("year"):
            return _on(asked, date(int(asked.text("year")), month, day))
        this_year = date(asked.today.year, month, day)
        is_over = _moment(asked, this_year) <= asked.now
        return _on(asked, this_year.replace(year=asked.today.year + 1) if is_over else this_year)
    except ValueError as error:
        raise Invalid(why=f"“{asked.found.group()}” names a day that there is not.") from error


def _next_time(asked: _Asked) -> str:
    is_over = _moment(asked, asked.today) <= asked.now
    return _on(asked, asked.today + timedelta(days=1 if is_over else 0))


def _moment(asked: _Asked, day: date) -> datetime:
    hour, minute = _time(asked, "at")
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=asked.zone)


def _on(asked: _Asked, day: date) -> str:
    if asked.text("also"):
        raise Invalid(why="Once is one time: make two schedules, or say “every”.")
    at = _moment(asked, day)
    if at <= asked.now:
        raise Invalid(why=f"“{asked.found.group()}” is over already.")
    return rules.once(at)


def _day_number(name: str) -> int:
    return next(number for number, day in enumerate(_DAYS) if day.startswith(name[:3]))


def _month_number(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))


def _day_of_month(text: str) -> int:
    return _ORDINALS[text] if text in _ORDINALS else int(re.sub(r"\D", "", text))


_EVERY = r"(?:every|each)"
_OF_MONTH = r"(?:of|in) (?:each|every|the) month"
_GROUP = rf"(?P<group>{'|'.join(_GROUPS)})s?"


@cache
def _forms() -> list[tuple[re.Pattern[str], Callable[[_Asked], str]]]:
    """In order: the first that fits the whole of the words wins. Compiled at first use."""
    forms: list[tuple[str, Callable[[_Asked], str]]] = [
        (rf"{_EVERY}(?: {_COUNT})? (?P<unit>minutes?|mins?|hours?)", _interval),
        (r"(?P<unit>hour)ly", _interval),
        (rf"(?:{_EVERY} |on |at )?{_GROUP}{_AT}", _daily),
        (rf"daily{_AT}", _daily),
        (rf"{_TIME.format('at')} (?:(?:{_EVERY}|on) {_GROUP}|daily)", _daily),
        (rf"(?:{_EVERY}|every week on|weekly on) {_DAY_NAMES}{_AT}", _weekly),
        (rf"{_TIME.format('at')} {_EVERY} {_DAY_NAMES}", _weekly),
        (rf"(?:on )?(?P<days>(?:{_DAY_NAME[:-2]}s)(?:(?:, and|,| and) (?:{_DAY_NAME[:-2]}s))*){_AT}", _weekly),
        (rf"(?:on )?(?:the )?{_NTH} {_OF_MONTH}{_AT}", _monthly),
        (rf"(?:{_EVERY} month|monthly) on (?:the )?{_NTH}{_AT}", _monthly),
        (rf"{_EVERY} (?:year on )?(?:the )?{_NTH}(?: of)? {_MONTH}{_AT}", _yearly),
        (rf"{_EVERY} (?:year on )?{_MONTH} {_NTH}{_AT}", _yearly),
        (rf"in {_COUNT} (?P<unit>seconds?|minutes?|mins?|hours?|days?|weeks?){_AT}?", _after),
        (rf"(?P<name>today|tonight|tomorrow|(?:the )?day after tomorrow){_AT}", _near),
        (rf"(?:on )?(?:(?P<which>next|this) )?(?P<days>{_DAY_NAME}){_AT}", _next_weekday),
        (rf"(?:on )?(?:the )?{_NTH}(?: of)? {_MONTH}(?:,? (?P<year>20\d\d))?{_AT}", _on_date),
        (rf"(?:on )?{_MONTH} {_NTH}(?:,? (?P<year>20\d\d))?{_AT}", _on_date),
        (rf"(?:on )?(?P<iso>20\d\d-\d\d-\d\d)(?:,|t)?{_AT}", _on_date),
        (rf"{_TIME.format('at').replace('(?:at )?', 'at ')}", _next_time),
    ]
    return [(re.compile(form), meaning) for form, meaning in forms]
