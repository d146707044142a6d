"""When a rule is due: five cron fields in a time zone, or one instant; daylight saving by cronsim, as Debian's cron.

A time that the clock skips is due when the clock has jumped; one that it shows twice is due the first time. A rule with
`*` in its hours or minutes goes by real time instead.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from everword.core.errors import Invalid

_MOST_CHARACTERS = 200


def once(at: datetime) -> str:
    """The rule that is due at one instant."""
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def is_once(rule: str) -> bool:
    """Whether the rule is one instant."""
    return rule.endswith("Z")


def is_cron(text: str) -> bool:
    """Whether somebody wrote five cron fields, right or wrong, and not words."""
    fields = text.split()
    return len(fields) == 5 and all(field[0] in "*0123456789" for field in fields[:2])


def cron(text: str) -> str:
    """Five cron fields as they are kept. Raises Invalid for what is none, and for what never comes."""
    from cronsim import CronSim, CronSimError

    fields = text.upper().split()
    rule = " ".join(fields)
    try:
        if len(fields) != 5 or len(rule) > _MOST_CHARACTERS:
            raise CronSimError("there must be five fields")
        next(CronSim(rule, datetime(2024, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        raise Invalid(why=f"{text[:60]!r} cannot be read as cron ({error}). An example: 30 8 * * 1-5") from error
    except StopIteration as error:
        raise Invalid(why=f"{rule!r} is never due: there is no such day.") from error
    return rule


def time_zone_named(name: str) -> str:
    """The time zone of that name, in whatever case, as it is spelled. Raises Invalid."""
    zones = available_timezones()
    if name in zones:
        return name
    for zone in zones:
        if zone.casefold() == name.casefold():
            return zone
    raise Invalid(why=f"{name[:60]!r} is no time zone. An example: Europe/Lisbon.", field="time_zone")


def times(rule: str, time_zone: str, after: datetime) -> Iterator[datetime]:
    """The instants at which a rule is due, in order, all later than `after`; in UTC."""
    if is_once(rule):
        at = datetime.fromisoformat(rule)
        if at > after:
            yield at
        return
    from cronsim import CronSim

    latest = after
    for found in CronSim(rule, after.astimezone(ZoneInfo(time_zone))):
        at = found.astimezone(UTC)
        if at > latest:  # begun within an hour that comes twice, cronsim may give a time of its first round
            latest = at
            yield at


def following(rule: str, time_zone: str, after: datetime) -> datetime | None:
    """The next instant later than `after`; None where there is none."""
    return next(islice(times(rule, time_zone, after), 1), None)


def described(rule: str, time_zone: str) -> str:
    """A rule in words, as it was understood: "At 08:30 on Monday through Friday"."""
    if is_once(rule):
        at = datetime.fromisoformat(rule).astimezone(ZoneInfo(time_zone))
        return f"Once, on {at:%A} {at.day} {at:%B %Y} at {at:%H:%M}"
    from cronsim import CronSim

    return str(CronSim(rule, datetime(2024, 1, 1, tzinfo=UTC)).explain())


def told(at: datetime, time_zone: str, now: datetime) -> str:
    """An instant as a person reads it: "07:00", with its day where that is another."""
    local, today = at.astimezone(ZoneInfo(time_zone)), now.astimezone(ZoneInfo(time_zone)).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%H:%M} on {local.day} {local:%B %Y}"
