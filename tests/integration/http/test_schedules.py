"""Schedules over the API and from the terminal: understood before they are made, and begun by the running server."""

from __future__ import annotations

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
    server = Server(tmp_path_factory.mktemp("schedules") / "home").start().set_up()
    yield server
    server.stop()


def wanted(when: str, **more: Any) -> dict[str, Any]:
    return {"when": when, "text": "Say hello", "client_id": f"for {when}"[:64], **more}


def made(client: httpx.Client, when: str, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/schedules", json=wanted(when, **more))
    assert answer.status_code == 201, answer.text
    schedule: dict[str, Any] = answer.json()
    return schedule


def test_it_says_what_it_understood_before_anything_is_made(server: Server) -> None:
    """Words and cron come back as words with the next three times; what is not understood is refused with forms."""
    with server.client as client:
        told = client.post(
            "/api/schedules/preview", json={"when": "every weekday at 8:30", "time_zone": "Europe/Berlin"}
        ).json()
        assert (told["rule"], told["says"]) == ("30 8 * * 1-5", "At 08:30 on Monday through Friday")
        assert len(told["next"]) == 3
        for when, zone in (("whenever you like", None), ("99 * * * *", None), ("every day at 7", "Mars/Olympus")):
            refused = client.post("/api/schedules/preview", json={"when": when, "time_zone": zone})
            assert refused.status_code == 422
        assert client.get("/api/schedules").json() == {"schedules": []}


def test_the_server_begins_what_is_due(server: Server) -> None:
    """In one second its run is there by itself, carries the schedule's id, and is delivered; then it has ended."""
    with server.client as client:
        schedule = made(client, "in 1 second")
        deadline = time.monotonic() + 20
        while not (found := client.get("/api/work").json()["runs"]) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert found[0]["schedule_id"] == schedule["id"]
        assert finished(client, found[0]["id"])["state"] == "delivered"
        (now,) = client.get("/api/schedules").json()["schedules"]
        assert (now["state"], now["run_id"], now["next_at"]) == ("ended", found[0]["id"], None)
        assert client.delete(f"/api/schedules/{schedule['id']}").status_code == 204
        assert client.delete(f"/api/schedules/{schedule['id']}").status_code == 404
        assert client.get(f"/api/work/{found[0]['id']}").status_code == 200


def test_it_follows_the_owner_and_can_be_changed(server: Server) -> None:
    """Without a zone of its own it moves with the owner's setting; paused it has no next time."""
    with server.client as client:
        schedule = made(client, "every day at 7")
        path = f"/api/schedules/{schedule['id']}"
        client.patch("/api/settings", json={"time_zone": "Asia/Tokyo"}).raise_for_status()
        (moved,) = client.get("/api/schedules").json()["schedules"]
        assert (moved["time_zone"], moved["next_at"][11:16]) == ("Asia/Tokyo", "22:00")
        changed = client.patch(path, json={"when": "every day at 9", "text": "Say good day", "is_paused": True}).json()
        assert (changed["rule"], changed["text"], changed["next_at"]) == ("0 9 * * *", "Say good day", None)
        assert client.patch(path, json={"is_paused": False}).json()["next_at"][11:16] == "00:00"
        assert client.patch(path, json={"time_zone": "Europe/Berlin"}).json()["follows_owner"] is False
        assert client.patch(path, json={"time_zone": "europe/berlin"}).json()["time_zone"] == "Europe/Berlin"
        own = client.patch(path, json={"time_zone": None}).json()
        assert (own["time_zone"], own["follows_owner"], own["next_at"][11:16]) == ("Asia/Tokyo", True, "00:00")
        client.delete(path).raise_for_status()


def test_what_its_runs_may_use_is_told_and_changed_in_part(server: Server) -> None:
    """Usual where nothing is said; a change of one ceiling leaves the others; what is wrong is said with its place."""
    with server.client as client:
        usual = client.get("/api/bounds").json()["run_at_most"]
        schedule = made(client, "every day at 8")
        path = f"/api/schedules/{schedule['id']}"
        assert schedule["ceiling"] == usual
        assert client.patch(path, json={"ceiling": {"tokens": 5000}}).json()["ceiling"] == {**usual, "tokens": 5000}
        changed = client.patch(path, json={"ceiling": {"seconds": 90}}).json()["ceiling"]
        assert changed == {**usual, "tokens": 5000, "seconds": 90}
        refused = client.patch(path, json={"ceiling": {"dollars": "much"}})
        assert refused.status_code == 422
        assert refused.json()["error"]["field"] == "ceiling.dollars"
        both = client.patch(path, json={"ceiling": {"dollars": "much", "tokens": 0}}).json()["error"]
        assert both["fields"].keys() == {"ceiling.tokens", "ceiling.dollars"}
        assert both["message"] in both["fields"].values()
        client.delete(path).raise_for_status()


def test_the_terminal_lists_makes_and_deletes(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """`everword schedule` says what was understood, lists by a short id, changes and deletes by it."""
    monkeypatch.setenv("EVERWORD_HOME", str(server.home))
    runner = CliRunner()
    when = "every Monday and Thursday at 18:00"
    added = runner.invoke(app, ["schedule", "add", when, "Look at the list", "--tokens", "9000"])
    assert added.output.startswith("At 18:00 on Monday and Thursday ("), added.output
    line = runner.invoke(app, ["schedule", "list"]).output
    assert "Look at the list\n    at most 9,000 tokens, 50 calls, $2.00, 240 minutes" in line
    changed = runner.invoke(app, ["schedule", "change", line.split()[0], "--when", "every day at 7", "--minutes", "5"])
    assert "At 07:00" in changed.output
    assert "at most 9,000 tokens, 50 calls, $2.00, 5 minutes" in changed.output
    assert runner.invoke(app, ["schedule", "remove", line.split()[0]]).exit_code == 0
    assert "There is no schedule." in runner.invoke(app, ["schedule", "list"]).output
