"""When a task is due, in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from everword.core.errors import Invalid
from everword.tools import due

NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # a Monday; in Berlin it is Tuesday already


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-12-24", "2026-12-24"),
        ("2026-12-24T09:00", "2026-12-24T08:00:00Z"),
        ("2026-12-24T09:00:00-05:00", "2026-12-24T14:00:00Z"),
        ("today", "2026-11-24"),
        ("tomorrow", "2026-11-25"),
        ("on Friday", "2026-11-27"),
        ("on 24 December", "2026-12-24"),
        ("tomorrow at 9", "2026-11-25T08:00:00Z"),
        ("in 2 hours", "2026-11-24T01:30:00Z"),
    ],
)
def test_a_day_stays_a_day_and_a_time_is_an_instant(said: str, meant: str) -> None:
    """Words are read where the owner lives; a day names no hour."""
    assert due.read(said, "Europe/Berlin", NOW) == meant


@pytest.mark.parametrize("said", ["soon", "every day at 7", "2026-02-30", "", "30 8 * * 1-5"])
def test_what_is_not_understood_is_refused_with_forms(said: str) -> None:
    """Nothing is guessed, and what comes again and again is no due date."""
    with pytest.raises(Invalid, match="on Friday"):
        due.read(said, "Europe/Berlin", NOW)
