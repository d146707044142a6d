"""`everword work` against a running server: begun, waiting, answered, delivered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import Server


@pytest.fixture
def working(tmp_path: Path) -> Iterator[Server]:
    """A server whose owner chose a folder."""
    (tmp_path / "chosen").mkdir()
    server = Server(tmp_path / "home").start().set_up()
    with server.client as client:
        client.patch("/api/settings", json={"folders": str(tmp_path / "chosen")}).raise_for_status()
    yield server
    server.stop()


def test_work_is_begun_answered_and_delivered(working: Server, tmp_path: Path) -> None:
    """What would change a file waits with its exact words; after a yes it is written once, and the run says so."""

    def everword(*arguments: str) -> str:
        environment = {**os.environ, "EVERWORD_HOME": str(working.home)}
        done = subprocess.run(
            [sys.executable, "-m", "everword.cli.main", "work", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    call = json.dumps({"tool": "write_file", "arguments": {"path": "list.txt", "text": "milk"}})
    run = json.loads(everword("do", f"echo: {call}", "--json"))
    deadline = time.monotonic() + 30
    while not (cards := json.loads(everword("waiting", "--json"))) and time.monotonic() < deadline:
        pass
    assert [(card["tool"], card["arguments"][1]["value"]) for card in cards] == [("write_file", "milk")]
    assert not (tmp_path / "chosen" / "list.txt").exists()
    everword("yes", cards[0]["id"])
    while "delivered" not in (shown := everword("show", run["id"])) and time.monotonic() < deadline:
        pass
    assert "[done: done]" in shown
    assert "at most 200,000 tokens, 50 calls, $2.00, 240 minutes" in shown
    assert (tmp_path / "chosen" / "list.txt").read_text() == "milk"
    assert "delivered" in everword()
