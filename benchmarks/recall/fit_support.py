"""Fit what decides whether a find bears an answer out: `python -m benchmarks.recall.fit_support --help`.

On the project's own talks in `fit/`, with the questions that they answer and those they do not, and the `tune` half of
the invented ledger's. Logistic regression on the signs of the ten best finds, pooled by a soft maximum, so that nobody
has to say which find answers (multiple-instance learning); both kinds of question weigh the same in sum.
"""

import argparse
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.recall.ledger import Ledger, ledger, load, person, read
from benchmarks.recall.talks import read_talk, read_unanswerable, write_entries
from everword.memory.evidence import SIGNS, SupportWeights, confidence, signs
from everword.memory.index.filters import NO_FILTERS, Filters

HERE = Path(__file__).parent
WEIGHTS = HERE.parents[1] / "src" / "everword" / "memory" / "support.json"
_SHARPNESS = 3.0
_SIZES = (6, 10, 20, 40)
_NEAR = 3


@dataclass(frozen=True, slots=True)
class Case:
    """A question: the signs of its finds, and whether something answers it."""

    talk: str
    found: list[dict[str, float]]
    is_answerable: bool


def main() -> None:
    """Fit, print how each talk fares with weights of the others, and write the weights if asked to."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--questions", type=Path, required=True)
    arguments.add_argument("--owner", required=True)
    arguments.add_argument("--ridge", type=float, default=0.01)
    arguments.add_argument("--write", action="store_true")
    options = arguments.parse_args()
    cases = _cases(options.questions, options.owner)
    for talk in sorted({case.talk for case in cases}):
        weights = fit([case for case in cases if case.talk != talk], options.ridge)
        answerable = [confidence(case.found, weights) for case in cases if case.talk == talk and case.is_answerable]
        others = [confidence(case.found, weights) for case in cases if case.talk == talk and not case.is_answerable]
        above = np.mean([[1.0 if yes > no else 0.5 * (yes == no) for no in others] for yes in answerable])
        print(
            f"{talk}: {len(answerable)} answerable, {len(others)} not; fitted on the others, area under curve "
            f"{above:.3f}, at one half {np.mean(np.array(answerable) >= 0.5):.2f} supported, "
            f"{np.mean(np.array(others) < 0.5):.2f} refused"
        )
    weights = fit(cases, options.ridge)
    for name, weight in weights.weights.items():
        print(f"{name:24}{weight:8.3f}")
    if options.write:
        recipe = (
            "python -m benchmarks.recall.fit_support; fitted on benchmarks/recall/fit and benchmarks/questions (tune)"
        )
        stored = {"recipe": recipe, "bias": weights.bias, "weights": weights.weights}
        WEIGHTS.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


def fit(cases: list[Case], ridge: float, steps: int = 400) -> SupportWeights:
    """The weights, by Adam; each sign is scaled by its spread for the ridge."""
    cases = [case for case in cases if case.found]
    found = [np.array([[of_it[name] for name in SIGNS] for of_it in case.found]) for case in cases]
    everything = np.vstack(found)
    middle, spread = everything.mean(axis=0), everything.std(axis=0) + 1e-6
    found = [(values - middle) / spread for values in found]
    wanted = np.array([case.is_answerable for case in cases], dtype=np.float64)
    share = np.where(wanted > 0, 0.5 / wanted.mean(), 0.5 / (1 - wanted.mean())) / len(cases)
    weights = np.zeros(len(SIGNS) + 1)
    momentum, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        gradient = np.append(ridge * weights[:-1], 0.0)
        for values, is_answerable, part in zip(found, wanted, share, strict=True):
            pooled = _pooled(values, weights[:-1])
            error = (1 / (1 + np.exp(-(pooled @ weights[:-1] + weights[-1]))) - is_answerable) * part
            gradient += error * np.append(pooled, 1.0)
        momentum = 0.9 * momentum + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        weights -= 0.05 * (momentum / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    scaled = weights[:-1] / spread
    named = {name: round(float(weight), 4) for name, weight in zip(SIGNS, scaled, strict=True)}
    return SupportWeights(named, round(float(weights[-1] - scaled @ middle), 4))


def _pooled(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The signs of the finds in one, the better ones counting more."""
    points = values @ weights
    shares = np.exp(_SHARPNESS * (points - points.max()))
    pooled: NDArray[np.float64] = (shares / shares.sum()) @ values
    return pooled


def _cases(questions: Path, owner: str) -> list[Case]:
    cases = []
    with ledger(questions / "entries.jsonl", owner=owner) as made:
        for question in read(questions / "questions.jsonl"):
            if question["half"] == "tune" and question["kind"] != "general":
                now = datetime(2026, 3, 1, tzinfo=UTC)
                is_answerable = question["kind"] == "answerable"
                cases.append(_case(made, "questions", question["question"], now, NO_FILTERS, is_answerable))
    with TemporaryDirectory() as folder:
        talks = {path.stem: read_talk(path) for path in sorted((HERE / "fit").glob("*.txt")) if "." not in path.stem}
        files = [write_entries(entries, Path(folder) / f"{name}.jsonl") for name, (entries, _) in talks.items()]
        with ledger(*files) as made:
            for name, (entries, asked) in talks.items():
                now = datetime.fromisoformat(entries[-1]["said_at"]).replace(tzinfo=UTC)
                cases += [_case(made, name, question["question"], now, NO_FILTERS, True) for question in asked]
                unanswerable = read_unanswerable(HERE / "fit" / f"{name}.txt")
                cases += [_case(made, name, question, now, NO_FILTERS, False) for question in unanswerable]
                all_asked = [(question["question"], question["evidence"]) for question in asked]
                all_asked += [(question, []) for question in unanswerable]
                cases += _in_small_memories(made, name, entries, all_asked, now)
    return cases


def _in_small_memories(
    made: Ledger, talk: str, entries: list[dict[str, Any]], asked: list[tuple[str, list[str]]], now: datetime
) -> list[Case]:
    """The same questions where little else is known: the evidence, what is found first for it, and a few others."""
    chance = np.random.default_rng(1)
    by_id = {entry["id"]: entry for entry in entries}
    small = []
    for number, (question, evidence) in enumerate(asked):
        found = made.recaller.recall(made.who, question, now=now, timezone="Europe/London").hits
        near = [hit.entry.external_id for hit in found if hit.entry.external_id in by_id]
        others = [str(each) for each in chance.permutation(list(by_id))]
        chosen = list(dict.fromkeys([*evidence, *near[:_NEAR], *others]))[
            : max(_SIZES[number % len(_SIZES)], len(evidence))
        ]
        who = person(made.database)
        load(made.database, who, [entry for entry in entries if entry["id"] in set(chosen)], "", {})
        small.append((who, question, bool(evidence)))
    made.indexer.catch_up()
    cases = []
    for who, question, is_answerable in small:
        recalled = made.recaller.recall(who, question, now=now, timezone="Europe/London")
        cases.append(Case(f"{talk}, small", signs(recalled.question, recalled.hits), is_answerable))
    return cases


def _case(made: Ledger, talk: str, question: str, now: datetime, filters: Filters, is_answerable: bool) -> Case:
    recalled = made.recaller.recall(made.who, question, now=now, timezone="Europe/London", filters=filters)
    return Case(talk, signs(recalled.question, recalled.hits), is_answerable)


if __name__ == "__main__":
    main()
