"""Two real servers on one PostgreSQL: they share the work, see each other's, and can be restarted in turn."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from everword.connectors.null import LetterBox
from everword.core.ids import new_id
from tests.acceptance.letters import Owner, Processes, await_delivery, begin, letters_of, opened
from tests.postgres import PostgresServer

pytestmark = pytest.mark.slow
Pair = tuple[Processes, LetterBox, Owner]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[Pair]:
    """Two servers, a letter box and an owner."""
    folder = tmp_path_factory.mktemp("pair")
    with opened(folder, postgres_server.fresh_database(), 2, random.Random(0), delay_s=0.05) as opened_pair:
        yield opened_pair


def test_a_rolling_restart_under_load_loses_nothing(pair: Pair) -> None:
    """Restarted in turn while jobs run, two servers deliver all of them, each letter once, and none is unknown."""
    processes, box, owner = pair
    runs: dict[str, str] = {}
    for _round in range(2):
        for server in processes.servers:
            for _ in range(6):
                job = f"job {new_id()[-6:]} rolling"
                runs[job] = begin(processes, job, new_id())
            time.sleep(1.0)
            server.stop()
            server.start()
    assert not await_delivery(processes, runs)
    assert {text: box.arrived[text] for text in letters_of(runs)} == dict.fromkeys(letters_of(runs), 1)
    assert owner.settled == []


def test_one_that_was_only_stuck_does_nothing_twice(pair: Pair) -> None:
    """A server is stopped in its tracks until the other has taken over, then goes on: each letter arrives once."""
    processes, box, owner = pair
    runs = {job: begin(processes, job, new_id()) for job in (f"job {new_id()[-6:]} stuck" for _ in range(6))}
    time.sleep(0.5)
    stuck = processes.servers.pop(0)  # nobody asks it meanwhile
    os.kill(stuck.pid, signal.SIGSTOP)
    try:
        assert not await_delivery(processes, runs)
    finally:
        os.kill(stuck.pid, signal.SIGCONT)
        processes.servers.append(stuck)
    later = {job: begin(processes, job, new_id()) for job in (f"job {new_id()[-6:]} later" for _ in range(6))}
    assert not await_delivery(processes, later)
    failed = {text for text, happened in owner.settled if not happened}
    wanted = letters_of(runs | later) - failed
    assert {text: box.arrived[text] for text in wanted} == dict.fromkeys(wanted, 1)
    assert all("letter 2" in text for text, _ in owner.settled)


def test_what_happens_in_one_is_told_by_the_other(pair: Pair) -> None:
    """A run that is begun in one server is told by the other's event stream, and its words are found there."""
    processes, _, _ = pair
    one, other = processes.servers
    with other.client as client, client.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event:")) == "event: hello"
        with one.client as first:
            begun = first.post("/api/work", json={"text": "job heron at the lock", "client_id": new_id()}).json()
        run_id = begun["run"]["id"]
        assert next(line for line in lines if line.startswith("data:") and run_id in line)
    with other.client as client:
        deadline = time.monotonic() + 20
        found: list[Any] = []
        while not found and time.monotonic() < deadline:
            found = client.post("/api/memory/search", json={"query": "heron lock"}).raise_for_status().json()["hits"]
    assert found
