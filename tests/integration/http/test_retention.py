"""How long entries are kept, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.server import Server


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server's owner."""
    server = Server(tmp_path_factory.mktemp("retention") / "home").start().set_up()
    with server.client as client:
        yield client
    server.stop()


def test_no_setting_in_passing_shortens_what_is_kept(client: httpx.Client) -> None:
    """The settings know no span, and no span is taken that is not one of those that there are."""
    assert client.patch("/api/settings", json={"keep_entries": "30 days"}).status_code == 422
    assert client.put("/api/memory/retention", json={"keep": "3 minutes"}).status_code == 422
    assert client.get("/api/memory/retention").json()["keep"] == "for ever"


def test_a_span_is_chosen_shown_on_today_and_taken_back(client: httpx.Client) -> None:
    """A preview changes nothing; a choice waits, and Today says until when."""
    due = client.post("/api/memory/retention/preview", json={"keep": "90 days"}).raise_for_status().json()
    assert (due["entry_count"], due["entries"]) == (0, [])
    assert due["begins_at"] > due["before"]
    assert client.get("/api/memory/retention").json()["coming"] is None
    chosen = client.put("/api/memory/retention", json={"keep": "90 days"}).raise_for_status().json()
    assert (chosen["keep"], chosen["coming"]["keep"]) == ("for ever", "90 days")
    today = client.get("/api/today").json()
    assert today["forgets"] == chosen["coming"]
    assert today["forgotten"] == []
    assert client.delete("/api/memory/retention/coming").json()["coming"] is None
    assert client.get("/api/today").json()["forgets"] is None
