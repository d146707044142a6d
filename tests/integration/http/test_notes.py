"""Notes and tasks over the API and from the terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from everword.cli.main import app
from tests.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("notes") / "home").start().set_up()
    yield server
    server.stop()


def test_notes_are_written_changed_and_deleted(server: Server) -> None:
    """The same client id is one note; its words are an entry that can be opened; a deleted one is gone."""
    with server.client as client:
        wanted = {"text": "The key is under the stone", "client_id": "note-one"}
        note = client.post("/api/notes", json=wanted).raise_for_status().json()
        assert client.post("/api/notes", json=wanted).json()["id"] == note["id"]
        path = f"/api/notes/{note['id']}"
        changed = client.patch(path, json={"text": "The key is in the shed"}).raise_for_status().json()
        assert (changed["text"], changed["by"], changed["run_id"]) == ("The key is in the shed", "owner", None)
        assert client.get(f"/api/entries/{changed['entry_id']}").status_code == 200
        assert client.get("/api/notes").json() == {"notes": [changed], "count": 1}
        assert client.delete(path).status_code == 204
        assert client.delete(path).status_code == client.patch(path, json={"text": "No"}).status_code == 404
        assert client.post("/api/notes", json=wanted).status_code == 409
        assert client.get("/api/notes").json() == {"notes": [], "count": 0}


def test_a_task_is_due_in_words_and_is_done(server: Server) -> None:
    """Words for a day are understood or refused with forms; done tasks are a list of their own."""
    with server.client as client:
        refused = client.post("/api/tasks", json={"title": "Pay", "client_id": "task-one", "due": "whenever"})
        assert refused.status_code == 422
        wanted = {"title": "Pay the rent", "client_id": "task-one", "due": "2020-01-01"}
        task = client.post("/api/tasks", json=wanted).raise_for_status().json()
        assert (task["due"], task["is_overdue"], task["state"]) == ("2020-01-01", True, "open")
        path = f"/api/tasks/{task['id']}"
        done = client.patch(path, json={"is_done": True}).json()
        assert (done["state"], done["is_overdue"]) == ("done", False)
        assert client.get("/api/tasks").json() == {"tasks": [], "count": 0}
        assert client.get("/api/tasks", params={"state": "done"}).json()["count"] == 1
        assert client.patch(path, json={"due": "", "is_done": False}).json()["due"] is None
        client.delete(path).raise_for_status()


def test_the_terminal_has_both(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """`everword note` and `everword task` write, list by a short id, and delete by it."""
    monkeypatch.setenv("EVERWORD_HOME", str(server.home))
    run = CliRunner().invoke
    assert run(app, ["task", "add", "Water the plants", "--due", "2030-01-02"]).exit_code == 0
    (line,) = run(app, ["task", "list"]).stdout.splitlines()
    assert line.endswith("Water the plants, due 2030-01-02")
    assert run(app, ["task", "done", line.split()[0]]).stdout.strip().endswith("done")
    assert run(app, ["task", "remove", line.split()[0]]).exit_code == 0
    assert run(app, ["note", "add", "The stone is loose"]).exit_code == 0
    (line,) = run(app, ["note", "list"]).stdout.splitlines()
    assert "The stone is loose (you, " in line
    assert run(app, ["note", "edit", line.split()[0], "The stone is fixed"]).exit_code == 0
    assert run(app, ["note", "remove", line.split()[0]]).exit_code == 0
    assert run(app, ["note", "list"]).stdout == ""
