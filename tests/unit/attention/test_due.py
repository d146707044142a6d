"""When a brief is due, on ordinary days and on those that are longer or shorter."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from everword.attention.due import last_due, next_due

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("at", "now", "last", "following"),
    [
        (time(7), (11, 24, 6, 59), (11, 23, 7), (11, 24, 7)),
        (time(7), (11, 24, 7, 0), (11, 24, 7), (11, 25, 7)),
        (time(2), (3, 29, 12, 0), (3, 29, 3), (3, 30, 2)),  # 02:00 was skipped: due when the clock had jumped
        (time(2), (10, 25, 12, 0), (10, 25, 2), (10, 26, 2)),  # 02:00 came twice: due the first time
    ],
)
def test_once_a_day_at_the_persons_hour(
    at: time, now: tuple[int, ...], last: tuple[int, ...], following: tuple[int, ...]
) -> None:
    """The newest time up to now and the next one, in a zone with daylight saving."""

    def there(when: tuple[int, ...]) -> datetime:
        month, day, hour, minute = (*when, 0)[:4]
        return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)

    assert last_due(at, "Europe/Berlin", there(now)) == there(last)
    assert next_due(at, "Europe/Berlin", there(now)) == there(following)
