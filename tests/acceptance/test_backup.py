"""Backups as people make them: by a command, while the server runs, and restored after something was forgotten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.test_forgetting import WORD, forget, found, say
from tests.server import Server


def command(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of ours, in a process of its own, on a home."""
    return subprocess.run(
        [sys.executable, "-m", "everword.cli.main", *arguments],
        env={**os.environ, "EVERWORD_HOME": str(home), "EVERWORD_MODEL": "scripted"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_a_restore_lacks_what_was_forgotten_since(owned_server: Server, tmp_path: Path) -> None:
    """Backed up while running, forgotten, restored elsewhere: what was forgotten is not there, all else is."""
    say(owned_server, f"The tower is called {WORD}")
    say(owned_server, "The plums are ripe")
    backup, key = tmp_path / "monday.everword", tmp_path / "key"
    made = command(owned_server.home, "backup", str(backup), "--key-file", str(key), "--keep-days", "30")
    assert made.returncode == 0, made.stderr
    forgotten = forget(owned_server, WORD, "--yes")
    assert forgotten.returncode == 0, forgotten.stderr
    assert "monday.everword" in forgotten.stdout
    refused = command(owned_server.home, "restore", str(backup), "--key-file", str(key))
    assert refused.returncode == 1
    restored = command(tmp_path / "elsewhere", "restore", str(backup), "--key-file", str(key))
    assert restored.returncode == 0, restored.stderr
    assert "left out" in restored.stdout
    other = Server(tmp_path / "elsewhere").start()
    try:
        assert found(other) == set()
        with other.client as client:
            hits = client.post("/api/memory/search", json={"query": "plums"}).raise_for_status().json()["hits"]
        assert any(hit["entry"]["text"] == "The plums are ripe" for hit in hits)
    finally:
        other.stop()
