"""Messages said while an answer is still being written: they wait in order, can be changed, and survive kill -9."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx

from everword.core.ids import new_id
from tests.server import Server, finished
from tests.talk import edit, opened, say, texts

Json = dict[str, Any]
SLOW = "Count to 60 every 20 ms"
COUNTED = " ".join(str(number) for number in range(1, 61))
FOR_EVER = "Count to 2000 every 20 ms"


def stop(client: httpx.Client, said: Json) -> Json:
    stopped: Json = client.post(f"/api/runs/{said['run']['id']}/stop").raise_for_status().json()
    return stopped


def test_messages_wait_and_are_answered_in_order(client: httpx.Client) -> None:
    """Two messages said during an answer are in the ledger at once, show their places, and are answered after it, each
    reading what came before."""
    first = say(client, SLOW)
    second, third = say(client, "echo: second", first), say(client, "history", first)
    assert (second["entry"]["is_queued"], second["run"]["queue"]["place"]) == (True, 1)
    assert third["run"]["queue"]["place"] == 2
    shown = opened(client, first)
    assert [turn.get("pending", False) for turn in shown["turns"]] == [False, True]
    assert [item["entry"]["text"] for item in shown["waiting"]] == ["echo: second", "history"]
    assert client.get(f"/api/entries/{second['entry']['id']}").json()["text"] == "echo: second"
    assert finished(client, third["run"]["id"])["state"] == "delivered"
    given = "I was given 6 messages: system, user, assistant, user, assistant, user."
    assert texts(client, first) == [SLOW, COUNTED, "echo: second", "second", "history", given]
    assert opened(client, first)["waiting"] == []


def test_a_waiting_message_keeps_its_place_when_it_is_edited(client: httpx.Client) -> None:
    """An edit of what waits is a version at the same place; said again under its first id, it is not doubled."""
    first = say(client, SLOW)
    second = say(client, "echo: draft", first, client_id="client-of-draft-" + first["run"]["id"][-12:])
    third = say(client, "echo: third", first)
    edited = edit(client, second, "echo: better")
    assert edited["run"]["id"] == second["run"]["id"]
    again = say(client, "echo: draft", first, client_id="client-of-draft-" + first["run"]["id"][-12:])
    assert again["run"]["id"] == second["run"]["id"]
    finished(client, third["run"]["id"])
    assert texts(client, first) == [SLOW, COUNTED, "echo: better", "better", "echo: third", "third"]
    assert [len(turn["versions"]) for turn in opened(client, first)["turns"]] == [1, 1, 2, 1, 1, 1]


def test_a_waiting_message_can_be_taken_back(client: httpx.Client) -> None:
    """Taken back it is never answered and not shown; what waits behind it moves up; its words stay in the ledger."""
    first = say(client, SLOW)
    second, third = say(client, "echo: no", first), say(client, "history", first)
    assert stop(client, second)["state"] == "cancelled"
    assert [item["run"]["queue"]["place"] for item in opened(client, first)["waiting"]] == [1]
    finished(client, third["run"]["id"])
    given = "I was given 4 messages: system, user, assistant, user."
    assert texts(client, first) == [SLOW, COUNTED, "history", given]
    assert client.get(f"/api/entries/{second['entry']['id']}").json()["text"] == "echo: no"


def test_stop_ends_one_answer_and_the_next_begins(client: httpx.Client) -> None:
    """Stop ends the answer that is being written; what waits is answered behind what was kept of it."""
    first = say(client, FOR_EVER)
    second = say(client, "echo: next", first)
    while not opened(client, first)["turns"][-1]["text"].startswith("1 2 3"):
        threading.Event().wait(0.05)
    stop(client, first)
    assert finished(client, second["run"]["id"])["state"] == "delivered"
    question, broken_off, following, answer = opened(client, first)["turns"]
    assert (question["text"], broken_off["state"]) == (FOR_EVER, "interrupted")
    assert (following["text"], answer["text"]) == ("echo: next", "next")


def test_stop_all_work_leaves_nothing_waiting(client: httpx.Client) -> None:
    """Stopping all work stops what waits too: none of it begins afterwards."""
    first = say(client, FOR_EVER)
    others = [say(client, f"echo: {number}", first) for number in range(3)]
    client.post("/api/runs/stop").raise_for_status()
    assert {finished(client, other["run"]["id"])["state"] for other in others} == {"cancelled"}
    assert finished(client, first["run"]["id"])["state"] == "cancelled"


def test_an_answer_that_fails_holds_its_place(client: httpx.Client) -> None:
    """Where a message waits behind an answer that is not made, the failure stays where it was, with its reason; the
    rest is answered, and the failed one can be asked again."""
    first = say(client, SLOW)
    second, third = say(client, "fail credit", first), say(client, "echo: third", first)
    finished(client, third["run"]["id"])
    failed = opened(client, first)["turns"][3]
    assert texts(client, first) == [SLOW, COUNTED, "fail credit", "", "echo: third", "third"]
    assert (failed["state"], failed["why"]) == ("failed", finished(client, second["run"]["id"])["error"]["message"])
    again = client.post(f"/api/entries/{failed['id']}/retry", json={}).raise_for_status().json()["run"]
    assert finished(client, again["id"])["state"] == "failed"


def test_what_is_answered_cannot_be_edited_meanwhile(client: httpx.Client) -> None:
    """The message that is being answered, and older ones, are refused with what to do; nothing of it is written."""
    first = say(client, FOR_EVER)
    change = {"text": "echo: other", "client_id": new_id()}
    refused = client.post(f"/api/entries/{first['entry']['id']}/edit", json=change)
    assert refused.status_code == 409
    assert "Stop it" in refused.json()["error"]["message"]
    stop(client, first)
    finished(client, first["run"]["id"])
    assert len(opened(client, first)["turns"][0]["versions"]) == 1


def test_too_many_waiting_messages_are_refused(client: httpx.Client) -> None:
    """A queue has an end: beyond it a message is refused, with what to do, and not written."""
    first = say(client, FOR_EVER)
    for number in range(20):
        say(client, f"echo: {number}", first)
    path = f"/api/conversations/{first['conversation']['id']}/messages"
    refused = client.post(path, json={"text": "one more", "client_id": new_id()})
    assert refused.status_code == 409
    assert len(opened(client, first)["waiting"]) == 20
    client.post("/api/runs/stop").raise_for_status()
    finished(client, first["run"]["id"])


def test_two_pages_that_speak_at_once(client: httpx.Client, running: Server) -> None:
    """Said from several pages at the same moment, every message is answered once, one after the other."""
    first = say(client, SLOW)
    runs: list[str] = []

    def speak(number: int) -> None:
        with running.client as own:
            runs.append(say(own, f"echo: page {number}", first)["run"]["id"])

    pages = [threading.Thread(target=speak, args=(number,)) for number in range(4)]
    for page in pages:
        page.start()
    for page in pages:
        page.join()
    for run in runs:
        assert finished(client, run)["state"] == "delivered"
    said = texts(client, first)
    assert len(said) == 10
    asked, answered = said[2::2], said[3::2]
    assert [text.removeprefix("echo: ") for text in asked] == answered
    assert sorted(answered) == [f"page {number}" for number in range(4)]


def test_an_export_keeps_the_order(client: httpx.Client, running: Server, tmp_path: Path) -> None:
    """Exported and imported elsewhere, what had waited still stands behind the answer it waited for."""
    first = say(client, SLOW)
    second = say(client, "echo: second", first)
    finished(client, second["run"]["id"])
    archive = client.get("/api/export").raise_for_status().content
    other = Server(tmp_path / "other").start().set_up()
    try:
        with other.client as there:
            job = there.post("/api/imports", params={"name": "everword.zip"}, content=archive).raise_for_status().json()
            job_id = job["job"]["id"]
            while there.get(f"/api/imports/{job_id}").json()["job"]["state"] in {"queued", "running"}:
                threading.Event().wait(0.1)
            assert texts(there, first) == [SLOW, COUNTED, "echo: second", "second"]
    finally:
        other.stop()


def test_kill_with_messages_waiting(tmp_path: Path) -> None:
    """kill -9 during an answer with two messages behind it: afterwards each is answered once, in order, and what had
    been shown is kept with the model that wrote it."""
    server = Server(tmp_path / "home").start().set_up()
    with server.client as client:
        first = say(client, SLOW)
        others = [say(client, "echo: second", first), say(client, "echo: third", first)]
        while not opened(client, first)["turns"][-1]["text"].startswith("1 2 3"):
            threading.Event().wait(0.02)
    server.kill()
    server.start()
    try:
        with server.client as client:
            assert [finished(client, said["run"]["id"])["state"] for said in (first, *others)] == ["delivered"] * 3
            assert texts(client, first) == [SLOW, COUNTED, "echo: second", "second", "echo: third", "third"]
            versions = opened(client, first)["turns"][1]["versions"]
            assert [version["state"] for version in versions] == ["interrupted", "complete"]
            assert versions[0]["model"] == versions[1]["model"] is not None
    finally:
        server.stop()
