"""Forgetting as people do it: by a command, with and without a running server, and killed in the middle."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from typing import Any

import pytest

from everword.storage.database import Database
from tests.integration.memory.forgetting.finding import places
from tests.server import Server, finished

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KILLS", "4"))
SEED = int(os.environ.get("SEED", "20261123"))
WORD = "Marzipanturm77"


def say(server: Server, text: str) -> str:
    """Say something and wait for its answer; the conversation's id."""
    with server.client as client:
        told = {"text": text, "client_id": f"test-{random.getrandbits(60)}"}
        said = client.post("/api/messages", json=told).raise_for_status().json()
        finished(client, said["run"]["id"])
    return str(said["conversation"]["id"])


def found(server: Server, word: str = WORD) -> set[str]:
    """Where the word stands in what a server keeps."""
    database = Database(f"sqlite:///{server.home / 'everword.db'}")
    try:
        return places(server.home, database, word)
    finally:
        database.close()


def forget(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "everword.cli.main", "forget", *arguments],
        env={**os.environ, "EVERWORD_HOME": str(server.home), "EVERWORD_MODEL": "scripted"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("is_running", [True, False], ids=["running", "stopped"])
def test_the_command_shows_asks_and_forgets(owned_server: Server, *, is_running: bool) -> None:
    """Without --yes nothing goes; with it the words go from every file, and a receipt comes."""
    say(owned_server, f"The tower is called {WORD}")
    say(owned_server, "The plums are ripe")
    if not is_running:
        owned_server.stop()
    assert found(owned_server)
    asked = forget(owned_server, WORD)
    assert asked.returncode == 1
    assert WORD in asked.stderr
    assert "for good" in asked.stderr
    done = forget(owned_server, WORD, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    receipt: dict[str, Any] = json.loads(done.stdout)
    assert receipt["counts"]["entries"] >= 1
    assert found(owned_server) == set()
    assert found(owned_server, "plums")
    nothing = forget(owned_server, WORD, "--yes")
    assert nothing.returncode == 1
    assert "nothing was forgotten" in nothing.stderr.lower()


def test_killed_in_the_middle_it_goes_on(owned_server: Server) -> None:
    """kill -9 at any moment of a forgetting: after the next start no file has the words, and the receipt is there."""
    chance = random.Random(SEED)
    server = owned_server
    for number in range(KILLS):
        word = f"{WORD}{number}"
        say(server, f"Tower number {number} is called {word}, remember that")
        with server.client as client:
            selection = {"words": word}
            preview = client.post("/api/memory/forget/preview", json=selection).raise_for_status().json()
            begun = client.post("/api/memory/forget", json={"selection": selection, "up_to": preview["up_to"]})
            receipt_id = begun.raise_for_status().json()["id"]
            time.sleep(chance.uniform(0, 0.6))
        server.kill()
        server.start()
        receipt = ended(server, receipt_id)
        assert receipt["state"] == "delivered", receipt
        assert found(server, word) == set()


def ended(server: Server, receipt_id: str) -> dict[str, Any]:
    """The receipt, once it is there."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with server.client as client:
            told: dict[str, Any] = client.get(f"/api/memory/forget/{receipt_id}").raise_for_status().json()
        if told["state"] != "running":
            return told
        time.sleep(0.1)
    raise AssertionError(f"still {told['stage']}")
