"""How background work fails elsewhere, and does not here: real servers, killed, with a full disk, with a slow target.

Others of the field's failures are held nearer to their cause: approved twice, a tool that never returns and a target
that is away in tests/integration/agents/test_work.py; a provider that is down for an hour in
tests/integration/agents/test_bounds.py; the second in which a schedule fires, clocks that jump and nights on which they
change in tests/integration/runs/test_schedules.py; kill -9 anywhere in test_chaos.py.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from everword.connectors.null import LetterBox
from everword.core.ids import new_id
from tests.server import Server, finished

Json = dict[str, Any]


@pytest.fixture
def box() -> Iterator[LetterBox]:
    made = LetterBox()
    yield made
    made.close()


@pytest.fixture
def office(tmp_path: Path, box: LetterBox) -> Iterator[Server]:
    """A server that can send letters."""
    server = Server(tmp_path / "home", EVERWORD_NULL_CONNECTOR=box.start()).start().set_up()
    yield server
    server.stop()


def begin(client: httpx.Client, text: str) -> str:
    """Begin background work; its run."""
    begun = client.post("/api/work", json={"text": text, "client_id": new_id()}).raise_for_status().json()
    run_id: str = begun["run"]["id"]
    return run_id


def letter(way: str, text: str) -> str:
    """A request whose first step sends a letter in that way."""
    return "echo: " + json.dumps({"tool": f"send_{way}", "arguments": {"text": text}})


def card(client: httpx.Client, run_id: str) -> Json:
    """What the run waits with."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for each in client.get("/api/needs-you").raise_for_status().json()["cards"]:
            if each["run_id"] == run_id:
                found: Json = each
                return found
        time.sleep(0.05)
    raise AssertionError("it asks nothing")


def agree(client: httpx.Client, asked: Json) -> httpx.Response:
    return client.post(f"/api/approvals/{asked['id']}/answer", json={"yes": True, "hash": asked["hash"]})


@contextmanager
def full_disk(server: Server) -> Iterator[None]:
    """No byte can be written to any file of the server's, as on a disk without room."""
    soft, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (soft, hard))


def state(client: httpx.Client, run_id: str) -> str:
    told: str = client.get(f"/api/work/{run_id}").raise_for_status().json()["run"]["state"]
    return told


def test_an_approval_waits_across_restarts_and_counts_once(office: Server, box: LetterBox) -> None:
    """Killed while it waits for a yes, it waits on; the yes, said twice and to two processes, sends one letter."""
    with office.client as client:
        run_id = begin(client, letter("blind", "Hello"))
        asked = card(client, run_id)
    for end in (office.kill, office.stop):
        end()
        office.start()
        with office.client as client:
            assert card(client, run_id)["hash"] == asked["hash"]
            assert state(client, run_id) == "waiting"
    assert not box.arrived
    with office.client as client:
        assert agree(client, asked).is_success
        assert agree(client, asked).is_success
        assert finished(client, run_id)["state"] == "delivered"
    office.kill()
    office.start()
    with office.client as client:
        assert agree(client, asked).is_success
        assert state(client, run_id) == "delivered"
    assert dict(box.arrived) == {"Hello": 1}


@pytest.mark.parametrize("way", ["tracked", "blind"])
def test_a_disk_that_is_full_while_an_outcome_is_written(office: Server, box: LetterBox, way: str) -> None:
    """The letter has gone and nothing can record that: no false word meanwhile; with room again it is found out where
    the target can be asked, and unknown where it cannot; sent once."""
    box.delay_s = 1.5
    with office.client as client:
        run_id = begin(client, letter(way, "Hello"))
        agree(client, card(client, run_id)).raise_for_status()
        while not box.arrived:
            time.sleep(0.01)
        with full_disk(office):
            time.sleep(3)
            assert state(client, run_id) == "running"
        ended = finished(client, run_id)
    assert ended["state"] == ("delivered" if way == "tracked" else "unknown")
    assert dict(box.arrived) == {"Hello": 1}


def test_a_result_that_could_not_be_delivered(office: Server) -> None:
    """What the model said cannot be written: the run is not delivered before its last word is where it belongs."""
    with office.client as client:
        run_id = begin(client, "Count to 10 every 100 ms")
        while state(client, run_id) == "queued":
            time.sleep(0.02)
        with full_disk(office):
            time.sleep(3)
            assert state(client, run_id) == "running"
        assert finished(client, run_id)["state"] == "delivered"
        steps = client.get(f"/api/work/{run_id}").raise_for_status().json()["steps"]
    assert [step["text"] for step in steps if step["kind"] == "answer"] == ["1 2 3 4 5 6 7 8 9 10"]


def test_a_stop_ends_a_run_whose_target_does_not_answer(office: Server, box: LetterBox) -> None:
    """It is over at once, as unknown and not as done; then its target is asked, and it is cancelled knowing that."""
    box.delay_s = 30
    with office.client as client:
        run_id = begin(client, letter("tracked", "Hello"))
        agree(client, card(client, run_id)).raise_for_status()
        while not box.arrived:
            time.sleep(0.01)
        client.post(f"/api/runs/{run_id}/stop").raise_for_status()
        while (now := state(client, run_id)) == "running":
            time.sleep(0.02)
        assert now in {"unknown", "cancelled"}
        while state(client, run_id) == "unknown":
            time.sleep(0.05)
        told = client.get(f"/api/work/{run_id}").raise_for_status().json()
    assert told["run"]["state"] == "cancelled"
    assert [step["effect"]["state"] for step in told["steps"] if step["kind"] == "call"] == ["done"]
    assert "unknown" in [change["to_state"] for change in told["transitions"]]
    assert dict(box.arrived) == {"Hello": 1}
