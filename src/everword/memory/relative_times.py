"""What "yesterday" and "two weeks ago" meant on the day they were said, so that nobody has to guess the date."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from everword.memory.dates import TimeSpan, past_spans
from everword.memory.languages.detect import language_of


@dataclass(frozen=True, slots=True)
class RelativeTime:
    """A relative time that ends at `text[:to]`, and the date it meant: "7 May 2023", "May 2023", "1 to 7 May 2023"."""

    to: int
    date: str


def relative_times(text: str, said_at: datetime, timezone: str = "UTC") -> list[RelativeTime]:
    """The relative times in a text that was said at `said_at` by somebody in `timezone` (IANA), in order."""
    zone = ZoneInfo(timezone)
    return [
        RelativeTime(span.to, _written(span, zone)) for span in past_spans(text, said_at, timezone, language_of(text))
    ]


def with_dates(text: str, said_at: datetime, timezone: str = "UTC") -> str:
    """`text` with the date in brackets behind each relative time."""
    for found in reversed(relative_times(text, said_at, timezone)):
        text = f"{text[: found.to]} ({found.date}){text[found.to :]}"
    return text


def _written(span: TimeSpan, zone: ZoneInfo) -> str:
    first = span.start.astimezone(zone).date()
    last = (span.end.astimezone(zone) - timedelta(days=1)).date()
    if first == last:
        return f"{first.day} {first:%B %Y}"
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return str(first.year)
    if first.day == 1 and first.month == last.month and (last + timedelta(days=1)).day == 1:
        return f"{first:%B %Y}"
    begin = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
    return f"{begin} to {last.day} {last:%B %Y}"
