"""kill -9 in the middle of background work: every effect once, nothing lost, no false "delivered".

More kills than the sample, and again the same: `make chaos KILLS=500 SEED=7`.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from everword.connectors.null import LetterBox
from everword.core.ids import new_id
from everword.models.fake import ScriptedServer
from everword.models.script import Answer, Rule, Script, text_of
from tests.server import Server

KILLS = int(os.environ.get("KILLS", "4"))
SEED = int(os.environ.get("SEED", "20261123"))
EFFECTS = ("keyed", "tracked", "blind", "tracked", "keyed")
AT_ONCE = 4
_PATIENCE_S = 120.0


def next_letter(messages: Sequence[Mapping[str, Any]], _match: re.Match[str]) -> Answer:
    """The model: sends the letters of its job one after the other, then says that it is done."""
    job = next(text for text in map(text_of, messages) if text.startswith("job "))
    sent = sum(message.get("role") == "tool" for message in messages)
    if sent == len(EFFECTS):
        return Answer(f"All {sent} letters of {job} were sent.")
    call = {"tool": f"send_{EFFECTS[sent]}", "arguments": {"text": f"{job}, letter {sent}"}}
    return Answer(json.dumps(call))


class Owner:
    """Says yes to every card; of what nobody can tell, says what the letter box knows. Goes on across restarts."""

    def __init__(self, server: Server, box: LetterBox) -> None:
        self._server, self._box = server, box
        self._over = threading.Event()
        self.settled: list[tuple[str, bool]] = []
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Answer no more."""
        self._over.set()
        self._thread.join()

    def _answer(self) -> None:
        while not self._over.wait(0.02):
            with contextlib.suppress(httpx.HTTPError, AssertionError), self._server.client as client:
                for card in client.get("/api/needs-you").raise_for_status().json()["cards"]:
                    self._say(client, card)

    def _say(self, client: httpx.Client, card: dict[str, Any]) -> None:
        if card["kind"] == "approval":
            client.post(f"/api/approvals/{card['id']}/answer", json={"yes": True, "hash": card["hash"]})
        elif card["kind"] == "unknown":
            text = card["arguments"][0]["value"]
            happened = bool(self._box.arrived[text])
            if client.post(f"/api/effects/{card['id']}/settle", json={"happened": happened}).is_success:
                self.settled.append((text, happened))


def begin(server: Server, job: str, client_id: str) -> str:
    """Begin a job; again, with the same id, where the server died meanwhile."""
    while True:
        with contextlib.suppress(httpx.HTTPError, AssertionError), server.client as client:
            answer = client.post("/api/work", json={"text": job, "client_id": client_id}).raise_for_status()
            run_id: str = answer.json()["run"]["id"]
            return run_id
        time.sleep(0.02)


def states(server: Server, runs: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """What each job's run is now."""
    with server.client as client:
        return {job: client.get(f"/api/work/{run_id}").raise_for_status().json() for job, run_id in runs.items()}


def test_effects_happen_once_whatever_dies(tmp_path: Path) -> None:
    """The server dies at random moments while jobs of five letters run; afterwards each letter arrived once."""
    chance = random.Random(SEED)
    box = LetterBox(delay_s=0.02)
    model = ScriptedServer(Script([Rule(re.compile("."), next_letter)]))
    server = Server(
        tmp_path / "home",
        EVERWORD_MODEL=f"scripted@{model.start() and model.base_url}",
        EVERWORD_NULL_CONNECTOR=box.start(),
    )
    server.start().set_up()
    owner = Owner(server, box)
    runs: dict[str, str] = {}
    unfinished: set[str] = set()
    kills = 0
    while kills < KILLS:
        while len(unfinished) < AT_ONCE:
            job = f"job {len(runs)}"
            runs[job] = begin(server, job, new_id())
            unfinished.add(job)
        time.sleep(chance.uniform(0.1, 4.0))
        server.kill()
        kills += 1
        server.start()
        open_ones = states(server, {job: runs[job] for job in unfinished})
        unfinished = {job for job, told in open_ones.items() if told["run"]["state"] != "delivered"}
    deadline = time.monotonic() + _PATIENCE_S
    while unfinished and time.monotonic() < deadline:
        open_ones = states(server, {job: runs[job] for job in unfinished})
        unfinished = {job for job, told in open_ones.items() if told["run"]["state"] != "delivered"}
        time.sleep(0.1)
    owner.leave()
    told = states(server, runs)
    server.stop()
    box.close()
    model.close()
    wanted = {f"{job}, letter {number}" for job in runs for number in range(len(EFFECTS))}
    failed = {text for text, happened in owner.settled if not happened}
    report = {
        "kills": kills,
        "runs": len(runs),
        "effects": len(wanted),
        "not delivered": sorted(unfinished),
        "lost": sorted(text for text in wanted - failed if not box.arrived[text]),
        "doubled": sorted(text for text, times in box.arrived.items() if times > 1),
        "false": sorted(text for text, times in box.arrived.items() if times and text in failed),
        "unknown": len(owner.settled),
    }
    print(json.dumps(report))
    assert not report["not delivered"], told
    assert not report["lost"]
    assert not report["doubled"]
    assert not report["false"]
    assert all("letter 2" in text for text, _ in owner.settled), "only what cannot be asked may be unknown"
    assert len(owner.settled) <= kills * AT_ONCE
