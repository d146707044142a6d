"""The ranker: one linear weight a feature, from a small file, for every kind of talk."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from everword.memory.features import FEATURES, ROW_FEATURES, TRANSFORMED_FEATURES, TRANSFORMED_ROW_FEATURES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


#: By how many features a candidate has, which they are.
_NAMES = {len(names): names for names in (ROW_FEATURES, FEATURES, TRANSFORMED_ROW_FEATURES, TRANSFORMED_FEATURES)}


@dataclass(frozen=True, slots=True)
class Weights:
    """By feature: `first` chooses, by the rows alone, what is read closely; `final` ranks that by all features."""

    first: dict[str, float]
    final: dict[str, float]


@cache
def shipped_weights(transformer: str = "") -> Weights:
    """The weights in `ranking.json`, or those for a transformer; benchmarks/recall says how they came about."""
    name = f"ranking.{transformer}.json" if transformer else "ranking.json"
    text = resources.files("everword.memory").joinpath(name).read_text(encoding="utf-8")
    stored = json.loads(text)
    weights = Weights(stored["first"], stored["final"])
    unknown = weights.first.keys() - set(TRANSFORMED_ROW_FEATURES)
    unknown |= weights.final.keys() - set(TRANSFORMED_FEATURES)
    if unknown:
        raise ValueError(f"{name} has weights for features that do not exist: {sorted(unknown)}")
    return weights


def score(features: "NDArray[np.float64]", weights: dict[str, float]) -> "NDArray[np.float64]":
    """Scores, higher is better, for row features alone or for all, with a transformer's or without.

    One row a candidate.
    """
    import numpy as np

    names = names_of(features)
    scores: NDArray[np.float64] = features @ np.array([weights.get(name, 0.0) for name in names])
    return scores


def names_of(features: "NDArray[np.float64]") -> tuple[str, ...]:
    """What the columns of features are."""
    return _NAMES[features.shape[1]]
