"""What counts as a repetition: several words in a row or a code, and no single word that two people happen to use."""

from __future__ import annotations

from everword.core.types import Label
from everword.memory.forgetting.types import Selection
from tests.integration.memory.forgetting.conftest import Stage as Home
from tests.integration.memory.forgetting.conftest import say


def repeated(home: Home, said: str, *others: str) -> list[str]:
    """Which of the others repeat what is said."""
    chosen = say(home, said)
    for text in others:
        say(home, text, label=Label.MEMBER, speaker="Ben", source="files")
    home.indexer.catch_up()
    preview, _ = home.forgetter.preview(home.who, Selection(entry_ids=(chosen.id,)))
    return [repeat.entry.text for repeat in preview.repeats]


def test_one_shared_word_is_no_repetition(stage: Home) -> None:
    """Neither a long word nor a name alone makes another's entry say the same."""
    said = "The refrigerator in Setúbal was repaired by Anna"
    assert repeated(stage, said, "We need a refrigerator", "I have never been to Setúbal", "Then Anna left") == []


def test_two_telling_words_in_a_row_or_a_code_are(stage: Home) -> None:
    """What is said again in other company is found, and so is a number that nobody says by accident."""
    again = ["Ask whether the cellar door sticks", "It was ES-48213 once more"]
    assert repeated(stage, "The cellar door opens with ES-48213", *again, "A door is a door") == again
