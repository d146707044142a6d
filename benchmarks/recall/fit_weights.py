"""Fit the ranker's weights: `python -m benchmarks.recall.fit_weights --questions FOLDER --owner NAME [--write]`.

With `--transformer NAME` those that count where there are its vectors, too: a file of its own, by the same recipe.

Only on what is the project's own: the talks in `fit/` and the `tune` half of the invented ledger's questions. Each
question is asked within its conversation and of everything. The loss is the cross-entropy between the evidence, shared
evenly, and the softmax of the scores (ListNet, Cao et al. 2007), with a ridge towards the weights set by hand below
(each feature by its spread): what little data cannot say stays as it was judged. Each talk weighs the same. What an
entry costs in a prompt is set by hand alone: the loss knows of no budget, and so would not see that one long answer
takes the room of ten short ones.
"""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.recall.ledger import Ledger, ledger, read
from benchmarks.recall.talks import read_talk, write_entries
from everword.memory.features import FEATURES, ROW_FEATURES, TRANSFORMED_FEATURES, TRANSFORMED_ROW_FEATURES
from everword.memory.index.filters import NO_FILTERS, Filters
from everword.memory.ranking import Weights
from everword.weights.transformers import TRANSFORMERS

HERE = Path(__file__).parent
MEMORY = HERE.parents[1] / "src" / "everword" / "memory"
BY_HAND = {
    "words_z": 0.3, "words_share": 0.5, "meaning_z": 0.4, "meaning": 1.0, "words_1_away": 0.5, "words_2_away": 0.5,
    "meaning_1_away": 1.0, "session_words": 1.5, "session_meaning": 1.0, "is_speaker_named": 0.6, "in_time": 0.8,
    "near_time": 1.2, "is_asker": 0.6, "is_assistant": -1.2, "log_length": 0.3, "is_short": -0.3, "is_here": 0.2,
    "coverage": 1.0, "coverage_z": 0.3, "soft_coverage": 1.0, "context_coverage": 4.0, "named_near": 0.5,
    "answers": 1.0, "meaning_z_with_assistant": 0.4, "log_length_with_assistant": -2.2,
    "context_coverage_with_assistant": -2.0, "is_question_with_assistant": 0.7, "rarest": 0.4, "pairs": 0.6,
    "is_question": -0.7, "is_first_person": 0.2, "gives_time": 0.6, "gives_number": 0.8,
    "log_cost": -1.4, "is_long": -1.7,
    "transformer_z": 0.6, "transformer": 1.0, "transformer_1_away": 0.3, "session_transformer": 0.3,
}  # fmt: skip
_COST = {"log_cost", "is_long"}
_DEPTH = 200
List = tuple[NDArray[np.float64], NDArray[np.float64], str]


def main() -> None:
    """Fit, print what changed and how each set fares, and write the weights if asked to."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--questions", type=Path, required=True)
    arguments.add_argument("--owner", required=True)
    arguments.add_argument("--ridge", type=float, default=0.6)
    arguments.add_argument("--transformer", default="", choices=["", *TRANSFORMERS])
    arguments.add_argument("--write", action="store_true")
    options = arguments.parse_args()
    names, rows = (TRANSFORMED_FEATURES, TRANSFORMED_ROW_FEATURES) if options.transformer else (FEATURES, ROW_FEATURES)
    start = np.array([BY_HAND.get(name, 0.0) for name in names])
    by_hand = _named(names, start)
    wide = _lists(options.questions, options.owner, names, Weights(by_hand, by_hand), options.transformer)
    columns = [names.index(name) for name in rows]
    by_rows = [(features[:, columns], wanted, kind) for features, wanted, kind in wide]
    first = _named(rows, fit(by_rows, rows, options.ridge))
    lists = _lists(options.questions, options.owner, names, Weights(first, by_hand), options.transformer)
    for kind in sorted({name for *_, name in lists}):
        others = [item for item in lists if item[2] != kind]
        left_out = fit(others, names, options.ridge)
        of_it = [item for item in lists if item[2] == kind]
        before, after = _recall(of_it, start), _recall(of_it, left_out)
        print(f"{kind}: {len(of_it)} lists, R@10 by hand {before:.1f}, fitted on the others {after:.1f}")
    weights = fit(lists, names, options.ridge)
    print(f"all: R@10 by hand {_recall(lists, start):.1f}, fitted {_recall(lists, weights):.1f}")
    final = _named(names, weights)
    for name, weight in final.items():
        print(f"{name:32}{BY_HAND.get(name, 0.0):7.2f}{first.get(name, 0.0):7.2f}{weight:7.2f}")
    if options.write:
        with_it = f" --transformer {options.transformer}" if options.transformer else ""
        fitted_on = "fitted on benchmarks/recall/fit and benchmarks/questions (tune)"
        recipe = f"python -m benchmarks.recall.fit_weights{with_it}; {fitted_on}"
        stored = {"recipe": recipe, "first": first, "final": final}
        file = f"ranking.{options.transformer}.json" if options.transformer else "ranking.json"
        (MEMORY / file).write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


def _named(names: tuple[str, ...], weights: NDArray[np.float64]) -> dict[str, float]:
    return {name: round(float(weight), 2) for name, weight in zip(names, weights, strict=True)}


def fit(lists: list[List], names: tuple[str, ...], ridge: float, steps: int = 200) -> NDArray[np.float64]:
    """The weights that minimise the loss, by Adam (Kingma and Ba 2015) from those set by hand."""
    start = np.array([BY_HAND.get(name, 0.0) for name in names])
    is_cost = np.array([name in _COST for name in names])
    kinds = [kind for *_, kind in lists]
    share = np.array([1 / (kinds.count(kind) * len(set(kinds))) for kind in kinds])
    found, wanted, gone = _padded(lists)
    spread = found.reshape(-1, found.shape[2]).std(axis=0) + 1e-3
    weights, momentum, square = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for step in range(1, steps + 1):
        scores = found @ weights.astype(np.float32) + gone
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        gradient = np.einsum("ln,lnf->f", (chances - wanted) * share[:, None], found)
        gradient = np.where(is_cost, 0.0, gradient + ridge * (weights - start) * spread**2)
        momentum = 0.9 * momentum + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        weights = weights - 0.05 * (momentum / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return weights


def _padded(lists: list[List]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Features, wanted shares, and what makes the score of no candidate at all nothing."""
    longest, width = max(len(features) for features, *_ in lists), lists[0][0].shape[1]
    found = np.zeros((len(lists), longest, width), dtype=np.float32)
    wanted = np.zeros((len(lists), longest), dtype=np.float32)
    gone = np.full((len(lists), longest), -1e9, dtype=np.float32)
    for at, (features, shares, _) in enumerate(lists):
        found[at, : len(features)], wanted[at, : len(shares)], gone[at, : len(shares)] = features, shares, 0
    return found, wanted, gone


def _lists(questions: Path, owner: str, names: tuple[str, ...], weights: Weights, transformer: str) -> list[List]:
    """What was found for each question, with its features, and which of it is evidence."""
    with TemporaryDirectory() as folder:
        talks = {path.stem: read_talk(path) for path in sorted((HERE / "fit").glob("*.txt")) if "." not in path.stem}
        files = [write_entries(entries, Path(folder) / f"{name}.jsonl") for name, (entries, _) in talks.items()]
        sets = (*files, questions / "entries.jsonl")
        with ledger(*sets, owner=owner, weights=weights, transformer=transformer) as made:
            lists: list[List] = []
            for name, (entries, asked) in talks.items():
                now = datetime.fromisoformat(entries[-1]["said_at"]).replace(tzinfo=UTC)
                for question in asked:
                    within = Filters(conversation_id=made.conversations[question["conversation"]])
                    lists += _list(made, question, within, now, name, names)
                    lists += _list(made, question, NO_FILTERS, now, name, names)
            for question in read(questions / "questions.jsonl"):
                if question["half"] == "tune" and question["evidence"]:
                    lists += _list(made, question, NO_FILTERS, datetime(2026, 3, 1, tzinfo=UTC), "questions", names)
            return lists


def _list(
    made: Ledger, question: dict[str, Any], filters: Filters, now: datetime, kind: str, names: tuple[str, ...]
) -> list[List]:
    found = made.recaller.recall(made.who, question["question"], k=_DEPTH, filters=filters, now=now).hits
    wanted = np.array([hit.entry.external_id in question["evidence"] for hit in found], dtype=np.float64)
    if not wanted.any():
        return []
    features = np.array([[hit.features[name] for name in names] for hit in found])
    return [(features, wanted / wanted.sum(), kind)]


def _recall(lists: list[List], weights: NDArray[np.float64]) -> float:
    shares = [float(wanted[np.argsort(-(found @ weights), kind="stable")[:10]].sum()) for found, wanted, _ in lists]
    return 100 * float(np.mean(shares))


if __name__ == "__main__":
    main()
