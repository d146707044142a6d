"""What kind of answer is asked for, and how sure it is that a find has it."""

import pytest

from everword.memory.answer_kind import AnswerKind, asked_for, gives
from everword.memory.evidence import SIGNS, SupportWeights, confidence, shipped_weights


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much did the dentist cost?", AnswerKind.NUMBER),
        ("When did we move?", AnswerKind.TIME),
        ("Where does Helga work?", AnswerKind.PLACE),
        ("What is Dougal's dog called?", AnswerKind.PERSON),
        ("Why did he leave?", AnswerKind.REASON),
        ("What colour is the door?", AnswerKind.COLOUR),
        ("What did Anna say about the trip?", AnswerKind.ANYTHING),
    ],
)
def test_questions_ask_for_a_kind_of_answer(question: str, kind: AnswerKind) -> None:
    """The words of a question say what would answer it."""
    assert asked_for(question) is kind


@pytest.mark.parametrize(
    ("kind", "text", "is_given"),
    [
        (AnswerKind.NUMBER, "It was eleven in the end.", True),
        (AnswerKind.NUMBER, "It was too much.", False),
        (AnswerKind.TIME, "We left last Tuesday.", True),
        (AnswerKind.PLACE, "She works at the mill.", True),
        (AnswerKind.PERSON, "I met Tomek there.", True),
        (AnswerKind.PERSON, "I met Dougal there.", False),
        (AnswerKind.COLOUR, "It is grey now.", True),
        (AnswerKind.COLOUR, "It is painted now.", False),
        (AnswerKind.ANYTHING, "", True),
    ],
)
def test_texts_give_a_kind_of_answer(kind: AnswerKind, text: str, is_given: bool) -> None:
    """A number, a time, a place, a colour is seen; a person counts who is not in the question."""
    assert gives(kind, text, {"dougal"}) is is_given


def test_the_best_find_counts_most() -> None:
    """One find that answers is not talked down by nine that do not; with none there is no confidence."""
    weights = SupportWeights({"score": 4.0}, -2.0)
    assert confidence([], weights) == 0.0
    assert confidence([{"score": 0.0}] * 9, weights) < 0.2
    assert confidence([{"score": 0.0}] * 9 + [{"score": 1.0}], weights) > 0.8


def test_the_shipped_weights_name_every_sign() -> None:
    """`support.json` weighs exactly the signs there are."""
    assert set(shipped_weights().weights) == set(SIGNS)
