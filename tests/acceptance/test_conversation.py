"""A conversation over real HTTP: said, answered, edited, asked again, stopped, failed, rejoined."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import httpx
import pytest

from everword.core.ids import new_id
from tests.server import Server, finished
from tests.talk import edit, say, turns

Json = dict[str, Any]


def test_a_message_is_answered(client: httpx.Client) -> None:
    """What was said and its answer stand in the conversation, with who answered and on what basis."""
    said = say(client, "echo: Good morning")
    assert finished(client, said["run"]["id"])["state"] == "delivered"
    question, answer = turns(client, said)
    assert (question["text"], question["label"]) == ("echo: Good morning", "owner")
    assert (answer["text"], answer["label"], answer["state"]) == ("Good morning", "assistant", "complete")
    assert answer["basis"] == "not_from_memory"
    assert answer["model"]
    assert said["conversation"]["title"] == "echo: Good morning"


def test_the_conversation_so_far_is_given_to_the_model(client: httpx.Client) -> None:
    """The second turn's model reads the first."""
    said = say(client, "echo: one")
    finished(client, said["run"]["id"])
    again = say(client, "history", said)
    finished(client, again["run"]["id"])
    assert turns(client, said)[-1]["text"] == "I was given 4 messages: system, user, assistant, user."


def test_sent_twice_is_said_once(client: httpx.Client) -> None:
    """The same client id, as after a lost answer, writes nothing and gives the first entry and run again."""
    message = {"text": "echo: once", "client_id": new_id()}
    first = client.post("/api/messages", json=message).json()
    second = client.post("/api/messages", json=message).json()
    assert second["entry"]["id"] == first["entry"]["id"]
    assert second["run"]["id"] == first["run"]["id"]
    finished(client, first["run"]["id"])
    assert len(turns(client, first)) == 2


def test_an_edit_is_a_version_and_the_old_branch_stays(client: httpx.Client) -> None:
    """Edited words are a second version with an answer of their own; the first can be shown again."""
    said = say(client, "echo: before")
    finished(client, said["run"]["id"])
    change = {"text": "echo: after", "client_id": new_id()}
    edited = client.post(f"/api/entries/{said['entry']['id']}/edit", json=change)
    finished(client, edited.json()["run"]["id"])
    question, answer = turns(client, said)
    assert (question["text"], answer["text"]) == ("echo: after", "after")
    assert [version["id"] for version in question["versions"]] == [said["entry"]["id"], question["id"]]
    conversation = f"/api/conversations/{said['conversation']['id']}"
    shown = client.put(f"{conversation}/leaf", json={"entry_id": said["entry"]["id"]}).raise_for_status().json()
    assert [turn["text"] for turn in shown["turns"]] == ["echo: before", "before"]


def test_asking_again_makes_another_version_of_the_answer(client: httpx.Client) -> None:
    """Retry keeps the first answer as a version."""
    said = say(client, "echo: same")
    finished(client, said["run"]["id"])
    first = turns(client, said)[-1]
    run = client.post(f"/api/entries/{first['id']}/retry", json={}).raise_for_status().json()["run"]
    assert finished(client, run["id"])["state"] == "delivered"
    question, answer = turns(client, said)
    assert len(question["versions"]) == 1
    assert [version["id"] for version in answer["versions"]] == [first["id"], answer["id"]]


def test_stop_stops_the_model_and_keeps_what_was_shown(client: httpx.Client) -> None:
    """A stopped answer stays as far as it came, marked; the run is cancelled, not delivered."""
    said = say(client, "Count to 400 every 30 ms")
    run_id = said["run"]["id"]
    while not (pending := turns(client, said)[-1]).get("pending") or not pending["text"].startswith("1 2 3"):
        time.sleep(0.05)
    client.post(f"/api/runs/{run_id}/stop").raise_for_status()
    assert finished(client, run_id)["state"] == "cancelled"
    answer = turns(client, said)[-1]
    assert answer["state"] == "interrupted"
    assert answer["text"].startswith(pending["text"])
    assert not answer["text"].endswith("400")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("key", "model_wrong_key"),
        ("credit", "model_no_credit"),
        ("rate", "model_rate_limited"),
        ("context", "model_context_full"),
    ],
)
def test_a_providers_error_is_one_sentence_and_the_words_stay(client: httpx.Client, kind: str, code: str) -> None:
    """The run fails with our code and a next step; what was typed is in the ledger and can be asked again."""
    said = say(client, f"fail {kind}")
    run = finished(client, said["run"]["id"])
    assert run["state"] == "failed"
    assert run["error"]["code"] == code
    assert run["error"]["message"].count(".") >= 2
    question, pending = turns(client, said)
    assert question["text"] == f"fail {kind}"
    assert pending["run"]["error"]["code"] == code
    again = client.post(f"/api/entries/{question['id']}/retry", json={}).raise_for_status().json()["run"]
    assert finished(client, again["id"])["state"] == "failed"


def test_an_answer_that_breaks_off_is_kept_as_such(client: httpx.Client) -> None:
    """A provider that drops the connection leaves an interrupted version and a failed run, never a whole answer."""
    said = say(client, "fail drop")
    assert finished(client, said["run"]["id"])["state"] == "failed"
    answer = turns(client, said)[-1]
    assert answer["state"] == "interrupted"
    assert answer["text"]
    assert "This answer breaks off before its end".startswith(answer["text"].strip())


def test_what_was_said_is_recalled_and_cited(client: httpx.Client) -> None:
    """Another day's words come back as a quote before the answer, and the answer cites them where it agrees."""
    told = say(client, "Anna promised that the Lisbon flat is painted by the ninth of March.")
    finished(client, told["run"]["id"])
    asked = say(client, "What did Anna promise about the Lisbon flat?")
    finished(client, asked["run"]["id"])
    answer = turns(client, asked)[-1]
    quotes = [citation["quote"] for citation in answer["citations"]] + answer["found"]
    assert told["entry"]["id"] in {quote["entry_id"] for quote in quotes}


def test_a_past_that_nobody_told_is_not_made_up(client: httpx.Client) -> None:
    """A question about the owner's past that nothing supports gets "I have nothing on that", without a model."""
    said = say(client, "What was the name of my grandmother's goldfish?")
    finished(client, said["run"]["id"])
    answer = turns(client, said)[-1]
    assert (answer["text"], answer["basis"], answer["model"]) == ("I have nothing on that.", "nothing_found", None)


def test_what_asks_to_be_kept_is_kept_with_its_words(client: httpx.Client) -> None:
    """A message that asks to be remembered is answered by rule, with its own words quoted; afterwards it is found."""
    text = "My sister's name is Ana and she is allergic to penicillin. Remember that."
    told = say(client, text)
    assert finished(client, told["run"]["id"])["state"] == "delivered"
    _, answer = turns(client, told)
    assert (answer["text"], answer["model"]) == ("Kept, word for word. Ask for it any time.", None)
    assert [citation["quote"]["text"] for citation in answer["citations"]] == [text]
    assert answer["unquoted"] == 0
    asked = say(client, "What is my sister allergic to?")
    finished(client, asked["run"]["id"])
    shown = turns(client, asked)[-1]
    quoted = [quote["text"] for quote in [*shown["found"], *(item["quote"] for item in shown["citations"])]]
    assert any("she is allergic to penicillin." in words for words in quoted)
    assert not [words for words in quoted if words.startswith("Kept")], "a set phrase of ours is nobody's words"


def test_attached_text_is_read_and_found(client: httpx.Client) -> None:
    """A text file's words reach the model with the question, and can be found afterwards as a stranger's."""
    content = b"The boiler's service code is KESTREL-77 and the plumber is Otis."
    kept = client.post(
        "/api/attachments", params={"name": "boiler.txt"}, content=content, headers={"content-type": "text/plain"}
    )
    assert kept.status_code == 201, kept.text
    said = say(client, "history", attachment_ids=[kept.json()["id"]])
    finished(client, said["run"]["id"])
    question, _ = turns(client, said)
    assert [attachment["name"] for attachment in question["attachments"]] == ["boiler.txt"]
    assert client.get(f"/api/attachments/{kept.json()['id']}").content == content
    found = client.post("/api/memory/search", json={"query": "KESTREL-77"}).raise_for_status().json()["hits"]
    assert any(hit["entry"]["label"] == "stranger" for hit in found)
    finished(client, edit(client, said, "echo: again")["run"]["id"])
    found = client.post("/api/memory/search", json={"query": "KESTREL-77"}).raise_for_status().json()["hits"]
    documents = [hit for hit in found if hit["entry"]["label"] == "stranger"]
    assert len(documents) == 1, [(hit["entry"]["id"], hit["entry"]["text"]) for hit in found]


@pytest.mark.parametrize(
    "body", [{"text": "", "client_id": "x" * 10}, {"text": "x"}, {"text": "a\x00b", "client_id": "x" * 10}]
)
def test_bad_messages_are_refused_with_a_reason(client: httpx.Client, body: Json) -> None:
    """Nothing to send, no client id, a NUL: 422, a sentence, and nothing written."""
    refused = client.post("/api/messages", json=body)
    assert refused.status_code == 422
    assert refused.json()["error"]["message"]


class Listener:
    """A page that follows the stream from a position, as an EventSource would."""

    def __init__(self, server: Server, after: int, until: str) -> None:
        self.events: list[tuple[str, Json]] = []
        self._thread = threading.Thread(target=self._follow, args=(server, after, until), daemon=True)
        self._thread.start()

    def _follow(self, server: Server, after: int, until: str) -> None:
        with server.client as client, client.stream("GET", "/api/events", params={"after": str(after)}) as stream:
            kind = ""
            for line in stream.iter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self.events.append((kind, json.loads(line.removeprefix("data: "))))
                    if kind == until:
                        return

    def done(self) -> list[tuple[str, Json]]:
        self._thread.join(30)
        return self.events


def test_any_page_rejoins_at_any_point(running: Server, client: httpx.Client) -> None:
    """A snapshot's partial text and the events after its position give the same answer, wherever the page came in."""
    said = say(client, "Count to 60 every 60 ms")
    joined = []
    for _ in range(4):
        time.sleep(0.3)
        opened = client.get(f"/api/conversations/{said['conversation']['id']}").json()
        joined.append((opened["turns"][-1], Listener(running, opened["event_position"], "run.finished")))
    whole = " ".join(str(number) for number in range(1, 61))
    for pending, listener in joined:
        text = pending.get("text") or ""
        events = listener.done()
        for kind, told in events:
            if kind == "run.delta" and told["run_id"] == said["run"]["id"]:
                assert told["offset"] == len(text)
                text += told["text"]
        finished_events = [told for kind, told in events if kind == "run.finished"]
        assert finished_events[-1]["entry"]["text"] == whole
        assert whole.startswith(text)


def test_the_long_poll_tells_the_same(client: httpx.Client) -> None:
    """Behind a proxy that holds streams back, polling gives the events in order up to the end of the run."""
    position = client.get("/api/events/poll", params={"wait_s": 0}).json()["position"]
    said = say(client, "Count to 10 every 20 ms")
    seen: list[Json] = []
    while not any(event["type"] == "run.finished" for event in seen):
        page = client.get("/api/events/poll", params={"after": position, "wait_s": 5}).json()
        assert page["position"] >= position
        position = page["position"]
        seen += page["events"]
    assert [event["position"] for event in seen] == sorted({event["position"] for event in seen})
    mine = [event["type"] for event in seen if event["run_id"] == said["run"]["id"]]
    assert mine[0] == "run.state"
    assert mine.index("run.recalled") < mine.index("run.finished")


def test_rename_pin_archive(client: httpx.Client) -> None:
    """A conversation can be renamed, pinned to the top, and put away."""
    said = say(client, "echo: housekeeping")
    finished(client, said["run"]["id"])
    path = f"/api/conversations/{said['conversation']['id']}"
    assert client.patch(path, json={"title": "  House   keeping "}).json()["title"] == "House keeping"
    client.patch(path, json={"pinned": True}).raise_for_status()
    assert client.get("/api/conversations").json()["conversations"][0]["id"] == said["conversation"]["id"]
    client.patch(path, json={"archived": True}).raise_for_status()
    shown = {item["id"] for item in client.get("/api/conversations").json()["conversations"]}
    put_away = {item["id"] for item in client.get("/api/conversations?archived=true").json()["conversations"]}
    assert said["conversation"]["id"] not in shown
    assert said["conversation"]["id"] in put_away
