"""Memory over HTTP and by the commands, of a real server."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server import Server, finished

LINES: list[dict[str, str]] = [
    {
        "conversation": "talk",
        "id": f"talk:{number}",
        "said_at": f"2025-03-{number + 1:02}T10:00:00",
        "speaker": "Ben" if number % 2 else "Carla",
        "text": text,
    }
    for number, text in enumerate(
        [
            "Which town shall we meet in?",
            "Whitby, if the trains run",
            "I'll bring the Kraków photographs",
            "And I'll bring pears, the tickets cost 42.50",
            "See you there",
        ]
    )
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of an owner who has imported a talk."""
    folder = tmp_path_factory.mktemp("memory")
    server = Server(folder / "home").start().set_up()
    talk = folder / "talk.jsonl"
    talk.write_text("".join(json.dumps(line) + "\n" for line in LINES), encoding="utf-8")
    run(server, "import", str(talk), "--time-zone", "UTC")
    yield server
    server.stop()


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    """The owner's client."""
    with server.client as client:
        yield client


def run(server: Server, *arguments: str) -> str:
    """A command, as a person runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "everword.cli.main", *arguments],
        env={**os.environ, "EVERWORD_HOME": str(server.home)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def post(client: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.post(path, json=body).raise_for_status().json()
    return answer


def test_search_highlights_what_was_typed(client: httpx.Client) -> None:
    """A search by beginnings finds the entry, with its place, its conversation and what to highlight."""
    found = post(client, "/api/memory/search", query="krakow photo")
    (hit,) = found["hits"]
    text = hit["entry"]["text"]
    assert [text[start:end] for start, end in hit["highlights"]] == ["Kraków", "photographs"]
    assert hit["entry"]["conversation_title"] == "talk"
    assert hit["entry"]["is_current_version"]
    assert post(client, "/api/memory/search", query="", speaker="Ben")["total_estimate"] == 2
    limited = {"query": "bring", "from": "2025-03-04T00:00:00Z", "to": "2025-03-05T00:00:00Z"}
    assert [hit["entry"]["external_id"] for hit in post(client, "/api/memory/search", **limited)["hits"]] == ["talk:3"]


def test_recall_says_what_and_why(client: httpx.Client) -> None:
    """A question finds the answer to an earlier question; a conversation may be named as it was imported."""
    found = post(client, "/api/memory/recall", question="Where do we meet, in which town?", conversation="talk")
    assert "talk:1" in [hit["entry"]["external_id"] for hit in found["hits"][:2]]
    assert found["hits"][0]["reasons"]
    unknown = client.post("/api/memory/recall", json={"question": "x", "conversation": "nowhere"})
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/memory/search", {"query": "x" * 501}),
        ("/api/memory/search", {"query": "a", "limit": 0}),
        ("/api/memory/search", {"query": "a", "from": "2025-03-04T00:00:00"}),
        ("/api/memory/search", {"query": "a", "cursor": "b"}),
        ("/api/memory/search", {"query": "a", "conversation_id": "talk"}),
        ("/api/memory/recall", {"question": ""}),
        ("/api/memory/recall", {"question": "a", "k": 100_000}),
    ],
)
def test_nonsense_is_refused(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    """What is too long, out of range or not a cursor gets a 422 with a sentence."""
    answer = client.post(path, json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]


def test_the_timeline_can_be_walked_both_ways(client: httpx.Client) -> None:
    """Pages follow each other to the oldest word and back, without overlap; a day starts at its end."""
    first = client.get("/api/memory/timeline", params={"limit": 2}).json()
    second = client.get("/api/memory/timeline", params={"limit": 2, "before": first["next"]}).json()
    ids = [entry["external_id"] for page in (first, second) for entry in page["entries"]]
    assert ids == ["talk:4", "talk:3", "talk:2", "talk:1"]
    back = client.get("/api/memory/timeline", params={"limit": 2, "after": second["previous"]}).json()
    assert [entry["external_id"] for entry in back["entries"]] == ["talk:4", "talk:3"]
    day = client.get("/api/memory/timeline", params={"day": "2025-03-03", "limit": 1}).json()
    assert [entry["external_id"] for entry in day["entries"]] == ["talk:2"]
    assert client.get("/api/memory/timeline", params={"before": "yesterday"}).status_code == 422


def test_an_entry_opens_in_its_place(client: httpx.Client) -> None:
    """An entry comes with those around it and its conversation; one that is not there is a 404."""
    entry_id = post(client, "/api/memory/search", query="krak")["hits"][0]["entry"]["id"]
    place = client.get(f"/api/entries/{entry_id}/context", params={"before": 1, "after": 1}).raise_for_status().json()
    assert [entry["external_id"] for entry in place["entries"]] == ["talk:1", "talk:2", "talk:3"]
    assert place["conversation"]["title"] == "talk"
    assert client.get(f"/api/entries/{entry_id}").json()["text"] == LINES[2]["text"]
    nobody = "01a20521-9400-7ff7-82cb-5d9bc672f864"
    assert client.get(f"/api/entries/{nobody}/context").status_code == 404
    unreadable = client.get("/api/conversations/no-id")
    assert (unreadable.status_code, unreadable.json()["error"]["message"]) == (
        404,
        "There is no such conversation, or it is not yours to see.",
    )


def test_status_counts(client: httpx.Client) -> None:
    """How much there is, since when, and by whom."""
    status = client.get("/api/memory/status").raise_for_status().json()
    assert status["entries"] == 5
    assert status["since"] == "2025-03-01T10:00:00Z"
    assert {item["name"]: item["count"] for item in status["speakers"]} == {"Carla": 3, "Ben": 2}


def test_the_command_answers_with_imported_ids(server: Server, tmp_path: Path) -> None:
    """`recall --batch` prints one line a question, ranked, with ids, scores and reasons, also after a rebuild."""
    batch = tmp_path / "questions.jsonl"
    asked = [
        {"id": "q1", "question": "What did Ben bring?", "conversation": "talk", "k": 3},
        {"id": "q2", "question": "photographs"},
    ]
    batch.write_text("".join(json.dumps(line) + "\n" for line in asked), encoding="utf-8")
    lines = [json.loads(line) for line in run(server, "recall", "--batch", str(batch), "--json").splitlines()]
    assert [line["id"] for line in lines] == ["q1", "q2"]
    assert len(lines[0]["entries"]) == 3
    assert lines[1]["entries"][0]["id"] == "talk:2"
    assert {"id", "score", "reasons"} <= lines[1]["entries"][0].keys()
    assert "position 5" in run(server, "index", "rebuild")
    again = [json.loads(line) for line in run(server, "recall", "--batch", str(batch), "--json").splitlines()]
    assert [[item["id"] for item in line["entries"]] for line in again] == [
        [item["id"] for item in line["entries"]] for line in lines
    ]


@pytest.mark.slow
def test_the_command_works_without_a_server(server: Server) -> None:
    """The same question gives the same answer when no server runs."""
    while_running = json.loads(run(server, "recall", "what did the tickets cost", "--json"))
    server.stop()
    by_itself = json.loads(run(server, "recall", "what did the tickets cost", "--json"))
    server.start()
    assert [hit["entry"]["id"] for hit in by_itself["hits"]] == [hit["entry"]["id"] for hit in while_running["hits"]]


def test_no_search_text_is_logged(server: Server, client: httpx.Client) -> None:
    """What was searched for and asked stands in no log."""
    post(client, "/api/memory/search", query="zanzibarquery")
    post(client, "/api/memory/recall", question="zanzibarquestion")
    assert "zanzibar" not in server.log.read_text(encoding="utf-8", errors="replace")


def test_the_timeline_is_narrowed(client: httpx.Client) -> None:
    """By who said it, from where and of what kind, page by page; the owner by whatever name; nothing else is in it."""

    def said(**narrowed: Any) -> list[str]:
        page = client.get("/api/memory/timeline", params={"limit": 1, **narrowed}).raise_for_status().json()
        found = [entry["external_id"] for entry in page["entries"]]
        if not page["next"]:
            return found
        return found + said(**{**narrowed, "before": page["next"]})

    assert said(speaker="Ben", day="2025-04-01") == ["talk:3", "talk:1"]
    assert said(speaker="Carla", source="entries", kind="message") == ["talk:4", "talk:2", "talk:0"]
    assert said(speaker="Ben", source="chat") == said(speaker="Ben", kind="document") == said(speaker="be") == []
    client.post("/api/notes", json={"text": "Mine", "client_id": "a-note-of-mine"}).raise_for_status()
    own = client.get("/api/memory/timeline", params={"speaker": "me"}).json()["entries"]
    assert "Mine" in [entry["text"] for entry in own]
    assert {entry["label"] for entry in own} == {"owner"}
    assert client.get("/api/memory/timeline", params={"kind": "song"}).status_code == 422


def test_why_an_answer_says_what_it_says(client: httpx.Client) -> None:
    """Each entry that was recalled with its points by reason, whether the model was given it, and where it is cited."""
    asked = {"text": "What did Carla say about the Kraków photographs?", "client_id": "why-question-1"}
    said = client.post("/api/messages", json=asked).raise_for_status().json()
    assert finished(client, said["run"]["id"])["state"] == "delivered"
    turns = client.get(f"/api/conversations/{said['conversation']['id']}").json()["turns"]
    answer = turns[-1]
    found = client.get(f"/api/entries/{answer['id']}/why").raise_for_status().json()
    assert found["asked"] == asked["text"]
    best = found["recalled"][0]
    assert (best["text"], best["rank"], best["is_in_prompt"]) == (LINES[2]["text"], 1, True)
    assert best["because"][0]["points"] > 0
    assert "words" in {each["reason"] for each in best["because"]}
    cited = {note["quote"]["entry_id"]: note["number"] for note in answer["citations"]}
    assert {each["entry_id"]: each["cited"][0] for each in found["recalled"] if each["cited"]} == cited
    assert client.get(f"/api/entries/{best['entry_id']}/why").json()["recalled"] == []
    assert client.get(f"/api/entries/{said['run']['id']}/why").status_code == 404
