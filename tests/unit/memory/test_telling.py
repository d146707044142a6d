"""What is told is not taken for a question."""

import json
from pathlib import Path

import pytest

from everword.memory.telling import asks_to_keep, is_told

QUESTIONS = Path(__file__).parents[3] / "benchmarks" / "questions" / "questions.jsonl"


@pytest.mark.parametrize(
    "text",
    [
        "My sister's name is Ana and she is allergic to penicillin. Remember that.",
        "Note: the plumber comes on Friday at 9.",
        "Don't forget that the gate code is 4711",
        "Merk dir: der Schlüssel liegt unter der Fußmatte.",
        "Recuerda que la llave está debajo de la alfombra.",
        "Запомни: ключ под ковриком.",
        "记住，钥匙在门垫下面。",
        "鍵はマットの下だよ、覚えておいて。",
    ],
)
def test_what_asks_to_be_kept(text: str) -> None:
    """A message that asks to be remembered is told, and to be kept."""
    assert asks_to_keep(text)
    assert is_told(text)


@pytest.mark.parametrize(
    "text", ["I moved to Lisbon last week.", "We're expecting a baby in May!", "My bike is a red Brompton."]
)
def test_what_is_told_of_oneself(text: str) -> None:
    """A statement about oneself asks for nothing, to be kept neither."""
    assert is_told(text)
    assert not asks_to_keep(text)


@pytest.mark.parametrize(
    "text",
    [
        "remember what Anna said about nuts",
        "I forgot what the gate code is",
        "my PIN for the gate, which was it",
        "Remind me which number opens the key safe",
        "I moved to Lisbon last week. What was my old address?",
        "Jonah's pocket money, how much is it these days",
        "Remember when we went to Annecy?",
    ],
)
def test_what_asks(text: str) -> None:
    """A question stays one, however it begins."""
    assert not is_told(text)


def test_no_question_of_the_labelled_set_is_taken_for_telling() -> None:
    """None of 80 questions about an owner's past, written by someone who has not seen the rule, is told."""
    asked = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    assert [line["question"] for line in asked if line["kind"] != "general" and is_told(line["question"])] == []
