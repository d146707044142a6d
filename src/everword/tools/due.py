"""When a task is due, as a person or a model says it: a day, a time, or words for either."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from everword.core.errors import Invalid
from everword.memory.notes.types import checked_due
from everword.runs.schedules import rule, words

SCHEMA: dict[str, Any] = {
    "type": "string", "minLength": 1, "maxLength": 60, "description": "2026-12-24, tomorrow, on Friday at 9"
}  # fmt: skip
_FORMS = "“2026-12-24”, “2026-12-24T09:00”, “tomorrow”, “on Friday”, “tomorrow at 9”, “in 2 hours”"


def read(text: str, time_zone: str, now: datetime) -> str:
    """A day, or an instant in UTC, for what was said at `now` in `time_zone`. Raises Invalid, with forms that fit."""
    said = text.strip()
    try:
        at = datetime.fromisoformat(said) if len(said) > len("2026-12-24") else None
        return checked_due(said if at is None else (at if at.tzinfo else _at_home(at, time_zone)).isoformat())
    except ValueError:
        return _of_words(said, time_zone, now)


def _of_words(said: str, time_zone: str, now: datetime) -> str:
    for words_for, is_day in ((said, False), (f"{said} at 23:59", True)) if said else ():
        try:
            found = words.read(words_for, time_zone, now)
        except Invalid:
            continue
        if rule.is_once(found):
            day = datetime.fromisoformat(found).astimezone(ZoneInfo(time_zone)).date()
            return day.isoformat() if is_day else found
    raise Invalid(why=f"“{said[:60]}” is not understood as a time. Understood are {_FORMS}.")


def _at_home(at: datetime, time_zone: str) -> datetime:
    return at.replace(tzinfo=ZoneInfo(time_zone))
