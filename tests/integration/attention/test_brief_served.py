"""The brief over the API and from the terminal, on a server that is killed in between."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from everword.cli.main import app
from tests.server import Server


def test_what_was_said_to_cards_survives_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made on asking, read in the terminal, a card done and one put off; after kill -9 it is the same brief, and so."""
    server = Server(tmp_path / "home").start().set_up()
    monkeypatch.setenv("EVERWORD_HOME", str(server.home))
    with server.client as client:
        assert client.get("/api/brief").json()["made_at"] is None
        for number in range(3):
            wanted = {"title": f"Task {number}", "due": "today", "client_id": f"the task {number}"}
            assert client.post("/api/tasks", json=wanted).status_code == 201
        made = client.post("/api/brief").json()
        assert [card["kind"] for card in made["cards"]] == ["decide"] * 3
        assert client.put(f"/api/brief/cards/{made['cards'][0]['id']}", json={"says": "less"}).status_code == 409
    done = CliRunner().invoke(app, ["brief", "--say", "1", "done"])
    assert "1. Decide: " in done.output, done.output
    CliRunner().invoke(app, ["brief", "--say", "1", "later"])
    server.kill()
    server.start()
    try:
        found = json.loads(CliRunner().invoke(app, ["brief", "--json"]).output)
        assert (found["made_at"], len(found["cards"])) == (made["made_at"], 1)
        assert [card["held_back"] for card in found["held_back"]] == ["later"]
        assert "That is all. Held back: 1." in CliRunner().invoke(app, ["brief"]).output
        with server.client as client:
            assert len(client.get("/api/tasks", params={"state": "done"}).json()["tasks"]) == 1
    finally:
        server.stop()
