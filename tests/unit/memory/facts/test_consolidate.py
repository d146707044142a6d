"""Facts in time: what claims add up to, whatever they are and in whatever order they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import cycle, product

from hypothesis import given
from hypothesis import strategies as st

from everword.core.ids import EntryId, new_id
from everword.core.types import Label
from everword.memory.facts.consolidate import Rulings, Stretch, consolidate
from everword.memory.facts.reading.extract import claims_of
from everword.memory.facts.types import Claim, Interval, Moment, Origin, Precision
from tests.unit.memory.facts.saying import NOW, days_of, said

IDS = [EntryId(new_id()) for _ in range(40)]


MOMENTS = [
    Moment((NOW + timedelta(days=days)).replace(hour=0), precision)
    for days, precision in zip(
        range(-1500, 1501, 375), cycle([Precision.DAY, Precision.MONTH, Precision.YEAR]), strict=False
    )
]
INTERVALS = [
    Interval(start, end)
    for start, end in product([None, *MOMENTS], repeat=2)
    if start is None or end is None or start.at < end.at
]
WHO = [("", Label.OWNER), ("Anna", Label.STRANGER), ("Ben", Label.MEMBER)]
CLAIMS = [
    Claim(
        entry_id=IDS[number % len(IDS)],
        start=0,
        end=10,
        subject="Anna",
        slot="lives in",
        value=value,
        statement=f"Anna lives in {value}",
        interval=interval,
        said_at=NOW + timedelta(days=days),
        said_by=said_by,
        label=label,
        confidence=0.9,
        origin=Origin.OWNER if number % 7 == 0 else Origin.RULE,
    )
    for number, (value, interval, days, (said_by, label)) in enumerate(
        product(["Berlin", "Lisbon", "Porto"], INTERVALS, [-900, -400, -1, 0, 300, 800], WHO)
    )
]
"""What anybody may say of where Anna lives, and of when."""


def claims() -> st.SearchStrategy[Claim]:
    """Any of them."""
    return st.sampled_from(CLAIMS)


def intervals() -> st.SearchStrategy[Interval]:
    """Open, closed, unknown: starts are before ends."""
    return st.sampled_from(INTERVALS)


def shape(stretches: list[Stretch]) -> list[object]:
    """What can be compared of an outcome."""
    return [
        (
            each.value,
            each.interval,
            each.superseded_at,
            each.superseded_by and each.superseded_by.value,
            each.is_disputed,
        )
        for each in stretches
    ]


@given(st.lists(claims(), max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_reading_does_not_matter(said_so: list[Claim], random: object) -> None:
    """The same claims give the same facts in whatever order they were found."""
    shuffled = list(said_so)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert shape(consolidate(said_so)) == shape(consolidate(shuffled))


@given(st.lists(claims(), max_size=12))
def test_no_claim_is_lost_or_counted_twice(said_so: list[Claim]) -> None:
    """Every claim stands under exactly one fact, and under one that says the same."""
    stretches = consolidate(said_so)
    assert sorted(map(id, (claim for each in stretches for claim in each.claims))) == sorted(map(id, said_so))
    assert all(each.value == claim.value.casefold() for each in stretches for claim in each.claims)


@given(st.lists(claims(), max_size=12))
def test_an_interval_begins_before_it_ends(said_so: list[Claim]) -> None:
    """No fact ends before it begins."""
    for each in consolidate(said_so):
        start, end = each.interval.start, each.interval.end
        assert start is None or end is None or start.at < end.at


@given(st.lists(claims(), max_size=12))
def test_at_no_moment_do_two_values_hold_undisputed(said_so: list[Claim]) -> None:
    """Where two values are said to hold now, one took the other's place, or both are shown as disputed."""
    current = [each for each in consolidate(said_so) if each.is_current and each.interval.end is None]
    for one in current:
        for other in current:
            if one.value != other.value and not (one.interval.start or other.interval.start):
                assert one.is_disputed
                assert other.is_disputed


@given(st.lists(claims(), max_size=12))
def test_superseding_goes_one_way(said_so: list[Claim]) -> None:
    """Nothing is superseded by itself, by the same value, or in a circle."""
    for each in consolidate(said_so):
        seen = [each]
        step = each.superseded_by
        assert step is None or step.value != each.value
        while step is not None:
            assert step not in seen
            seen.append(step)
            step = step.superseded_by


@given(st.lists(claims(), max_size=10), claims())
def test_the_owners_last_correction_holds(said_so: list[Claim], claim: Claim) -> None:
    """A correction outranks whatever was inferred, also what was said after it."""
    inferred = [replace(each, origin=Origin.RULE) for each in said_so]
    correction = replace(claim, origin=Origin.OWNER, interval=Interval(), label=Label.OWNER, said_by="")
    last = max((each.said_at for each in inferred), default=NOW)
    stretches = consolidate([*inferred, replace(correction, said_at=last + timedelta(seconds=1))])
    (holding,) = [each for each in stretches if any(claim.origin is Origin.OWNER for claim in each.claims)]
    assert holding.is_current
    assert not holding.is_disputed


@given(intervals(), intervals())
def test_disjoint_intervals_stay_disjoint(one: Interval, other: Interval) -> None:
    """Two closed stretches of the same that do not touch are two facts, each with its own time."""
    if None in (one.start, one.end, other.start, other.end):
        return
    first, second = sorted((one, other), key=lambda each: each.start.at)  # type: ignore[union-attr]
    if first.end.at > second.start.at:  # type: ignore[union-attr]
        return
    at = max(first.end.at, second.end.at) + timedelta(days=1)  # type: ignore[union-attr]
    base = claims_of(said("Anna lives in Berlin"))[0]
    stretches = consolidate(
        [replace(base, interval=each, said_at=at + timedelta(days=number)) for number, each in enumerate((one, other))]
    )
    assert {each.interval for each in stretches} == {one, other}


def told_in_turn(*texts: str, days: int = 30) -> list[Stretch]:
    """What the owner's sentences, a month apart, add up to."""
    return consolidate([claim for n, text in enumerate(texts) for claim in claims_of(said(text, days=n * days))])


def test_a_newer_value_takes_the_place_of_an_older() -> None:
    """Who moved lives in the new place, from the day on that was named; the old one keeps its place in history."""
    berlin, lisbon = told_in_turn("I live in Berlin.", "I moved to Lisbon on 10 May.")
    assert berlin.superseded_by is lisbon
    assert berlin.superseded_at is not None
    assert berlin.superseded_at.date().isoformat() == "2026-05-10"
    assert lisbon.is_current


def test_moving_back_is_a_second_stretch() -> None:
    """Berlin, Lisbon, Berlin are three facts, not one that never ended."""
    values = [
        (each.value, each.is_current)
        for each in told_in_turn("I live in Berlin.", "I live in Lisbon.", "I live in Berlin.")
    ]
    assert values == [("berlin", False), ("lisbon", False), ("berlin", True)]


def test_what_is_over_ends() -> None:
    """ "No longer" ends what was said before, and is the same fact."""
    (works,) = told_in_turn("I have worked at Siemens since 2015.", "I no longer work at Siemens.")
    assert days_of(works.interval) == ("2015-01-01", "2026-05-28")


def test_what_was_long_ago_changes_nothing_now() -> None:
    """A past that is told later supersedes nothing."""
    lisbon, berlin = told_in_turn("I live in Lisbon.", "I lived in Berlin from 2010 to 2014.")
    assert lisbon.is_current
    assert not lisbon.is_disputed
    assert days_of(berlin.interval) == ("2010-01-01", "2015-01-01")


def test_others_do_not_overrule_the_owner() -> None:
    """What somebody else says against the owner's word is shown beside it, as disputed."""
    mine = claims_of(said("Anna lives in Berlin."))
    theirs = claims_of(said("Anna lives in Porto.", label=Label.STRANGER, speaker="Ben", days=5))
    berlin, porto = consolidate([*mine, *theirs])
    assert berlin.is_disputed
    assert porto.is_disputed


def test_what_the_owner_brought_back_holds() -> None:
    """A ruling of the owner's turns round what took whose place."""
    texts = ("I live in Berlin.", "I live in Lisbon.")
    found = [claim for n, text in enumerate(texts) for claim in claims_of(said(text, days=n))]
    berlin, lisbon = consolidate(found, Rulings(preferred={("berlin", "lisbon")}))
    assert lisbon.superseded_by is berlin
    assert berlin.is_current


def test_what_the_owner_refused_displaces_nothing() -> None:
    """A refused value neither holds nor takes another's place."""
    texts = ("I live in Berlin.", "I live in Lisbon.")
    found = [claim for n, text in enumerate(texts) for claim in claims_of(said(text, days=n))]
    berlin, lisbon = consolidate(found, Rulings(refused={"lisbon": NOW + timedelta(days=9)}))
    assert berlin.is_current
    assert lisbon.is_refused
