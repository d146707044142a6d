"""The ranker's weights and the budget."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everword.memory import budget
from everword.memory.features import FEATURES, ROW_FEATURES, TRANSFORMED_FEATURES, TRANSFORMED_ROW_FEATURES
from everword.memory.likeness import Likeness
from everword.memory.ranking import score, shipped_weights
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
    """Synonyms are alike, words without relation are not; an empty passage is like nothing."""
    alike = Likeness(static_embedder()).best(["vehicle", "soup"], [["car", "red"], [], ["soup"]])
    assert alike[0, 0] > 0.5
    assert alike[0, 1] < 0.3
    assert not alike[1].any()
    assert alike[2, 1] > 0.99


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
