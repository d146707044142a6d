"""Times that questions name, in seven languages: `python -m benchmarks.recall.measure_times --half held-out`.

On questions written by someone who has not seen the rule (`benchmarks/recall/times`). Right: exactly the days meant, or
none where none is named.
"""

import argparse
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.recall.ledger import read
from everword.memory.dates import time_spans
from everword.memory.languages.detect import Language, language_of

_QUESTIONS = Path(__file__).parent / "times" / "questions.jsonl"


def main() -> None:
    """Print a line for each language."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--half", choices=["tune", "held-out"], default="tune")
    arguments.add_argument("--each", action="store_true", help="name what is not right")
    options = arguments.parse_args()
    asked: Counter[tuple[str, bool]] = Counter()
    right: Counter[tuple[str, bool]] = Counter()
    for question in read(_QUESTIONS):
        if question["half"] != options.half:
            continue
        now = datetime.fromisoformat(question["now"]).replace(hour=12, tzinfo=UTC)
        text = question["text"]
        found = [
            (f"{span.start:%Y-%m-%d}", f"{span.end:%Y-%m-%d}")
            for span in time_spans(text, now, "UTC", language_of(text))
        ]
        names_one = question["start"] is not None
        wanted = [(question["start"], question["end"])] if names_one else []
        asked[question["language"], names_one] += 1
        right[question["language"], names_one] += found == wanted
        if options.each and found != wanted:
            print(f"   {text} {wanted} {found}")
    print(f"{options.half:10}{'times right':>14}{'none where none':>18}")
    codes = [language.value for language in Language]
    for name, those in [*((code, [code]) for code in codes), ("all", codes)]:
        times, nones = (
            f"{sum(right[code, is_time] for code in those)} of {sum(asked[code, is_time] for code in those)}"
            for is_time in (True, False)
        )
        print(f"{name:10}{times:>14}{nones:>18}")


if __name__ == "__main__":
    main()
