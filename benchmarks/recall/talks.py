"""The project's own talks for fitting: a plain form that is easy to write, read into entries and questions.

`# title` begins a talk, `@ time` a sitting; `Name [mark,mark]: words` is said then, a minute after the last. The
words of an assistant may be `~`: an answer is made up then (see `answers`). The
questions stand in `NAME.questions.txt`: `mark,mark | question`, where the marks name what is its evidence; those that
nothing answers in `NAME.unanswerable.txt`.
"""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.recall.answers import answer

_SAID = re.compile(r"^(?P<speaker>[^\[\]:]+?)(?: \[(?P<marks>[\w,]+)\])?: (?P<text>.+)$")


def read_talk(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The entries and the questions of a talk, in the form of the sets that recall is measured on."""
    entries: list[dict[str, Any]] = []
    marked: dict[str, list[str]] = {}
    at = datetime.min
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("@ "):
            at = datetime.fromisoformat(line[2:])
        elif said := _SAID.match(line):
            entry_id = f"{path.stem}:{len(entries) + 1}"
            for mark in (said["marks"] or "").split(","):
                marked.setdefault(mark, []).append(entry_id)
            text = said["text"].replace("\\n", "\n")
            if text == "~":
                text = answer(entries[-1]["text"], entries[-3]["text"] if len(entries) > 2 else "")
            entries.append(
                {
                    "conversation": path.stem,
                    "id": entry_id,
                    "said_at": at.isoformat(),
                    "speaker": said["speaker"],
                    "text": text,
                }
            )
            at += timedelta(minutes=1)
    questions = []
    for line in path.with_suffix(".questions.txt").read_text(encoding="utf-8").splitlines():
        marks, question = line.split(" | ", 1)
        evidence = [entry_id for mark in marks.split(",") for entry_id in marked[mark]]
        questions.append({"conversation": path.stem, "question": question, "evidence": evidence})
    return entries, questions


def read_unanswerable(path: Path) -> list[str]:
    """The questions that nothing in a talk answers."""
    return path.with_suffix(".unanswerable.txt").read_text(encoding="utf-8").splitlines()


def write_entries(entries: list[dict[str, Any]], path: Path) -> Path:
    """Entries as JSON Lines, in `path`."""
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    return path
