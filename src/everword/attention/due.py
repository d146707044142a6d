"""When a brief is due: once a day at the hour the person set, in their time zone, daylight saving by cronsim."""

from datetime import datetime, time, timedelta

from everword.runs.schedules import rule

LATE = timedelta(seconds=60)
"""Later than this a brief was missed, and is made once now."""
_A_DAY_AND_MORE = timedelta(hours=50)  # the longest day has 25 hours, and the day before may have lost one


def last_due(at: time, time_zone: str, now: datetime) -> datetime | None:
    """The newest moment up to now at which a brief was due."""
    newest = None
    for found in rule.times(_rule(at), time_zone, now - _A_DAY_AND_MORE):
        if found > now:
            return newest
        newest = found
    return newest


def next_due(at: time, time_zone: str, now: datetime) -> datetime | None:
    """When the next brief is due."""
    return rule.following(_rule(at), time_zone, now)


def _rule(at: time) -> str:
    return f"{at.minute} {at.hour} * * *"
