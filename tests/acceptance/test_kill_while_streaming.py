"""kill -9 while an answer streams: nothing lost, nothing doubled, what was shown is kept.

More kills than the sample: `KILLS=50 SEED=7 pytest tests/acceptance/test_kill_while_streaming.py -s`.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server import Server, finished

KILLS = int(os.environ.get("KILLS", "3"))
SEED = int(os.environ.get("SEED", "20261122"))
WORDS = 60
EVERY_MS = 25


class Watcher:
    """What a page would have shown of each run: the text of the newest attempt, as the stream told it."""

    def __init__(self, server: Server) -> None:
        self.shown: dict[str, list[str]] = {}
        self._server = server
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        with (
            contextlib.suppress(httpx.HTTPError),
            self._server.client as client,
            client.stream("GET", "/api/events", params={"after": "0"}, timeout=None) as stream,
        ):
            kind = ""
            for line in stream.iter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self._take(kind, json.loads(line.removeprefix("data: ")))

    def _take(self, kind: str, told: dict[str, Any]) -> None:
        if kind == "run.delta":
            texts = self.shown.setdefault(told["run_id"], [""])
            assert told["offset"] == len(texts[-1]), "a piece is missing or came twice"
            texts[-1] += told["text"]
        elif kind == "run.reset":
            self.shown.setdefault(told["run_id"], [""]).append("")

    def join(self) -> None:
        self._thread.join(5)


@pytest.mark.slow
def test_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """Killed at random moments of streaming turns: each message and each finished answer is there exactly once, and
    every partial answer that was shown is kept as an interrupted version."""
    chance = random.Random(SEED)
    server = Server(tmp_path / "home", EVERWORD_SCRIPTED_DELAY_MS=str(EVERY_MS)).start().set_up()
    outcomes: Counter[str] = Counter()
    for number in range(KILLS):
        watcher = Watcher(server)
        time.sleep(0.1)
        said = {"text": f"Count to {WORDS}, number {number}", "client_id": f"client-{SEED}-{number}"}
        killer = threading.Timer(chance.uniform(0.0, WORDS * EVERY_MS / 1000 + 0.6), server.kill)
        with server.client as client:
            killer.start()
            acknowledged = None
            with contextlib.suppress(httpx.HTTPError):
                acknowledged = client.post("/api/messages", json=said).raise_for_status().json()
        killer.join()
        watcher.join()
        server.start()
        with server.client as client:
            again = client.post("/api/messages", json=said).raise_for_status().json()
            if acknowledged is not None:
                assert again["entry"]["id"] == acknowledged["entry"]["id"]
            run = finished(client, again["run"]["id"])
            _check(client, again, run, watcher.shown.get(run["id"], []), outcomes)
    server.stop()
    print(f"\n{KILLS} kills, seed {SEED}: {dict(outcomes)}")


def _check(
    client: httpx.Client, said: dict[str, Any], run: dict[str, Any], shown: list[str], outcomes: Counter[str]
) -> None:
    """One question, one finished answer, and every text that was shown among the versions."""
    assert run["state"] == "delivered", run
    opened = client.get(f"/api/conversations/{said['conversation']['id']}").raise_for_status().json()
    question, answer = opened["turns"]
    assert question["text"] == said["entry"]["text"]
    assert len(question["versions"]) == 1
    assert answer["text"] == " ".join(str(number) for number in range(1, WORDS + 1))
    states = Counter(version["state"] for version in answer["versions"])
    assert states["complete"] == 1
    kept = [client.get(f"/api/entries/{version['id']}").raise_for_status().json() for version in answer["versions"]]
    for text in shown:
        assert any(entry["text"].startswith(text) for entry in kept), f"shown and lost: {text[:80]!r}"
    interrupted = [entry for entry in kept if entry["state"] == "interrupted"]
    broken_off = bool(shown) and shown[-1] not in {"", answer["text"]}
    assert bool(interrupted) == broken_off or (interrupted and not shown), "a partial answer was replaced in silence"
    outcomes["interrupted version kept" if interrupted else "answered without one"] += 1
