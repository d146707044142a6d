"""The ranker: one linear weight a feature, from a small file, for every kind of talk."""

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from everword.memory.features import FEATURES, ROW_FEATURES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@cache
def shipped_weights() -> "dict[str, float]":
    """The weights in `ranking.json`, by feature; how they came about is in benchmarks/recall."""
    text = resources.files("everword.memory").joinpath("ranking.json").read_text(encoding="utf-8")
    weights: dict[str, float] = json.loads(text)["weights"]
    unknown = weights.keys() - set(FEATURES)
    if unknown:
        raise ValueError(f"ranking.json has weights for features that do not exist: {sorted(unknown)}")
    return weights


def score(features: "NDArray[np.float64]", weights: dict[str, float]) -> "NDArray[np.float64]":
    """Scores, higher is better, for row features alone or for all features, one row a candidate."""
    import numpy as np

    names = FEATURES if features.shape[1] == len(FEATURES) else ROW_FEATURES
    scores: NDArray[np.float64] = features @ np.array([weights.get(name, 0.0) for name in names])
    return scores
