"""Days and times of day as a person reads them, in their time zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def local_day(at: datetime, time_zone: str) -> date:
    """The day that it is there."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def told_day(day: date, today: date) -> str:
    """A day in words: "today", "tomorrow", "Friday 27 November", with its year where that is another."""
    match (day - today).days:
        case 0:
            return "today"
        case 1:
            return "tomorrow"
        case -1:
            return "yesterday"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day:%A} {day.day} {day:%B}{year}"


def told_time(at: datetime, now: datetime, time_zone: str) -> str:
    """An instant in words: "07:00", "tomorrow at 09:00", "Friday 27 November at 18:00"."""
    local, today = at.astimezone(ZoneInfo(time_zone)), local_day(now, time_zone)
    clock_time = f"{local:%H:%M}"
    return clock_time if local.date() == today else f"{told_day(local.date(), today)} at {clock_time}"


def bounds(day: date, time_zone: str) -> tuple[datetime, datetime]:
    """When a day begins and ends there."""
    zone = ZoneInfo(time_zone)
    first = datetime(day.year, day.month, day.day, tzinfo=zone)
    following = day + timedelta(days=1)
    return first, datetime(following.year, following.month, following.day, tzinfo=zone)
