"""Facts over HTTP and by the command, of a real server: learned behind the commit, and the owner's say in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose owner has said a few things."""
    server = Server(tmp_path_factory.mktemp("facts") / "home").start().set_up()
    with server.client as client:
        for text in (
            "I live in Berlin.",
            "My sister Maria is a nurse.",
            "I moved to Lisbon, finally. I'm allergic to peanuts.",
            "I'll send Maria the photographs by Friday.",
        ):
            client.post("/api/messages", json={"text": text, "client_id": str(uuid.uuid4())}).raise_for_status()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and (unread(client) or len(found(client, state="all")) < 5):
            time.sleep(0.1)
    yield server
    server.stop()


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    """The owner's client."""
    with server.client as client:
        yield client


def unread(client: httpx.Client) -> int:
    """How many entries the rules have still to read."""
    left: int = client.get("/api/memory/distilling").raise_for_status().json()["unread"]
    return left


def found(client: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    """Facts that fit."""
    page: dict[str, Any] = client.post("/api/memory/facts/search", json=query).raise_for_status().json()
    facts: list[dict[str, Any]] = page["facts"]
    return facts


def test_what_was_said_is_known_with_its_words(client: httpx.Client) -> None:
    """Facts come by themselves, each with its quote; the older value stands under the newer."""
    (lives,) = found(client, words="live")
    assert lives["statement"] == "You live in Lisbon"
    assert [quote["text"] for quote in lives["quotes"]] == ["I moved to Lisbon, finally."]
    assert [older["statement"] for older in lives["replaced"]] == ["You live in Berlin"]
    (berlin,) = found(client, state="past", words="Berlin")
    assert (berlin["state"], berlin["replaced_by"]["statement"]) == ("superseded", "You live in Lisbon")


def test_the_profile_is_about_the_owner(client: httpx.Client) -> None:
    """What I know about you: facts about the owner alone."""
    statements = {fact["statement"] for fact in client.get("/api/memory/profile").json()["facts"]}
    assert {"You live in Lisbon", "You are allergic to peanuts", "You have a sister named Maria"} <= statements
    assert "Maria is a nurse" not in statements


def test_a_correction_outranks_and_can_be_found(client: httpx.Client) -> None:
    """A correction takes the fact's place at once, as words of the owner's own."""
    (nurse,) = found(client, words="nurse")
    right = client.post(
        f"/api/memory/facts/{nurse['id']}/correct", json={"statement": "Maria is a doctor", "since": "2024"}
    ).json()
    assert (right["statement"], right["origin"], right["since"]) == (
        "Maria is a doctor",
        "owner",
        {"day": "2024-01-01", "precision": "year"},
    )
    assert client.get(f"/api/memory/facts/{nurse['id']}").json()["state"] == "superseded"
    entry = client.get(f"/api/entries/{right['quotes'][0]['entry_id']}").json()
    assert (entry["text"], entry["label"], entry["source"]) == ("Maria is a doctor", "owner", "correction")
    bad = client.post(f"/api/memory/facts/{nurse['id']}/correct", json={"statement": "x", "since": "soon"})
    assert bad.status_code == 422
    assert "Write it like" in bad.json()["error"]["message"]


def test_the_old_one_can_be_brought_back(client: httpx.Client) -> None:
    """Superseding is turned round, and round again."""
    (berlin,) = found(client, state="past", words="Berlin")
    back = client.post(f"/api/memory/facts/{berlin['id']}/bring-back").json()
    assert (back["state"], [older["statement"] for older in back["replaced"]]) == ("holds", ["You live in Lisbon"])
    (lisbon,) = found(client, state="past", words="Lisbon")
    assert client.post(f"/api/memory/facts/{berlin['id']}/bring-back").status_code == 409
    assert client.post(f"/api/memory/facts/{lisbon['id']}/bring-back").json()["state"] == "holds"
    assert [fact["statement"] for fact in found(client, words="live")] == ["You live in Lisbon"]


def test_pinned_and_refused(client: httpx.Client) -> None:
    """A pin keeps a fact in sight; a refusal takes it out of it, and can be taken back."""
    (peanuts,) = found(client, words="peanuts")
    path = f"/api/memory/facts/{peanuts['id']}"
    assert client.put(f"{path}/pin").json()["is_pinned"]
    assert client.get("/api/memory/profile").json()["facts"][0]["id"] == peanuts["id"]
    assert client.put(f"{path}/refusal").json()["state"] == "refused"
    assert found(client, words="peanuts") == []
    assert client.delete(f"{path}/refusal").json()["state"] == "holds"
    assert not client.delete(f"{path}/pin").json()["is_pinned"]


def test_today_has_what_was_promised(client: httpx.Client) -> None:
    """A promise stands in Today with its words and its day, until it is kept."""
    (promise,) = client.get("/api/today").json()["promises"]
    assert promise["action"] == "Send Maria the photographs by Friday"
    assert promise["quote"]["text"] == "I'll send Maria the photographs by Friday."
    assert promise["due"] is not None
    path = f"/api/memory/promises/{promise['id']}"
    assert client.put(path, json={"state": "done"}).status_code == 204
    assert client.get("/api/memory/promises").json()["promises"] == []
    assert client.put(path, json={"state": "open"}).status_code == 204
    assert len(client.get("/api/memory/promises").json()["promises"]) == 1


def test_what_is_not_there_is_not_found(client: httpx.Client) -> None:
    """Unknown ids are 404, and so is what can be no id."""
    nobody = str(uuid.uuid4())
    for method, path in (
        ("GET", f"/api/memory/facts/{nobody}"),
        ("PUT", f"/api/memory/facts/{nobody}/pin"),
        ("POST", f"/api/memory/facts/{nobody}/bring-back"),
        ("PUT", f"/api/memory/facts/{nobody}/refusal"),
    ):
        assert client.request(method, path).status_code == 404
    assert client.get("/api/memory/facts/nothing").status_code == 404


def test_the_command_lists_and_corrects(server: Server, client: httpx.Client) -> None:
    """`everword facts` prints facts with their words, and takes corrections."""
    listed = run(server, "facts", "--words", "peanuts")
    assert "You are allergic to peanuts" in listed
    assert "I'm allergic to peanuts" in listed
    (peanuts,) = json.loads(run(server, "facts", "--about", "me", "--words", "peanuts", "--json"))
    assert "almonds" in run(server, "facts", "correct", peanuts["id"], "You are allergic to almonds")
    assert [fact["statement"] for fact in found(client, words="almonds")] == ["You are allergic to almonds"]


def run(server: Server, *arguments: str) -> str:
    """A command, as a person runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "everword.cli.main", *arguments],
        env={**os.environ, "EVERWORD_HOME": str(server.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
