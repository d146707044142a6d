"""What of a model's summary is kept: sentences that the cards bear out."""

from __future__ import annotations

import json

import pytest

from everword.attention.briefs import Shown
from everword.attention.types import BriefId, Card, CardId, CardKind, CardState, Item, Source, SourceId
from everword.attention.wording import checked
from everword.core import clock
from everword.core.ids import SpaceId


def shown(kind: CardKind, title: str, why: str, body: str = "") -> Shown:
    source, source_id = Source.TASK, SourceId("1")
    item = Item(source=source, source_id=source_id, kind=kind, title=title, why=why, body=body, came=clock.now())
    card = Card(CardId("1"), SpaceId(""), BriefId(""), source, source_id, kind, "", 0, None, CardState.OPEN, None)
    return Shown(card, item, None)


CARDS = [
    shown(CardKind.DECIDE, "Renew the passport", "due today"),
    shown(
        CardKind.CHANGED,
        "Anna prefers the evening train",
        "learned yesterday",
        "Before: Anna prefers the morning train",
    ),
]


@pytest.mark.parametrize(
    ("said", "is_kept"),
    [
        ("You should renew the passport today. Anna prefers the evening train.", True),
        ("Renew the passport today. It costs 60.", False),
        ("Renew the passport today. Anna prefers the morning train.", False),
        ("Renew the passport today. The weather promises sunshine.", False),
        ("sollabrum", False),
        ("1. Decide: Renew the passport (due today).", False),
    ],
)
def test_a_summary_says_what_the_cards_say(said: str, is_kept: bool) -> None:
    """Figures and words of no card, what held before, a list and a stray word are refused."""
    assert (checked(json.dumps({"summary": said}), CARDS) is not None) is is_kept
