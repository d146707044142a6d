"""The ranker's weights and the budget."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everword.memory import budget
from everword.memory.features import FEATURES, ROW_FEATURES, TRANSFORMED_FEATURES, TRANSFORMED_ROW_FEATURES
from everword.memory.ranking import score, shipped_weights
from everword.memory.vocabulary import Vocabulary
from everword.memory.words import Term, terms
from everword.weights.embedders import static_embedder
from everword.weights.transformers import TRANSFORMERS


def test_the_shipped_weights_name_every_feature() -> None:
    """`ranking.json` weighs exactly the features there are, at either stage."""
    assert set(shipped_weights().final) == set(FEATURES)
    assert set(shipped_weights().first) == set(ROW_FEATURES)


@pytest.mark.parametrize("transformer", list(TRANSFORMERS))
def test_each_transformer_has_weights_of_its_own(transformer: str) -> None:
    """They name every feature, the transformer's among them."""
    weights = shipped_weights(transformer)
    assert set(weights.final) == set(TRANSFORMED_FEATURES)
    assert set(weights.first) == set(TRANSFORMED_ROW_FEATURES)


def test_row_features_are_scored_by_their_own_weights() -> None:
    """The first pass scores with the weights of the features it has."""
    features = np.eye(len(ROW_FEATURES))
    assert score(features, {"words_z": 2.0})[ROW_FEATURES.index("words_z")] == 2.0


def test_words_alike_in_meaning() -> None:
    """Synonyms are alike, words without relation are not."""
    asked = [Term("vehicle", "vehicl", is_stop=False), Term("soup", "soup", is_stop=False)]
    reading = Vocabulary(static_embedder()).read(["The car", "", "soup."], asked)
    alike = {term.folded: of_it.tolist() for term, of_it in zip(reading.terms, reading.likeness, strict=True)}
    assert alike["car"][0] > 0.5
    assert alike["car"][1] < 0.3
    assert alike["soup"][1] > 0.99
    assert alike["the"] == [0, 0]
    assert reading.lengths.tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    "text",
    [
        "The car is red, isn't it?",
        "Ich habe das Auto gestern verkauft",
        "¿Dónde está el coche de Ana?",
        "un_el coche por la calle",
        "машины стояли",
        "كانت السيارات",
        "车在哪里 the cars",
        "It’s the café’s “best” — really",
        "' _ ''",
    ],
)
def test_what_is_read_by_number_is_what_is_read_one_by_one(text: str) -> None:
    """In every language a passage's words are those that the index has, also among other texts."""
    vocabulary = Vocabulary(static_embedder())
    for texts in (["The first, in English"], [text, "and the car"], ["", text]):
        reading = vocabulary.read(texts, [])
        for at, each in enumerate(texts):
            assert [reading.terms[word] for word in reading.words[reading.passages == at]] == terms(each)


@dataclass(frozen=True)
class Costing:
    """Something that costs so many tokens."""

    cost_tokens: int


@given(st.lists(st.integers(1, 50)), st.integers(0, 200))
def test_a_budget_is_kept(costs: list[int], budget_tokens: int) -> None:
    """What is taken is the best in order, fits, and the next would not."""
    found = [Costing(cost) for cost in costs]
    taken = budget.within(found, budget_tokens)
    assert found[: len(taken)] == taken
    spent = sum(item.cost_tokens for item in taken)
    assert spent <= budget_tokens
    assert len(taken) == len(found) or spent + found[len(taken)].cost_tokens > budget_tokens


def test_an_entry_costs_what_its_line_costs() -> None:
    """Four characters of "[said_at] speaker: text" are a token, rounded up."""
    assert budget.tokens(datetime(2025, 1, 1, tzinfo=UTC), "Ben", "abc") == -(
        -len("[2025-01-01T00:00:00] Ben: abc") // 4
    )
