"""What a model gets to read of an incognito conversation."""

from __future__ import annotations

import pytest

from everword.agents.context import estimate_tokens
from everword.agents.incognito import INSTRUCTIONS, File, Turn, assemble, check
from everword.core.errors import Invalid


def test_the_prompt_is_the_conversation_and_nothing_else() -> None:
    """Turns come in their order with the files of each before its words; own instructions follow ours."""
    turns = [Turn(False, "Read this.", (File("jam.txt", "Boil twice."),)), Turn(True, "Read."), Turn(False, "And now?")]
    prompt = assemble(turns, own_instructions=" Be brief. ", context_tokens=8192)
    assert prompt.instructions == f"{INSTRUCTIONS}\n\nBe brief."
    assert prompt.history == ((False, "The attached file jam.txt:\nBoil twice.\n\nRead this."), (True, "Read."))
    assert prompt.question == "And now?"


def test_what_does_not_fit_is_left_out_and_said() -> None:
    """The oldest turns go first, and a file that is too long is cut with how much of it is there."""
    turns = [Turn(number % 2 == 1, f"turn {number} " * 60) for number in range(40)]
    asked = Turn(False, "And?", (File("long.txt", "word " * 20_000),))
    prompt = assemble([*turns, asked], own_instructions="", context_tokens=2048)
    assert "(its first " in prompt.question
    whole = prompt.instructions + "".join(text for _, text in prompt.history) + prompt.question
    assert estimate_tokens(whole) + prompt.answer_tokens <= 2048
    short = assemble([*turns, Turn(False, "And?")], own_instructions="", context_tokens=2048)
    assert short.history
    assert short.history[-1] == (True, turns[-1].text.strip())
    assert not short.history[0][0]


@pytest.mark.parametrize("turns", [[], [Turn(True, "I said.")], [Turn(False, "  ")]])
def test_what_is_no_question_is_refused(turns: list[Turn]) -> None:
    """Nothing said, an answer at the end, or blank words: there is nothing to answer."""
    with pytest.raises(Invalid):
        check(turns)
