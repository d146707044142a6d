"""Triggers over the API, from the terminal and by a webhook: the running server begins what is set off, once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from everword.cli.main import app
from tests.server import Server, finished


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("triggers") / "home").start().set_up()
    yield server
    server.stop()


def deliver(server: Server, hook: dict[str, Any], body: bytes, key: str) -> httpx.Response:
    """What somebody outside sends: no session, no key, a signature."""
    stamp = str(int(time.time()))
    secret = base64.b64decode(hook["secret"].removeprefix("whsec_"))
    mac = hmac.new(secret, f"{key}.{stamp}.".encode() + body, hashlib.sha256).digest()
    headers = {
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }
    return httpx.post(server.base_url + hook["path"], content=body, headers=headers, trust_env=False, timeout=30)


def begun_by(client: httpx.Client, trigger: dict[str, Any], count: int = 1) -> list[dict[str, Any]]:
    """The runs that a trigger has begun, once there are so many."""
    deadline = time.monotonic() + 40
    found: list[dict[str, Any]] = []
    while len(found) < count and time.monotonic() < deadline:
        time.sleep(0.1)
        found = [run for run in client.get("/api/work").json()["runs"] if run["trigger_id"] == trigger["id"]]
    return found


def test_a_new_entry_and_a_webhook_begin_runs(server: Server) -> None:
    """What came is a step of the run, labelled as whose words it is; a webhook's secret is told once."""
    with server.client as client:
        wanted = {"kind": "entry", "text": "Say hello", "words": "parcel", "speaker": "me", "client_id": "a-trigger-1"}
        trigger = client.post("/api/triggers", json=wanted).raise_for_status().json()
        assert (trigger["secret"], trigger["path"], trigger["state"]) == (None, None, "active")
        client.post("/api/notes", json={"text": "The parcel has come", "client_id": "a-note-1"}).raise_for_status()
        (run,) = begun_by(client, trigger)
        assert finished(client, run["id"])["state"] == "delivered"
        steps = client.get(f"/api/work/{run['id']}").json()["steps"]
        assert [step["kind"] for step in steps[:2]] == ["asked", "came"]
        assert (steps[1]["text"], steps[1]["label"]) == ("The parcel has come", "owner")
        client.delete(f"/api/triggers/{trigger['id']}").raise_for_status()
        wanted = {"kind": "webhook", "text": "Say what came", "client_id": "a-trigger-2"}
        hook = client.post("/api/triggers", json=wanted).raise_for_status().json()
        assert "secret" not in client.get("/api/triggers").json()["triggers"][0]
        assert deliver(server, hook, b"Somebody rang", "one").status_code == 202
        assert deliver(server, hook, b"Somebody rang", "one").status_code == 409
        (run,) = begun_by(client, hook)
        assert client.get(f"/api/work/{run['id']}").json()["steps"][1]["label"] == "stranger"
        assert deliver(server, hook, b"x" * 300_000, "two").status_code == 413
        old = dict(hook)
        hook["secret"] = client.post(f"/api/triggers/{hook['id']}/secret").raise_for_status().json()["secret"]
        assert deliver(server, old, b"Somebody knocked", "three").status_code == 401
        client.delete(f"/api/triggers/{hook['id']}").raise_for_status()
        assert deliver(server, hook, b"Somebody knocked", "three").status_code == 401
        assert httpx.get(server.base_url + hook["path"], trust_env=False).status_code == 401


@pytest.mark.slow
def test_a_kill_between_entry_and_run_loses_and_doubles_nothing(server: Server) -> None:
    """Killed as soon as deliveries are taken, the program begins one run for each after the next start."""
    with server.client as client:
        wanted = {"kind": "webhook", "text": "Say what came", "client_id": "a-trigger-3"}
        hook = client.post("/api/triggers", json=wanted).raise_for_status().json()
    for number in range(3):
        assert deliver(server, hook, f"Number {number}".encode(), f"kill-{number}").status_code == 202
        server.kill()
        server.start()
    with server.client as client:
        runs = begun_by(client, hook, 3)
        came = sorted(client.get(f"/api/work/{run['id']}").json()["steps"][1]["text"] for run in runs)
    assert came == ["Number 0", "Number 1", "Number 2"]


def test_the_terminal_has_triggers(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """`everword trigger` makes, lists, pauses and deletes; what would be set off by every word is refused."""
    monkeypatch.setenv("EVERWORD_HOME", str(server.home))
    run = CliRunner().invoke
    assert run(app, ["trigger", "add", "Say hello"]).exit_code != 0
    assert "whsec_" in run(app, ["trigger", "add", "Say hello", "--webhook"]).stdout
    made = run(app, ["trigger", "add", "Say hello", "--words", "ferry", "--speaker", "Ben"]).stdout
    assert "words “ferry”, speaker “Ben”, active: Say hello" in made
    end = made.split()[0]
    changed = run(app, ["trigger", "change", end, "--speaker", "Anna", "--text", "Say good day", "--calls", "3"]).stdout
    assert "words “ferry”, speaker “me”, active: Say good day" in changed
    assert "at most 200,000 tokens, 3 calls, $2.00, 240 minutes" in changed
    assert "paused" in run(app, ["trigger", "pause", end]).stdout
    assert "active" in run(app, ["trigger", "pause", end, "--off"]).stdout
    assert run(app, ["trigger", "remove", end]).exit_code == 0
    assert "ferry" not in run(app, ["trigger", "list"]).stdout
