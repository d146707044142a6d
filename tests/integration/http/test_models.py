"""The models' screen over HTTP: what answers, providers and their keys, offers, weights, the real small model."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.local_model import small_weights
from tests.server import Server
from tests.wire.openai import OpenAIServer

NOWHERE = "http://127.0.0.1:9/simple"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of an owner, with the small model's weights at hand and a key in its environment."""
    home = tmp_path_factory.mktemp("models") / "home"
    environment = {
        "EVERWORD_MODEL": "",
        "EVERWORD_PACKAGE_INDEX": NOWHERE,
        "EVERWORD_WEIGHTS": str(small_weights().parent),
        "ANTHROPIC_API_KEY": "key-of-the-environment",
    }
    server = Server(home, **environment).start().set_up()
    yield server
    server.stop()


@pytest.fixture
def owner(server: Server) -> Iterator[httpx.Client]:
    """A client that acts as the owner."""
    with server.client as client:
        yield client


def read(client: httpx.Client) -> dict[str, Any]:
    """The models' screen."""
    found: dict[str, Any] = client.get("/api/models").raise_for_status().json()
    return found


def recommended(client: httpx.Client) -> dict[str, Any]:
    """The catalogue's recommended entry."""
    found: dict[str, Any] = next(entry for entry in read(client)["catalogue"] if entry["is_recommended"])
    return found


@pytest.mark.model
def test_the_small_model_answers_from_the_start(owner: httpx.Client) -> None:
    """Without any setting the small local model becomes ready, and it is said that it is local."""
    deadline = time.monotonic() + 60
    while read(owner)["state"] != "ready" and time.monotonic() < deadline:
        time.sleep(0.1)
    found = read(owner)
    assert (found["state"], found["is_locked"]) == ("ready", False)
    assert found["active"]["id"] == "local/smollm2-135m"
    assert found["active"]["is_local"] is True
    small, better = [entry for entry in found["catalogue"] if entry["role"] == "chat"]
    assert (small["state"], small["is_active"]) == ("ready", True)
    assert (better["state"], better["is_recommended"], better["licence"]) == ("missing", True, "Apache-2.0")
    assert better["size_bytes"] == 1117320768


def test_what_is_found_is_only_offered(owner: httpx.Client) -> None:
    """A key in the environment is an offer that shows no key, and changes nothing by itself."""
    found = read(owner)
    (offer,) = [offer for offer in found["offers"] if offer["found_in"] == "environment"]
    assert (offer["name"], offer["kind"]) == ("anthropic", "anthropic")
    assert "key-of-the-environment" not in str(found)
    assert found["active"] is None or found["active"]["is_local"]


def test_a_provider_from_its_key_to_its_removal(server: Server, owner: httpx.Client) -> None:
    """Add, test, pick, mend a wrong key, remove: the key is sealed and the local model answers again at the end."""
    with OpenAIServer() as provider:
        new = {"kind": "openai_compatible", "name": "own", "base_url": f"{provider.url}/v1", "key": "wrong-key-123456"}
        added = owner.post("/api/providers", json=new)
        assert added.status_code == 201
        assert added.json()["key_hint"] == "3456"
        assert "wrong-key" not in added.text
        address = f"/api/providers/{added.json()['id']}"
        refused = owner.post(f"{address}/test")
        assert (refused.status_code, refused.json()["error"]["code"]) == (502, "model_wrong_key")
        owner.patch(address, json={"key": "right-key"}).raise_for_status()
        tested = owner.post(f"{address}/test").raise_for_status().json()
        assert tested == {"ok": True, "models": [
            {"id": "own/gpt-5", "title": "gpt-5"}, {"id": "own/gpt-4o", "title": "gpt-4o"},
        ]}  # fmt: skip
        picked = owner.put("/api/models/active", json={"model": "own/gpt-5"}).raise_for_status().json()
        assert (picked["id"], picked["is_local"], picked["provider"]) == ("own/gpt-5", True, "own")
        again = owner.post("/api/providers", json=new)
        assert again.status_code == 409
        owner.delete(address).raise_for_status()
    assert (read(owner)["active"] or {"id": "local/"})["id"].startswith("local/")
    with sqlite3.connect(server.home / "everword.db") as connection:
        assert connection.execute("SELECT count(*) FROM secret").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ({"kind": "openai_compatible"}, "must look like"),
        ({"kind": "openai_compatible", "base_url": "file:///etc/passwd"}, "must look like"),
        ({"kind": "openai_compatible", "base_url": "https://name:password@server/v1"}, "must look like"),
        ({"kind": "openai_compatible", "base_url": "https://server", "name": "local"}, "cannot name a provider"),
        ({"kind": "openai_compatible", "base_url": "https://server", "name": "a/b"}, "cannot name a provider"),
        ({"kind": "local"}, "Choose"),
    ],
)
def test_a_provider_that_cannot_be_is_refused(owner: httpx.Client, new: dict[str, str], says: str) -> None:
    """Addresses and names that cannot be get a sentence that says what they should look like."""
    answer = owner.post("/api/providers", json=new)
    assert answer.status_code == 422
    assert says in answer.json()["error"]["message"]


def test_a_model_nobody_has_is_refused(owner: httpx.Client) -> None:
    """Picking a model of a provider that is not there, or weights that are not here, changes nothing."""
    before = read(owner)["active"]
    assert owner.put("/api/models/active", json={"model": "nobody/gpt"}).status_code == 404
    assert owner.put("/api/models/active", json={"model": "local/gpt"}).status_code == 404
    missing = owner.put("/api/models/active", json={"model": "local/qwen2.5-coder-1.5b"})
    assert missing.json()["error"]["code"] == "weights_source_missing"
    assert read(owner)["active"] == before


def test_fetching_without_a_network_says_so_and_can_be_paused(owner: httpx.Client) -> None:
    """Where no source can be reached the entry says why; the small model goes on."""
    assert owner.post("/api/weights/qwen2.5-coder-1.5b/fetch").status_code == 202
    deadline = time.monotonic() + 60
    while (better := recommended(owner))["state"] != "failed" and time.monotonic() < deadline:
        time.sleep(0.2)
    assert "press Fetch again" in better["error"]
    assert owner.delete("/api/weights/qwen2.5-coder-1.5b/fetch").status_code == 200
    assert owner.post("/api/weights/unheard-of/fetch").status_code == 404


def test_the_environments_model_is_shown_as_locked(tmp_path: Path) -> None:
    """With EVERWORD_MODEL set the screen shows who decides, and picking another is refused."""
    locked = Server(tmp_path / "home", EVERWORD_PACKAGE_INDEX=NOWHERE).start().set_up()
    try:
        with locked.client as client:
            found = read(client)
            assert (found["is_locked"], found["locked_by"]) == (True, "EVERWORD_MODEL")
            assert found["active"]["id"] == "scripted"
            refused = client.put("/api/models/active", json={"model": "local/smollm2-135m"})
            assert (refused.status_code, refused.json()["error"]["code"]) == (409, "model_locked")
    finally:
        locked.stop()
