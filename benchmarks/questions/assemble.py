"""Builds entries.jsonl from sources/*.txt: `python -m benchmarks.questions.assemble`.

A source file holds one conversation: a line "@ DATE TIME" opens a session, "T: text" is the owner, any other letter the
person named in the heading. Nothing here writes text; it only numbers the lines and spaces them in time.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
OWNER = "Tessa"
HEADING = re.compile(r"# conversation: (\S+) \| other: (.+)")
LINE = re.compile(r"([A-Z]): (.+)")


def main() -> None:
    """Write entries.jsonl anew."""
    rows = [row for path in sorted((HERE / "sources").glob("*.txt")) for row in conversation(path)]
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (HERE / "entries.jsonl").write_text("".join(lines), encoding="utf-8")
    print(len(rows), "entries")


def conversation(path: Path) -> Iterator[dict[str, str | int]]:
    """The entries of one source file, in order. Raises ValueError where sessions are not in order of time."""
    spaces = random.Random(path.stem)
    heading, *lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    name, other = _matched(HEADING, heading)
    session = number = 0
    said_at = datetime.min
    for line in lines:
        if line.startswith("@ "):
            session += 1
            start = datetime.strptime(line[2:], "%Y-%m-%d %H:%M")
            if start <= said_at:
                raise ValueError(f"{path.name}: {line} is before the session it follows")
            said_at = start
            continue
        letter, text = _matched(LINE, line)
        number += 1
        yield {
            "conversation": name,
            "id": f"{name}:{number}",
            "session": session,
            "said_at": said_at.isoformat(),
            "speaker": OWNER if letter == "T" else other,
            "text": text,
        }
        said_at += timedelta(seconds=spaces.randint(20, 170))


def _matched(pattern: re.Pattern[str], line: str) -> tuple[str, str]:
    found = pattern.match(line)
    if found is None:
        raise ValueError(f"not understood: {line}")
    return found[1], found[2]


if __name__ == "__main__":
    main()
