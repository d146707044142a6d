"""`everword recall --batch` over what `everword import` brought, with a server running and with none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server import Server

ENVIRONMENT = {"EVERWORD_PORT": "0", "EVERWORD_MODEL": "scripted", "EVERWORD_OPEN_BROWSER": "0"}
SAID = [
    ("walk", "w1", "Nora", "We saw a heron on the canal this morning."),
    ("walk", "w2", "Timo", "I only saw ducks."),
    ("work", "j1", "Nora", "The heron drawing goes to the printer on Friday."),
    ("work", "j2", "Timo", "My new desk is made of ash."),
]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=["running", "stopped"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Run]:
    """Runs a command on a folder whose server runs, or does not, and that has imported what was said."""
    home = tmp_path / "home"
    home.mkdir()
    server = Server(home)
    if request.param == "running":
        server.start()

    def run(*arguments: str, input: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "everword.cli.main", *arguments]
        environment = {**os.environ, **ENVIRONMENT, "EVERWORD_HOME": str(home)}
        return subprocess.run(command, env=environment, input=input, capture_output=True, text=True, check=False)

    assert run("setup", "--password-stdin", input="a quiet sentence\n").returncode == 0
    entries = tmp_path / "entries.jsonl"
    lines = [
        {"conversation": talk, "id": name, "said_at": f"2024-05-0{at}T10:00:00", "speaker": speaker, "text": text}
        for at, (talk, name, speaker, text) in enumerate(SAID, 1)
    ]
    entries.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert run("import", str(entries)).returncode == 0
    yield run
    if request.param == "running":
        server.stop()


def test_a_batch_answers_each_line_with_the_ids_of_the_file(run: Run, tmp_path: Path) -> None:
    """Ranked entries under their imported ids, within the conversation named, at most k; bad lines say why."""
    questions = tmp_path / "questions.jsonl"
    asked = [
        json.dumps({"id": "q1", "question": "Who saw a heron?", "conversation": "walk"}),
        "no JSON",
        json.dumps({"id": "q2", "question": "What is the desk made of?", "k": 1, "evidence": ["j2"]}),
        json.dumps({"id": "q3"}),
        json.dumps({"id": "q4", "question": "Where?", "conversation": "elsewhere"}),
        json.dumps({"id": "q5", "question": "Where does the heron drawing go?", "conversation": "work"}),
    ]
    questions.write_text("\n".join(asked) + "\n\n", encoding="utf-8")
    done = run("recall", "--batch", str(questions), "--json")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1, "some lines were bad"
    assert [answer["id"] for answer in answers] == ["q1", None, "q2", "q3", "q4", "q5"]
    heron, no_json, desk, no_question, elsewhere, drawing = answers
    assert heron["entries"][0]["id"] == "w1"
    assert {entry["id"] for entry in heron["entries"]} <= {"w1", "w2"}
    assert [entry["id"] for entry in desk["entries"]] == ["j2"]
    assert drawing["entries"][0]["id"] == "j1"
    assert drawing["entries"][0]["reasons"]
    scores = [entry["score"] for entry in heron["entries"]]
    assert scores == sorted(scores, reverse=True)
    assert (no_json["line"], "not JSON" in no_json["error"]["message"]) == (2, True)
    assert (no_question["line"], "question" in no_question["error"]["message"]) == (4, True)
    assert elsewhere["error"]["code"] == "not_found"


def test_a_batch_of_good_lines_ends_well(run: Run) -> None:
    """Standard input will do, and the exit status says that every line was answered."""
    done = run("recall", "--batch", "-", "--json", input=json.dumps({"question": "Who saw ducks?"}) + "\n")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["entries"][0]["id"] == "w2"
