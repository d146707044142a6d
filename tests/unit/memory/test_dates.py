"""Times that a question names."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everword.memory.dates import time_spans
from everword.memory.languages.detect import Language, language_of
from everword.memory.question import parse

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)  # a Sunday


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("who came the week before last", "2026-11-02", "2026-11-09"),
        ("what did Anna say in March", "2026-03-01", "2026-04-01"),
        ("in December", "2025-12-01", "2026-01-01"),
        ("last spring", "2026-03-01", "2026-06-01"),
        ("in the summer of 2022", "2022-06-01", "2022-09-01"),
        ("yesterday", "2026-11-21", "2026-11-22"),
        ("3 weeks ago", "2026-10-29", "2026-11-05"),
        ("two months ago", "2026-09-01", "2026-10-01"),
        ("last week", "2026-11-09", "2026-11-16"),
        ("on Friday", "2026-11-20", "2026-11-21"),
        ("last Sunday", "2026-11-15", "2026-11-16"),
        ("on 7 May 2023", "2023-05-07", "2023-05-08"),
        ("May 7th, 2023", "2023-05-07", "2023-05-08"),
        ("2023-05-07", "2023-05-07", "2023-05-08"),
        ("in 2021", "2021-01-01", "2022-01-01"),
        ("since June 2024", "2024-06-01", "2026-11-23"),
        ("before June 2024", "1970-01-02", "2024-06-01"),
    ],
)
def test_times_are_read_from_the_asker_s_now(text: str, start: str, end: str) -> None:
    """Named and relative times become days, the last that have begun where no year is named."""
    (span,) = time_spans(text, NOW, "UTC")
    assert (f"{span.start:%Y-%m-%d}", f"{span.end:%Y-%m-%d}") == (start, end)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Was hat Anna letzten Frühling über den Umzug gesagt?", "2026-03-01", "2026-06-01"),
        ("Wer war das vor zwei Wochen?", "2026-11-05", "2026-11-12"),
        ("Was war am 5.3.2024 mit dem Auto?", "2024-03-05", "2024-03-06"),
        ("¿Qué dijo Ana antes del verano?", "1970-01-02", "2026-06-01"),
        ("¿Dónde comí anteayer con ella?", "2026-11-20", "2026-11-21"),
        ("Что я обещала на прошлой неделе?", "2026-11-09", "2026-11-16"),
        ("Где мы были с июня 2024?", "2024-06-01", "2026-11-23"),
        ("ماذا قالت ليلى قبل أسبوعين؟", "2026-11-05", "2026-11-12"),
        ("ماذا حدث في الصيف الماضي؟", "2026-06-01", "2026-09-01"),
        ("上周五我和谁吃的饭？", "2026-11-13", "2026-11-14"),
        ("三月以前他在哪里工作？", "1970-01-02", "2026-03-01"),
        ("3日前に誰と会った？", "2026-11-19", "2026-11-20"),
        ("おととしの話をして", "2024-01-01", "2025-01-01"),
    ],
)
def test_times_are_read_in_other_languages(text: str, start: str, end: str) -> None:
    """Each language that recall knows names times in its own words and order."""
    (span,) = time_spans(text, NOW, "UTC", language_of(text))
    assert (f"{span.start:%Y-%m-%d}", f"{span.end:%Y-%m-%d}") == (start, end)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("what did we do in March last year", "2025-03-01", "2025-04-01"),
        ("who came on Friday last week?", "2026-11-13", "2026-11-14"),
        ("Wer kam im März letzten Jahres für mich?", "2025-03-01", "2025-04-01"),
        ("¿Qué hice en marzo del año pasado?", "2025-03-01", "2025-04-01"),
        ("去年三月我在哪里？", "2025-03-01", "2025-04-01"),
        ("去年の夏、どこに行った？", "2025-06-01", "2025-09-01"),
        ("先週の金曜日に誰と会った？", "2026-11-13", "2026-11-14"),
    ],
)
def test_a_month_beside_its_year_is_one_time(text: str, start: str, end: str) -> None:
    """As is a weekday beside its week, whichever is named first."""
    (span,) = time_spans(text, NOW, "UTC", language_of(text))
    assert (f"{span.start:%Y-%m-%d}", f"{span.end:%Y-%m-%d}") == (start, end)


def test_two_times_stay_two() -> None:
    """A month with a year of its own takes no other."""
    first, second = time_spans("in March 2024, last year", NOW, "UTC")
    assert (first.start.year, second.start.year) == (2024, 2025)


def test_days_are_the_asker_s() -> None:
    """Yesterday begins and ends at midnight where the asker is."""
    (span,) = time_spans("yesterday", NOW, "Asia/Kathmandu")
    assert span.start == datetime(2026, 11, 21, 18, 15, tzinfo=UTC)


def test_may_and_march_are_also_words() -> None:
    """A verb that looks like a month is no time."""
    assert time_spans("May I march with you?", NOW, "UTC") == []


def test_impossible_dates_are_no_times() -> None:
    """30 February is passed over, not an error."""
    assert time_spans("on 30 February 2024", NOW, "UTC") == [] or time_spans("2024-02-30", NOW, "UTC") == []


@given(st.text(), st.sampled_from(Language))
def test_any_text_can_be_asked(text: str, language: Language) -> None:
    """Whatever is asked, spans lie within it and end after they begin."""
    for span in time_spans(text, NOW, "Europe/Berlin", language):
        assert 0 <= span.at < span.to <= len(text)
        assert span.start < span.end


def test_a_question_is_taken_apart() -> None:
    """Speakers, names, what it is about and what kind of answer it wants."""
    asked = parse("What did anna say about the Lisbon flat in March?", ["Anna Berg", "chat"], NOW, "UTC")
    assert asked.speakers == ("Anna Berg",)
    assert asked.content == ("lisbon", "flat")
    assert "lisbon" in asked.names
    assert len(asked.spans) == 1
    assert not asked.is_first_person
