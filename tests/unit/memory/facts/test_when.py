"""When facts hold: "used to", "since", "from May", "until"."""

from __future__ import annotations

import pytest

from everword.memory.facts.types import Precision
from tests.unit.memory.facts.saying import days_of, told


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("I live in Lisbon.", (None, None)),
        ("I have lived in Lisbon since 2019.", ("2019-01-01", None)),
        ("I've been working at Siemens since last May.", ("2025-05-01", None)),
        ("From May, Wim manages the scaffold team.", ("2026-05-01", None)),
        ("From September I work at Bosch.", ("2026-09-01", None)),
        ("I work at Bosch until June.", (None, "2026-07-01")),
        ("I used to live in Berlin.", (None, "2026-04-28")),
        ("I used to live in Berlin until 2019.", (None, "2020-01-01")),
        ("I worked at Bosch from 2010 to 2014.", ("2010-01-01", "2015-01-01")),
        ("I lived in Berlin between 2010 and 2014.", ("2010-01-01", "2015-01-01")),
        ("I lived in Berlin in 2012.", ("2012-01-01", "2013-01-01")),
        ("I have lived in Lisbon for three years.", ("2023-01-01", None)),
        ("I moved to Porto three months ago.", ("2026-01-01", None)),
        ("I moved to Porto on 3 March.", ("2026-03-03", None)),
        ("I'm moving to Porto in June.", ("2026-06-01", None)),
        ("I quit smoking in 2020.", (None, "2020-01-01")),
        ("I no longer work at Siemens.", (None, "2026-04-28")),
        ("I start at Airbus next Monday.", ("2026-05-04", None)),
    ],
)
def test_when_it_holds(text: str, days: tuple[str | None, str | None]) -> None:
    """Words of time give the days from which and to which something holds; ends are exclusive."""
    assert days_of(told(text)[0].interval) == days


def test_how_exactly_it_is_known() -> None:
    """A year is a year, a day a day, and "used to" says no more than that it is over."""
    assert told("I have lived in Lisbon since 2019.")[0].interval.start.precision is Precision.YEAR  # type: ignore[union-attr]
    assert told("I moved to Porto on 3 March.")[0].interval.start.precision is Precision.DAY  # type: ignore[union-attr]
    assert told("I used to live in Berlin.")[0].interval.end.precision is Precision.BY  # type: ignore[union-attr]
