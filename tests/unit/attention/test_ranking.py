"""What becomes a card, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from everword.attention.ranking import ranked
from everword.attention.types import CardKind, HeldBack, Item, Source, SourceId
from everword.core.ids import new_id

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def item(source: Source, kind: CardKind, *, due_h: int | None = None, age_h: int = 1, sort: str = "") -> Item:
    due = None if due_h is None else NOON + timedelta(hours=due_h)
    came = NOON - timedelta(hours=age_h)
    return Item(source=source, source_id=SourceId(new_id()), kind=kind, title="", why="", came=came, due=due, sort=sort)


def test_what_must_be_decided_comes_first_and_the_next_due_before_the_rest() -> None:
    """The order is decide, prepared, changed, watch; within one the next due first, then what came last."""
    soon = item(Source.APPROVAL, CardKind.DECIDE, due_h=1)
    late = item(Source.APPROVAL, CardKind.DECIDE, due_h=30)
    undated = item(Source.FAILURE, CardKind.DECIDE)
    new = item(Source.ANSWER, CardKind.PREPARED, age_h=1)
    old = item(Source.ANSWER, CardKind.PREPARED, age_h=9)
    changed = item(Source.FACT, CardKind.CHANGED)
    watched = item(Source.PROMISE, CardKind.WATCH, due_h=2)
    found = ranked([watched, old, changed, undated, late, new, soon])
    assert [each for each, _ in found] == [soon, late, undated, new, old, changed, watched]
    assert {why for _, why in found} == {None}


def test_seven_are_shown_and_one_flood_does_not_hide_the_rest() -> None:
    """Of one source three are shown, of all seven; what is held back says why, and nothing is left out."""
    failures = [item(Source.FAILURE, CardKind.DECIDE) for _ in range(5)]
    others = [item(source, CardKind.WATCH) for source in (Source.ANSWER, Source.FACT, Source.TASK) for _ in range(2)]
    found = ranked([*failures, *others])
    assert [why for _, why in found].count(None) == 7
    assert [why for each, why in found if each.source is Source.FAILURE] == [None] * 3 + [HeldBack.ALIKE] * 2
    assert [why for _, why in found].count(HeldBack.MOST) == 2
    assert len(found) == 11


def test_less_like_this_holds_a_sort_back_but_never_a_decision() -> None:
    """A sort that the person wants less of is held back; what waits for them has no sort, so no rule reaches it."""
    muted, waits = item(Source.FACT, CardKind.CHANGED, sort="fact:changed"), item(Source.APPROVAL, CardKind.DECIDE)
    assert ranked([muted, waits], {"fact:changed", ""}) == [(waits, None), (muted, HeldBack.LESS)]
