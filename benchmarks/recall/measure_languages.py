"""Recall in other languages than English: `python -m benchmarks.recall.measure_languages [CODE...]`.

Each ledger in `benchmarks/recall/languages` by itself, asked as a whole by its owner; recall is the mean share of the
evidence among the first k. Beside it BM25 over the same words, and static vectors, in the same run.
"""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean

from benchmarks.recall.ledger import ledger, read
from benchmarks.recall.peers import Peers
from everword.memory.types import Entry
from everword.weights.transformers import TRANSFORMERS

_SETS = Path(__file__).parent / "languages"
_OWNERS = {"de": "Jonas", "es": "Elena", "ru": "Аня", "ar": "ليلى", "zh": "晓雯", "ja": "由美", "mixed": "Mila"}


def main() -> None:
    """Print a line for each language."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("codes", nargs="*", default=list(_OWNERS))
    arguments.add_argument(
        "--each", action="store_true", help="name the questions whose evidence is not in the first ten"
    )
    arguments.add_argument("--transformer", default="", choices=["", *TRANSFORMERS], help="embed by this, too")
    options = arguments.parse_args()
    print(f"{'':8}{'BM25 R@10':>12}{'vectors':>10}{'Everword R@5':>15}{'R@10':>8}{'relied on':>12}{'nothing':>9}")
    for code in options.codes:
        _measure(code, options.transformer, is_told=options.each)


def _measure(code: str, transformer: str, *, is_told: bool) -> None:
    path = _SETS / f"{code}.entries.jsonl"
    now = max(datetime.fromisoformat(line["said_at"]).replace(tzinfo=UTC) for line in read(path)) + timedelta(days=1)
    questions = read(_SETS / f"{code}.questions.jsonl")
    with ledger(path, owner=_OWNERS[code], transformer=transformer) as made:
        peers = Peers(made, path, is_whole=True)
        bm25, vectors, five, ten = [], [], [], []
        refused = used = 0
        for question in questions:
            evidence = question["evidence"]
            recalled = made.recaller.recall(made.who, question["question"], now=now, k=10)
            found = [hit.entry for hit in recalled.hits]
            used += recalled.is_supported
            refused += recalled.about_past and not recalled.is_supported
            bm25.append(_share(peers.bm25(question)[:10], evidence))
            vectors.append(_share(peers.meaning(question)[:10], evidence))
            five.append(_share(found[:5], evidence))
            ten.append(_share(found, evidence))
            if is_told and ten[-1] < 1:
                print(f"   {ten[-1]:.1f} {question['id']} {question['question']}")
    shares = [100 * mean(values) for values in (bm25, vectors, five, ten)]
    print(f"{code:8}{shares[0]:12.1f}{shares[1]:10.1f}{shares[2]:15.1f}{shares[3]:8.1f}{used:12}{refused:9}")


def _share(found: list[Entry], evidence: list[str]) -> float:
    return len({entry.external_id for entry in found} & set(evidence)) / len(evidence)


if __name__ == "__main__":
    main()
