"""Plain words for times: what they mean, and that what is not understood is refused with what would be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from everword.core.errors import Invalid
from everword.runs.schedules import rule, words

MONDAY = datetime(2026, 11, 23, 7, 15, tzinfo=UTC)  # 08:15 in Berlin


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("every day at 7", "0 7 * * *"),
        ("At 7 every day.", "0 7 * * *"),
        ("every evening at 7", "0 19 * * *"),
        ("every night at 2", "0 2 * * *"),
        ("daily at 6:15 p.m.", "15 18 * * *"),
        ("every weekday at 8:30", "30 8 * * 1-5"),
        ("at 9 on weekdays", "0 9 * * 1-5"),
        ("every weekend at noon", "0 12 * * 0,6"),
        ("every Monday and Thursday at 18:00", "0 18 * * 1,4"),
        ("every tue, wed and sat at midnight", "0 0 * * 2,3,6"),
        ("mondays at 9", "0 9 * * 1"),
        ("every day at 9 and 17", "0 9,17 * * *"),
        ("on the first of each month at 9", "0 9 1 * *"),
        ("on the last day of every month at 18:00", "0 18 L * *"),
        ("every year on 3 May at 9", "0 9 3 5 *"),
        ("every 30 minutes", "*/30 * * * *"),
        ("every two hours", "0 */2 * * *"),
        ("hourly", "0 * * * *"),
        ("30 8 * * mon-fri", "30 8 * * MON-FRI"),
        ("0 12 L * *", "0 12 L * *"),
        ("in 2 hours", "2026-11-23T09:15:00Z"),
        ("in an hour", "2026-11-23T08:15:00Z"),
        ("in 3 days at 9", "2026-11-26T08:00:00Z"),
        ("tomorrow at 9", "2026-11-24T08:00:00Z"),
        ("tonight at 9", "2026-11-23T20:00:00Z"),
        ("monday at 9", "2026-11-23T08:00:00Z"),
        ("monday at 8", "2026-11-30T07:00:00Z"),
        ("next monday at 9", "2026-11-30T08:00:00Z"),
        ("on 3 May at 9", "2027-05-03T07:00:00Z"),
        ("2026-12-24 at 18:00", "2026-12-24T17:00:00Z"),
        ("at 7", "2026-11-24T06:00:00Z"),
    ],
)
def test_words_mean_a_rule(text: str, meant: str) -> None:
    """Each form is the cron rule or the instant that a person means by it."""
    assert words.read(text, "Europe/Berlin", MONDAY) == meant
    assert rule.following(meant, "Europe/Berlin", MONDAY) is not None
    assert rule.described(meant, "Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("whenever", "every weekday at 8:30"),
        ("", "every weekday at 8:30"),
        ("every other week at 9", "not understood"),
        ("every day", "every day at 9"),
        ("every 45 minutes", "does not divide"),
        ("every day at 25", "no time 25"),
        ("every day at 9 and 17:30", "two schedules"),
        ("today at 6", "over already"),
        ("30 February at 9", "not"),
        ("tomorrow at 13pm", "no 13pm"),
        ("99 * * * *", "cannot be read as cron"),
        ("0 0 30 2 *", "cannot be read as cron"),
        ("* * * * * *", "not understood"),
        ("x" * 300, "at most"),
    ],
)
def test_what_is_not_understood_is_refused_with_what_would_be(text: str, why: str) -> None:
    """Nothing is guessed: the sentence says what is wrong, or shows forms that are understood."""
    with pytest.raises(Invalid, match=why):
        words.read(text, "Europe/Berlin", MONDAY)


def test_a_night_that_repeats_an_hour_begins_nothing_in_the_past() -> None:
    """Asked from within the repeated hour, the next time is a later one."""
    within = datetime(2026, 11, 1, 6, 24, tzinfo=UTC)
    assert rule.following("30 1,2 * * 0", "America/New_York", within) == datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
