"""What relative times meant on the day they were said."""

from datetime import UTC, datetime

import pytest

from everword.memory.relative_times import with_dates

SAID = datetime(2023, 5, 8, 13, 0, tzinfo=UTC)  # a Monday


@pytest.mark.parametrize(
    ("said", "dated"),
    [
        ("I went there yesterday.", "I went there yesterday (7 May 2023)."),
        ("Last year I ran.", "Last year (2022) I ran."),
        ("last month, or two weeks ago?", "last month (April 2023), or two weeks ago (21 to 27 April 2023)?"),
        ("Last week was hard.", "Last week (1 to 7 May 2023) was hard."),
        ("Call me on Friday, or in June.", "Call me on Friday, or in June."),
        ("Today is the 8th.", "Today is the 8th."),
        (
            "Since last week, not before yesterday.",
            "Since last week (1 to 7 May 2023), not before yesterday (7 May 2023).",
        ),
        ("In March last year it rained.", "In March last year (March 2022) it rained."),
        ("Ich war gestern da.", "Ich war gestern (7 May 2023) da."),
        ("先週、母に会った。", "先週 (1 to 7 May 2023)、母に会った。"),
    ],
)
def test_only_what_can_mean_one_day_gets_its_date(said: str, dated: str) -> None:
    """The past that counts from the day of speaking is dated; what may lie ahead, and what is dated already, is not."""
    assert with_dates(said, SAID) == dated


def test_the_day_is_the_speaker_s() -> None:
    """Yesterday depends on where it is said."""
    late = datetime(2023, 5, 8, 23, 30, tzinfo=UTC)
    assert with_dates("yesterday", late, "Asia/Tokyo") == "yesterday (8 May 2023)"
