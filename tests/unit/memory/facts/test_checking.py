"""What a model reads counts only where the entry's own words bear it out."""

from __future__ import annotations

import pytest

from everword.core.types import Label
from everword.memory.facts.checking import Read, checked, is_telling
from everword.memory.facts.reading.extract import claims_of
from everword.memory.facts.types import Origin
from tests.unit.memory.facts.saying import said

TEXT = "Some days I restore church organs with a tiny firm in Linz. My aunt Rosa keeps the books there. Is that odd?"


def kept(text: str, *read: Read, label: Label = Label.OWNER, speaker: str = "") -> list[tuple[str, str]]:
    """What is kept of what a model read, as subject and statement."""
    entry = said(text, label=label, speaker=speaker)
    return [(claim.subject, claim.statement) for claim in checked(entry, read, claims_of(entry), "UTC")]


def test_what_the_words_say_is_kept() -> None:
    """A statement with a quote that is there is a claim of its own, marked as a model's."""
    read = Read("me", "I restore church organs", "I restore church organs with a tiny firm in Linz")
    assert kept(TEXT, read) == [("", "You restore church organs")]
    entry = said(TEXT)
    (claim,) = checked(entry, [read], [], "UTC")
    assert (claim.origin, entry.text[claim.start : claim.end]) == (
        Origin.MODEL,
        "Some days I restore church organs with a tiny firm in Linz.",
    )


@pytest.mark.parametrize(
    "read",
    [
        Read("me", "I restore church organs", "I restore old church organs"),
        Read("me", "I restore church organs in Vienna", "I restore church organs"),
        Read("me", "I do not restore church organs", "I restore church organs"),
        Read("me", "I keep the books there", "My aunt Rosa keeps the books there"),
        Read("Dana", "Dana restores church organs", "I restore church organs"),
        Read("me", "That is odd", "Is that odd?"),
        Read("me", "I want to restore organs today", "I restore church organs"),
        Read("me", "organs", "church organs"),
    ],
    ids=["quote", "invented", "denied", "others", "nobody", "question", "passing", "short"],
)
def test_what_they_do_not_say_is_refused(read: Read) -> None:
    """A changed quote, an added word, a turned sense, another's fact, a question and a mood are no claims."""
    assert kept(TEXT, read) == []


def test_the_rules_come_first() -> None:
    """What the rules have read of a sentence is not learned a second time in other words."""
    read = Read("me", "I live in Lisbon", "I live in Lisbon")
    assert kept("I live in Lisbon.", read) == []


def test_the_assistants_words_are_never_read() -> None:
    """Whatever a model makes of an answer, nothing is learned from it."""
    read = Read("me", "I restore church organs", "I restore church organs with a tiny firm in Linz")
    assert kept(TEXT, read, label=Label.ASSISTANT) == []


def test_telling_entries_come_first() -> None:
    """An entry with statements about people is more telling than small talk, which is not asked about at all."""
    assert is_telling(said(TEXT)) > is_telling(said("I see."))
    assert is_telling(said("thanks, that is great!")) == 0
    assert is_telling(said("Do you think I should go?")) == 0
