"""Servers that share one database and write letters in the background, and the owner who says yes to them."""

from __future__ import annotations

import contextlib
import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import httpx

from everword.connectors.null import LetterBox
from everword.models.fake import ScriptedServer
from everword.models.script import Answer, Rule, Script, text_of
from tests.server import Server

T = TypeVar("T")
EFFECTS = ("keyed", "tracked", "blind", "tracked", "keyed")
_LONGEST_DEAD_S = 9.0
_PATIENCE_S = 15.0


def next_letter(messages: Sequence[Mapping[str, Any]], _match: re.Match[str]) -> Answer:
    """The model: sends the letters of its job one after the other, then says that it is done."""
    job = next(text for text in map(text_of, messages) if text.startswith("job "))
    sent = sum(message.get("role") == "tool" for message in messages)
    if sent == len(EFFECTS):
        return Answer(f"All {sent} letters of {job} were sent.")
    call = {"tool": f"send_{EFFECTS[sent]}", "arguments": {"text": f"{job}, letter {sent}"}}
    return Answer(json.dumps(call))


def impatient(server: Server) -> httpx.Client:
    """A client that soon gives up: a server may be stuck."""
    client = server.client
    client.timeout = httpx.Timeout(_PATIENCE_S)
    return client


class Processes:
    """The servers on one database. Whoever asks something asks any that answers, and again while none does."""

    def __init__(self, servers: list[Server], chance: random.Random) -> None:
        self.servers = servers
        self._chance = chance
        self._dead: list[tuple[float, Server]] = []

    def kill_one(self) -> None:
        """One dies, and stays dead for a while where there is another: long enough, at times, to be taken over."""
        living = [server for server in self.servers if all(server is not dead for _, dead in self._dead)]
        victim = self._chance.choice(living)
        back_s = self._chance.uniform(0, _LONGEST_DEAD_S) if len(living) > 1 else 0.0
        victim.kill()
        self._dead.append((time.monotonic() + back_s, victim))

    def bring_back(self, *, all_of_them: bool = False) -> None:
        """Start those whose time has come; and one where none lives."""
        for at, server in list(self._dead):
            if all_of_them or time.monotonic() >= at or len(self._dead) == len(self.servers):
                self._dead.remove((at, server))
                server.start()

    def ask(self, question: Callable[[httpx.Client], T]) -> T:
        """What one of them says."""
        while True:
            for server in list(self.servers):
                with contextlib.suppress(httpx.HTTPError, AssertionError), impatient(server) as client:
                    return question(client)
            time.sleep(0.05)


class Owner:
    """Says yes to every card; of what nobody can tell, says what the letter box knows. Goes on across restarts."""

    def __init__(self, processes: Processes, box: LetterBox) -> None:
        self._processes, self._box = processes, box
        self._over = threading.Event()
        self.settled: list[tuple[str, bool]] = []
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Answer no more."""
        self._over.set()
        self._thread.join()

    def _answer(self) -> None:
        while not self._over.wait(0.05):
            for server in list(self._processes.servers):  # each in turn: what waits in one is answered in another
                with contextlib.suppress(httpx.HTTPError, AssertionError), impatient(server) as client:
                    for card in client.get("/api/needs-you").raise_for_status().json()["cards"]:
                        self._say(client, card)

    def _say(self, client: httpx.Client, card: dict[str, Any]) -> None:
        if card["kind"] == "approval":
            client.post(f"/api/approvals/{card['id']}/answer", json={"yes": True, "hash": card["hash"]})
        elif card["kind"] == "unknown":
            text = card["arguments"][0]["value"]
            self._settle(f"/api/effects/{card['id']}/settle", text, happened=bool(self._box.arrived[text]))

    def _settle(self, path: str, text: str, *, happened: bool) -> None:
        """Said until it is answered: who dies with the answer under way may have taken it, and then says so (409)."""
        codes: list[int] = []

        def post(client: httpx.Client) -> int:
            codes.append(0)
            codes[-1] = client.post(path, json={"happened": happened}).status_code
            return codes[-1]

        code = self._processes.ask(post)
        if code == HTTPStatus.OK or (code == HTTPStatus.CONFLICT and 0 in codes):
            self.settled.append((text, happened))


def begin(processes: Processes, job: str, client_id: str) -> str:
    """Begin a job; again, with the same id, where the process died meanwhile."""

    def post(client: httpx.Client) -> str:
        answer = client.post("/api/work", json={"text": job, "client_id": client_id}).raise_for_status()
        run_id: str = answer.json()["run"]["id"]
        return run_id

    return processes.ask(post)


def undelivered(processes: Processes, runs: Mapping[str, str]) -> set[str]:
    """Which of these jobs have not been delivered yet."""

    def get(client: httpx.Client) -> set[str]:
        told = {job: client.get(f"/api/work/{run_id}").raise_for_status().json() for job, run_id in runs.items()}
        return {job for job, each in told.items() if each["run"]["state"] != "delivered"}

    return processes.ask(get)


@contextlib.contextmanager
def opened(
    folder: Path, url: str | None, count: int, chance: random.Random, delay_s: float = 0.02
) -> Iterator[tuple[Processes, LetterBox, Owner]]:
    """Servers on one database, set up and running, with a letter box outside and an owner who answers."""
    box = LetterBox(delay_s=delay_s)
    model = ScriptedServer(Script([Rule(re.compile("."), next_letter)]))
    model.start()
    environment = {"EVERWORD_MODEL": f"scripted@{model.base_url}", "EVERWORD_NULL_CONNECTOR": box.start()}
    if url is not None:
        environment["EVERWORD_DATABASE_URL"] = url
    servers = [Server(folder / f"home-{number}", **environment) for number in range(count)]
    servers[0].start().set_up()
    with servers[0].client as client:  # hundreds of kills make more calls than a day allows
        client.patch("/api/settings", json={"day_calls": None, "day_tokens": None}).raise_for_status()
    for server in servers[1:]:
        server.start()
    processes = Processes(list(servers), chance)
    owner = Owner(processes, box)
    try:
        yield processes, box, owner
    finally:
        owner.leave()
        for server in servers:
            server.stop()
        box.close()
        model.close()


def letters_of(jobs: Mapping[str, str]) -> set[str]:
    """What arrives once all is done."""
    return {f"{job}, letter {number}" for job in jobs for number in range(len(EFFECTS))}


def await_delivery(processes: Processes, runs: Mapping[str, str], patience_s: float = 300.0) -> set[str]:
    """Wait until these jobs are delivered; those that are not in time."""
    deadline = time.monotonic() + patience_s
    unfinished = set(runs)
    while unfinished and time.monotonic() < deadline:
        unfinished = undelivered(processes, {job: runs[job] for job in unfinished})
        time.sleep(0.1)
    return unfinished
