"""The evaluation set over an invented ledger holds what its README promises."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks" / "questions"


def read(name: str) -> list[dict[str, Any]]:
    """The rows of a JSON Lines file of the set."""
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def test_every_entry_is_one_and_in_order() -> None:
    """Entry ids are unique, and within a conversation each is later than the one before."""
    entries = read("entries.jsonl")
    assert len({entry["id"] for entry in entries}) == len(entries)
    last: dict[str, str] = {}
    for entry in entries:
        assert set(entry) == {"conversation", "id", "session", "said_at", "speaker", "text"}
        assert entry["said_at"] > last.get(entry["conversation"], ""), entry["id"]
        last[entry["conversation"]] = entry["said_at"]


def test_every_question_names_evidence_that_is_there() -> None:
    """Questions are unique; answerable ones, and only those, name one to three entries that exist."""
    ids = {entry["id"] for entry in read("entries.jsonl")}
    questions = read("questions.jsonl")
    assert len({question["question"].lower() for question in questions}) == len(questions)
    for question in questions:
        assert set(question) == {"id", "kind", "question", "evidence", "answer", "half"}
        assert set(question["evidence"]) <= ids, question["id"]
        assert (1 <= len(question["evidence"]) <= 3) == (question["kind"] == "answerable"), question["id"]


def test_kinds_and_halves_are_even() -> None:
    """Each kind of question has twenty in the half that may be tuned on and twenty in the other."""
    counts = Counter((question["kind"], question["half"]) for question in read("questions.jsonl"))
    assert len(counts) == 6
    assert set(counts.values()) == {20}
