"""`make bench`: every measurement that needs nothing beyond this tree; `python -m benchmarks NAME...` for some.

Each is a module with options of its own; its docstring says what is measured, against what, and how to repeat it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

QUESTIONS = str(Path(__file__).parent / "questions")
MEASUREMENTS = {
    "clone": ["benchmarks.house.clone"],
    "recall": ["benchmarks.recall.measure", QUESTIONS],
    "speed": ["benchmarks.recall.speed", "--words", f"{QUESTIONS}/entries.jsonl"],
    "quotes on screen": ["benchmarks.agents.quotes_on_screen"],
    "imports": ["benchmarks.intake.measure"],
    "first token during an import": ["benchmarks.intake.first_token"],
    "abstaining": ["benchmarks.recall.questions", QUESTIONS, "--owner", "Tessa", "--half", "held-out"],
}


def main() -> int:
    """Run what was named, or all; 1 if one of them failed."""
    names = sys.argv[1:] or list(MEASUREMENTS)
    unknown = set(names) - set(MEASUREMENTS)
    if unknown:
        print(
            f"no such measurement: {', '.join(sorted(unknown))}. There are: {', '.join(MEASUREMENTS)}", file=sys.stderr
        )
        return 2
    failed = []
    for name in names:
        print(f"\n== {name}: python -m {' '.join(MEASUREMENTS[name])}\n", flush=True)
        if subprocess.run([sys.executable, "-m", *MEASUREMENTS[name]], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
