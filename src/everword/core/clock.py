"""The only clock: every other module asks it for the time, so that a run can be replayed."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds from an arbitrary point, for measuring how long something took."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Block this thread for `seconds`."""
    time.sleep(seconds)
