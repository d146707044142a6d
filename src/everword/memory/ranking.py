"""The ranker: one linear weight a feature, from a small file, for every kind of talk."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from everword.memory.features import FEATURES, ROW_FEATURES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Weights:
    """By feature: `first` chooses, by the rows alone, what is read closely; `final` ranks that by all features."""

    first: dict[str, float]
    final: dict[str, float]


@cache
def shipped_weights() -> Weights:
    """The weights in `ranking.json`; how they came about is in benchmarks/recall."""
    text = resources.files("everword.memory").joinpath("ranking.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    weights = Weights(stored["first"], stored["final"])
    unknown = (weights.first.keys() - set(ROW_FEATURES)) | (weights.final.keys() - set(FEATURES))
    if unknown:
        raise ValueError(f"ranking.json has weights for features that do not exist: {sorted(unknown)}")
    return weights


def score(features: "NDArray[np.float64]", weights: dict[str, float]) -> "NDArray[np.float64]":
    """Scores, higher is better, for row features alone or for all features, one row a candidate."""
    import numpy as np

    names = FEATURES if features.shape[1] == len(FEATURES) else ROW_FEATURES
    scores: NDArray[np.float64] = features @ np.array([weights.get(name, 0.0) for name in names])
    return scores
