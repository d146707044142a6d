"""The labelled sets for facts and for recall in other languages are well formed."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.facts import check_items

LANGUAGES = Path(__file__).parents[3] / "benchmarks" / "recall" / "languages"


def lines(name: str) -> list[dict[str, Any]]:
    """One file of the languages' folder."""
    return [json.loads(line) for line in (LANGUAGES / name).read_text(encoding="utf-8").splitlines()]


def test_facts_items_are_well_formed(capsys: pytest.CaptureFixture[str]) -> None:
    """Ids, times, labels and key words of both halves hold together, and no owner is in both."""
    assert check_items.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize("code", ["de", "es", "ru", "ar", "zh", "ja", "mixed"])
def test_languages_name_evidence_that_is_there(code: str) -> None:
    """Each ledger has unique ids in order of time, and twenty questions whose evidence is among them."""
    entries, questions = lines(f"{code}.entries.jsonl"), lines(f"{code}.questions.jsonl")
    ids = [entry["id"] for entry in entries]
    assert len(set(ids)) == len(ids) >= 140
    assert [entry["said_at"] for entry in entries] == sorted(entry["said_at"] for entry in entries)
    assert len({question["question"] for question in questions}) == len(questions) == 20
    assert all(question["evidence"] and set(question["evidence"]) <= set(ids) for question in questions)
