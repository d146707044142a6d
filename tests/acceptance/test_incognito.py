"""Incognito: an answer over real HTTP, and not one word of it in anything that Everword or its database keeps."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from everword.storage.database import Database
from tests.integration.memory.forgetting.finding import _holds, places
from tests.local_model import small_weights
from tests.postgres import PostgresServer
from tests.server import Server, finished

pytestmark = pytest.mark.slow

ORDINARY = "Birnenkraut41"
SAID = "Zwetschgenmus17"
JSON = {"Content-Type": "application/json"}


class Kept:
    """A server with its database, and everything that either of them has written anywhere."""

    def __init__(self, server: Server, url: str, postgres: PostgresServer | None) -> None:
        self.server = server
        self.url = url
        self.postgres = postgres

    def holding(self, word: str) -> set[str]:
        """Where a word stands: tables, indexes, files, the log; with PostgreSQL every file of its cluster too."""
        database = Database(self.url)
        try:
            found = places(self.server.home, database, word)
        finally:
            database.close()
        if _holds(self.server.log.read_bytes(), word):
            found.add("log")
        if self.postgres is not None:
            self.postgres._admin(_checkpoint())
            found |= {
                f"cluster {path.name}"
                for path in (self.postgres.log.parent).rglob("*")
                if path.is_file() and _holds(path.read_bytes(), word)
            }
        return found


def _checkpoint() -> Any:
    from psycopg import sql

    return sql.SQL("CHECKPOINT")


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    """A server with an owner, on SQLite and on PostgreSQL."""
    home = tmp_path / "home"
    if request.param == "sqlite":
        server, url, postgres = Server(home), f"sqlite:///{home / 'everword.db'}", None
    else:
        postgres = request.getfixturevalue("postgres_server")
        url = postgres.fresh_database()
        server = Server(home, EVERWORD_DATABASE_URL=url)
    yield Kept(server.start().set_up(), url, postgres)
    server.stop()
    if postgres is not None:
        postgres.drop(url)


def you(text: str, *files: tuple[str, str]) -> dict[str, Any]:
    """A turn of the person's."""
    return {"speaker": "you", "text": text, "files": [{"name": name, "text": words} for name, words in files]}


def everword(text: str) -> dict[str, Any]:
    """A turn of the assistant's."""
    return {"speaker": "everword", "text": text}


def events_of(client: httpx.Client, *turns: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Ask incognito, and read the whole answer."""
    answer = client.post("/api/incognito", content=json.dumps({"turns": turns}), headers=JSON)
    answer.raise_for_status()
    frames = [frame.split("\n") for frame in answer.text.split("\n\n") if frame]
    return [(lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))) for lines in frames]


def words_of(events: list[tuple[str, dict[str, Any]]]) -> str:
    """What the model said."""
    return "".join(values["text"] for name, values in events if name == "delta")


def plant(client: httpx.Client) -> None:
    """Say the word incognito in every way there is: asked, answered, attached, stopped, broken off, refused, faulty."""
    assert words_of(events_of(client, you(f"echo: {SAID} is sweet"))) == f"{SAID} is sweet"
    said = events_of(client, you(f"What is {SAID}?"), everword(f"{SAID} is a jam."), you("history"))
    assert "4 messages" in words_of(said)
    attached = events_of(client, you("And this?", (f"{SAID}.txt", f"A whole page on {SAID}. " * 200)))
    assert attached[-1][0] == "done"
    stopping = {"turns": [you(f"count to 100000 every 20 ms, {SAID}")]}
    with client.stream("POST", "/api/incognito", json=stopping) as stream:
        assert any("delta" in piece for piece in stream.iter_text())
    for fault in ("drop", "server", "key", "rate", "context"):
        assert events_of(client, you(f"fail {fault} {SAID}"))[-1][0] == "failed"
    half_a_pair = you(f"{SAID} \ud800")
    for wrong in ([{"speaker": SAID, "text": SAID}], SAID, [everword(SAID)], [half_a_pair]):
        assert client.post("/api/incognito", content=json.dumps({"turns": wrong}), headers=JSON).status_code == 422
    assert client.post("/api/incognito", content=SAID * 700_000, headers=JSON).status_code == 413
    assert client.post("/api/incognito", content=f"{{{SAID}", headers=JSON).status_code == 422


def test_nothing_of_it_is_kept_anywhere(kept: Kept) -> None:
    """What is said ordinarily is found in tables and files; what is said incognito in none, also after kill -9."""
    with kept.server.client as client:
        plant(client)
        said = client.post("/api/messages", json={"text": f"echo: {ORDINARY} is tart", "client_id": "ordinary-1"})
        finished(client, said.raise_for_status().json()["run"]["id"])
        client.post("/api/memory/search", json={"query": ORDINARY}).raise_for_status()
        found = kept.holding(ORDINARY)
        assert any("entry" in place for place in found), found
        assert any("index" in place for place in found), found
        assert kept.holding(SAID) == set()
        endless = {"turns": [you(f"count to 100000 every 20 ms, {SAID}")]}
        with client.stream("POST", "/api/incognito", json=endless) as stream:
            pieces = stream.iter_text()
            assert any("delta" in piece for piece in pieces)
            kept.server.kill()
            with pytest.raises(httpx.HTTPError):
                list(pieces)
    assert kept.holding(SAID) == set()
    kept.server.start()
    with kept.server.client as client:
        assert client.get("/api/memory/timeline").json()["entries"][0]["text"] == f"{ORDINARY} is tart"
        assert len(client.get("/api/conversations").json()["conversations"]) == 1
        assert (
            words_of(events_of(client, you(f"echo: {SAID} again"))) == f"{SAID} again"
        )  # the page still had the words
    kept.server.stop()
    assert kept.holding(SAID) == set()
    assert kept.holding(ORDINARY)


def test_only_figures_are_counted(owned_server: Server) -> None:
    """A call leaves one row of usage, with the model, tokens and times, and no run that it would belong to."""
    with owned_server.client as client:
        events_of(client, you("echo: one two three"))
    owned_server.stop()
    with sqlite3.connect(owned_server.home / "everword.db") as connection:
        rows = connection.execute("SELECT model, status, run_id, completion_tokens FROM usage").fetchall()
        runs = connection.execute("SELECT count(*) FROM run").fetchone()
        events = connection.execute("SELECT count(*) FROM event").fetchone()
    connection.close()
    assert rows == [("scripted/scripted", "completed", None, 3)]
    assert (runs, events) == ((0,), (0,))


def test_leaving_stops_the_model(owned_server: Server) -> None:
    """When the page goes, the model stops: its call is counted as stopped."""
    endless = {"turns": [you("count to 100000 every 20 ms")]}
    with owned_server.client as client, client.stream("POST", "/api/incognito", json=endless) as stream:
        assert any("delta" in piece for piece in stream.iter_text())
    until = time.monotonic() + 20
    with sqlite3.connect(owned_server.home / "everword.db") as connection:
        while not (rows := connection.execute("SELECT status FROM usage").fetchall()):
            assert time.monotonic() < until
            time.sleep(0.05)
    connection.close()
    assert rows == [("stopped",)]


@pytest.mark.model
def test_the_real_local_model_keeps_nothing_either(tmp_path: Path) -> None:
    """With a model on this machine, whose prompts it keeps in memory, no file of ours has a word of it."""
    environment = {"EVERWORD_MODEL": "local/smollm2-135m", "EVERWORD_WEIGHTS": str(small_weights().parent)}
    server = Server(tmp_path / "home", **environment).start().set_up()
    kept = Kept(server, f"sqlite:///{server.home / 'everword.db'}", None)
    try:
        with server.client as client:
            client.timeout = httpx.Timeout(120)
            turns = [you(f"My neighbour is called {SAID}. Say that name.")]
            for _turn in range(2):
                events = events_of(client, *turns)
                assert events[-1][0] == "done", events[-1]
                turns += [everword(words_of(events)), you(f"Say {SAID} once more.")]
            assert kept.holding(SAID) == set()
    finally:
        server.stop()
    assert kept.holding(SAID) == set()
