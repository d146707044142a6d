"""What the owner said, as a filter: in search, in forgetting, over HTTP and by the command."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from tests.integration.http.test_memory import post, run
from tests.server import Server, finished
from tests.talk import say


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Anna's server: she said one thing, and Ben another."""
    folder = tmp_path_factory.mktemp("own")
    server = Server(folder / "home").start().set_up()
    letter = folder / "letter.jsonl"
    line = {"conversation": "c", "speaker": "Ben", "said_at": "2019-03-05T10:00:00Z", "text": "The gasket is worn."}
    letter.write_text(json.dumps(line) + "\n", encoding="utf-8")
    with server.client as client:
        finished(client, say(client, "echo: The gasket is blue")["run"]["id"])
    run(server, "import", str(letter))
    yield server
    server.stop()


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    """The owner's client."""
    with server.client as client:
        yield client


@pytest.mark.parametrize("asked", [{"speaker": "me"}, {"speaker": "anna"}, {"label": "owner"}])
def test_the_owners_words_are_found_and_chosen_as_theirs(client: httpx.Client, asked: dict[str, str]) -> None:
    """By `me`, by their own name and by the label, search and the forget preview have what the owner said alone."""
    found = post(client, "/api/memory/search", query="gasket", **asked)
    assert [hit["entry"]["label"] for hit in found["hits"]] == ["owner"]
    preview = post(client, "/api/memory/forget/preview", **asked)
    assert [entry["text"] for entry in preview["entries"]] == ["echo: The gasket is blue"]


def test_everybody_else_has_a_name_in_the_list(client: httpx.Client) -> None:
    """How much the owner said is a number of its own; nobody in the list is without a name."""
    status = client.get("/api/memory/status").raise_for_status().json()
    assert status["own"] == 1
    names = {item["name"] for item in status["speakers"]}
    assert {"Ben"} <= names
    assert "" not in names


def test_a_name_that_another_has_stays_that_name(server: Server, client: httpx.Client) -> None:
    """Where somebody else's entries have the owner's name, the name means those: nothing is forgotten by mistake."""
    letter = server.home.parent / "namesake.jsonl"
    line = {"conversation": "n", "speaker": "Anna", "said_at": "2018-03-05T10:00:00Z", "text": "Another Anna's gasket."}
    letter.write_text(json.dumps(line) + "\n", encoding="utf-8")
    run(server, "import", str(letter))
    preview = post(client, "/api/memory/forget/preview", speaker="Anna")
    assert [entry["text"] for entry in preview["entries"]] == ["Another Anna's gasket."]


def test_the_command_forgets_what_i_said(server: Server, client: httpx.Client) -> None:
    """`everword forget --speaker me` takes the owner's words and leaves everybody else's."""
    receipt = json.loads(run(server, "forget", "--speaker", "me", "--yes", "--json"))
    assert receipt["counts"]["entries"] == 1
    assert client.get("/api/memory/status").json()["own"] == 0
    assert post(client, "/api/memory/search", query="gasket", speaker="Ben")["hits"]
