"""Recall on a set of questions with evidence, beside its peers in the same run.

    python -m benchmarks.recall.measure FOLDER... [--transformer minilm-l6-v2]

Each folder holds `entries.jsonl` and `questions.jsonl`. All are put into one ledger; a question is asked within its
conversation. Recall@k is the mean share of the evidence among the first k; within a token budget, an entry costs
ceil(characters / 4) of "[said_at] speaker: text" and they are taken in order until the budget is full.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from benchmarks.recall.ledger import Ledger, ledger, read
from benchmarks.recall.peers import Peers
from everword.core import clock
from everword.memory import budget
from everword.memory.index.filters import Filters
from everword.memory.types import Entry
from everword.weights.transformers import TRANSFORMERS

_DEPTH = 100
Ranker = Callable[[dict[str, Any]], list[Entry]]


def main() -> None:
    """Print a table a set."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folders", type=Path, nargs="+")
    arguments.add_argument("--no-peers", action="store_true")
    arguments.add_argument("--whole", action="store_true", help="ask the whole ledger, not one conversation")
    arguments.add_argument("--transformer", default="", choices=["", *TRANSFORMERS], help="embed by this, too")
    options = arguments.parse_args()
    with ledger(*(folder / "entries.jsonl" for folder in options.folders), transformer=options.transformer) as made:
        for folder in options.folders:
            _report(made, folder, with_peers=not options.no_peers, is_whole=options.whole)


def _report(made: Ledger, folder: Path, *, with_peers: bool, is_whole: bool) -> None:
    questions = [question for question in read(folder / "questions.jsonl") if question["evidence"]]
    took_ms: list[float] = []
    rankers: dict[str, Ranker] = {}
    if with_peers:
        peers = Peers(made, folder / "entries.jsonl")
        rankers |= {"BM25": peers.bm25, "static vectors": peers.meaning, "RRF of both": peers.fused}
    rankers["everword"] = lambda question: everword(made, question, took_ms, is_whole=is_whole)
    print(f"\n{folder.name}: {len(questions)} questions")
    print(f"{'':24}{'R@5':>7}{'R@10':>7}{'R@50':>7}{'1k tok':>8}{'4k tok':>8}")
    for name, ranker in rankers.items():
        by_category: dict[str, list[list[float]]] = defaultdict(list)
        for question in questions:
            by_category[question.get("category", "all")].append(_measures(ranker(question), question["evidence"]))
        _row(name, [row for rows in by_category.values() for row in rows])
        if name == "everword" and len(by_category) > 1:
            for category, rows in sorted(by_category.items()):
                _row(f"  {category} ({len(rows)})", rows)
    print(f"recall took p50 {quantiles(took_ms, n=100)[49]:.1f} ms, p95 {quantiles(took_ms, n=100)[94]:.1f} ms")


def everword(made: Ledger, question: dict[str, Any], took_ms: list[float], *, is_whole: bool = False) -> list[Entry]:
    """What recall finds, best first."""
    filters = Filters() if is_whole else Filters(conversation_id=made.conversations[question["conversation"]])
    started = clock.monotonic()
    found = made.recaller.recall(made.who, question["question"], k=_DEPTH, filters=filters)
    took_ms.append((clock.monotonic() - started) * 1000)
    return [hit.entry for hit in found.hits]


def _measures(found: list[Entry], evidence: list[str]) -> list[float]:
    ids = [entry.external_id for entry in found]
    at = [_share(ids[:k], evidence) for k in (5, 10, 50)]
    return [*at, *(_share([entry.external_id for entry in _within(found, size)], evidence) for size in (1000, 4000))]


def _within(found: list[Entry], size: int) -> Iterable[Entry]:
    for entry in found:
        size -= budget.tokens(entry.said_at, entry.speaker, entry.text)
        if size < 0:
            return
        yield entry


def _share(ids: list[str | None], evidence: list[str]) -> float:
    return len(set(ids) & set(evidence)) / len(set(evidence))


def _row(name: str, rows: list[list[float]]) -> None:
    print(f"{name:24}" + "".join(f"{100 * mean(column):7.1f}" for column in zip(*rows, strict=True)))


if __name__ == "__main__":
    main()
