"""What counts as a repetition: several words in a row or a code, and no single word that two people happen to use."""

from __future__ import annotations

from everword.core.types import Label
from everword.memory import store
from everword.memory.forgetting.types import ForgettingState, Selection
from everword.memory.types import Entry
from tests.integration.memory.forgetting.conftest import Stage as Home
from tests.integration.memory.forgetting.conftest import answer, begin_talk, say


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


def forgotten(home: Home, entry: Entry) -> ForgettingState:
    """How forgetting an entry alone ends, with what the preview has chosen."""
    home.indexer.catch_up()
    selection = Selection(entry_ids=(entry.id,))
    _, up_to = home.forgetter.preview(home.who, selection)
    begun = home.forgetter.begin(home.who, selection, up_to=up_to)
    home.forgetter.worker.run_unfinished()
    ended, _, _ = home.forgetter.get(home.who, begun.id)
    return ended.state


def test_a_models_plain_words_are_no_repetition(stage: Home) -> None:
    """Two stories that it wrote in one conversation share phrases, as its stories do; a name in both is found."""
    talk = begin_talk(stage)
    one = "The gardener Bartholomew worked tirelessly and began to create a garden. He continued until dusk came."
    other = "The keeper worked tirelessly and began to create a lighthouse. She continued until the morning came."
    asked = say(stage, "Tell me a story", talk=talk)
    story = say(stage, one, talk=talk, label=Label.ASSISTANT, parent=asked)
    say(stage, other, talk=talk, label=Label.ASSISTANT, parent=story)
    named = say(stage, "Once more about Bartholomew, then.", talk=talk, label=Label.ASSISTANT, parent=story)
    stage.indexer.catch_up()
    preview, _ = stage.forgetter.preview(stage.who, Selection(entry_ids=(story.id,)))
    assert [repeat.entry.id for repeat in preview.repeats] == [named.id]


def test_a_word_that_some_fifty_others_say_does_not_hold_up_the_receipt(stage: Home) -> None:
    """Too many to look through, too few to be common: it is not looked for afterwards."""
    for number in range(52):
        say(stage, f"Nature creates wonder number {number}", label=Label.MEMBER, speaker="Ben", source="files")
    written = say(stage, "This profound paradox creates a spectrum", label=Label.ASSISTANT)
    assert forgotten(stage, written) is ForgettingState.DELIVERED


def test_a_longer_word_in_the_same_conversation_does_not_hold_up_the_receipt(stage: Home) -> None:
    """What stays in the conversation stays with all its words, those that contain a forgotten one, too."""
    talk = begin_talk(stage)
    say(stage, "A dove symbolizes peace", talk=talk)
    chosen = say(stage, "Those treasures symbolize childhood", talk=talk)
    assert forgotten(stage, chosen) is ForgettingState.DELIVERED


def test_an_answer_that_came_later_does_not_hold_up_the_receipt(stage: Home) -> None:
    """What a model says of itself after the forgetting began is new, as what people say is."""
    talk = begin_talk(stage)
    chosen = say(stage, "The spectrograph is broken", talk=talk)
    stage.indexer.catch_up()
    selection = Selection(entry_ids=(chosen.id,))
    _, up_to = stage.forgetter.preview(stage.who, selection)
    begun = stage.forgetter.begin(stage.who, selection, up_to=up_to)
    asked = say(stage, "What takes light apart?", talk=talk)
    answer(stage, asked, "A prism, or a spectrograph.", cites=asked)
    stage.forgetter.worker.run_unfinished()
    ended, _, _ = stage.forgetter.get(stage.who, begun.id)
    assert ended.state is ForgettingState.DELIVERED, ended.error
    with stage.database.reading(stage.who) as connection:
        kept = store.of_conversation(connection, stage.who, talk)
    assert [entry.text for entry in kept] == [asked.text, "A prism, or a spectrograph."]
