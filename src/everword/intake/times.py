"""Times as files write them: ISO 8601 with or without a zone, seconds since 1970."""

import math
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

_EARLIEST = datetime(1000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def from_iso(value: object, time_zone: ZoneInfo) -> datetime | None:
    """An instant in UTC; without a zone it is taken in `time_zone`. None where `value` is no time."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        instant = datetime.fromisoformat(value.strip())
    except ValueError:
        try:
            instant = datetime.combine(date.fromisoformat(value.strip()[:10]), time())
        except ValueError:
            return None
    return _plausible(instant if instant.tzinfo else instant.replace(tzinfo=time_zone))


def from_epoch(value: object) -> datetime | None:
    """An instant from seconds since 1970. None where `value` is no such number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        return None
    try:
        return _plausible(datetime.fromtimestamp(value, UTC))
    except (OverflowError, OSError, ValueError):
        return None


def _plausible(instant: datetime) -> datetime | None:
    try:
        utc = instant.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return utc if _EARLIEST <= utc <= _LATEST else None
