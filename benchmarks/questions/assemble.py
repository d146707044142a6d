#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds entries.jsonl from sources/*.txt.

A source file holds one conversation: a line "@ DATE TIME" opens a session,
"T: text" is the owner, any other letter the person named in the heading.
Nothing here writes text; it only numbers the lines and spaces them in time.
"""
import datetime
import json
import pathlib
import random
import re

HERE = pathlib.Path(__file__).parent
OWNER = "Tessa"


def main():
    rows = []
    for path in sorted((HERE / "sources").glob("*.txt")):
        spaces = random.Random(path.stem)
        session = number = 0
        clock = conversation = other = None
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip():
                continue
            if line.startswith("# "):
                conversation, other = re.match(
                    r"# conversation: (\S+) \| other: (.+)", line).groups()
            elif line.startswith("@ "):
                session += 1
                start = datetime.datetime.strptime(line[2:], "%Y-%m-%d %H:%M")
                assert clock is None or start > clock, (path.name, line)
                clock = start
            else:
                who, text = re.match(r"([A-Z]): (.+)", line).groups()
                number += 1
                rows.append({
                    "conversation": conversation,
                    "id": f"{conversation}:{number}",
                    "session": session,
                    "said_at": clock.isoformat(),
                    "speaker": OWNER if who == "T" else other,
                    "text": text,
                })
                clock += datetime.timedelta(seconds=spaces.randint(20, 170))
    with open(HERE / "entries.jsonl", "w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(len(rows), "entries")


if __name__ == "__main__":
    main()
