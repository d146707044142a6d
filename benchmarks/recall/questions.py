"""The rule for saying "I have nothing on that", on questions written by someone who has not seen it.

    python -m benchmarks.recall.questions FOLDER --owner NAME [--half tune|held-out]

`FOLDER` holds `entries.jsonl` and `questions.jsonl` (kind: answerable, unanswerable or general; half). A question about
the owner's past that nothing supports is answered "nothing found", one that something supports "from memory", and any
other without memory.
"""

import argparse
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.recall.ledger import ledger, read
from everword.memory.recall import Recalled
from everword.weights.transformers import TRANSFORMERS

_KINDS = ("answerable", "unanswerable", "general")
_VERDICTS = ("from memory", "nothing found", "not from memory")


def verdict(recalled: Recalled) -> str:
    """What a person would be told the answer rests on."""
    if recalled.about_past:
        return "from memory" if recalled.is_supported else "nothing found"
    return "from memory" if recalled.is_supported else "not from memory"


def main() -> None:
    """Print the confusion matrix, the recall of the evidence, and with --each every question."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--owner", required=True)
    arguments.add_argument("--half", choices=["tune", "held-out"], default="tune")
    arguments.add_argument("--each", action="store_true")
    arguments.add_argument("--transformer", default="", choices=["", *TRANSFORMERS], help="embed by this, too")
    options = arguments.parse_args()
    entries = options.folder / "entries.jsonl"
    last = max(datetime.fromisoformat(line["said_at"]).replace(tzinfo=UTC) for line in read(entries))
    questions = [line for line in read(options.folder / "questions.jsonl") if line["half"] == options.half]
    matrix: Counter[tuple[str, str]] = Counter()
    about: Counter[tuple[str, bool]] = Counter()
    shares: list[float] = []
    with ledger(entries, owner=options.owner, transformer=options.transformer) as made:
        for question in questions:
            now = last + timedelta(days=1)
            recalled = made.recaller.recall(made.who, question["question"], now=now, timezone="Europe/London")
            said = verdict(recalled)
            matrix[question["kind"], said] += 1
            about[question["kind"], recalled.about_past] += 1
            found = [hit.entry.external_id for hit in recalled.hits]
            if question["evidence"]:
                shares.append(len(set(found) & set(question["evidence"])) / len(question["evidence"]))
            if options.each:
                share = f"{shares[-1]:.1f}" if question["evidence"] else "   "
                print(f"{question['kind'][:7]:8}{said:16}{recalled.confidence:5.2f} {share} {question['question']}")
    print(
        f"\n{options.half}: {len(questions)} questions; recall@10 of the evidence {100 * sum(shares) / len(shares):.1f}"
    )
    print(f"{'':14}" + "".join(f"{name:>18}" for name in _VERDICTS) + f"{'about the past':>18}")
    for kind in _KINDS:
        row = "".join(f"{matrix[kind, name]:18}" for name in _VERDICTS)
        print(f"{kind:14}{row}{about[kind, True]:18}")


if __name__ == "__main__":
    main()
