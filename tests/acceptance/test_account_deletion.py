"""One of several people deletes their account: words, files, keys and the account go; the others notice nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from everword.accounts.people import create_person
from everword.core.types import Principal
from everword.storage.database import Database
from everword.storage.schema import metadata
from everword.storage.schema.base import space_of
from tests.acceptance.test_backup import command
from tests.integration.memory.forgetting.finding import places, server_files
from tests.postgres import PostgresServer
from tests.server import PASSWORD, Server, finished

pytestmark = pytest.mark.slow

SECRET = "Schlehenfeuer23"
SET = "Wacholderdunst8"
OTHERS = "Quittenspeck55"


@dataclass
class Shared:
    """A server with two people on it, Anna who set it up and Ben, and its database."""

    server: Server
    database: Database
    postgres: PostgresServer | None
    key: str = ""

    def holding(self, word: str) -> set[str]:
        """Where a word stands, in rows, indexes and files; with PostgreSQL in the files of its tables."""
        found = places(self.server.home, self.database, word)
        return found | (server_files(self.postgres, self.database, word) if self.postgres else set())

    def ben(self) -> httpx.Client:
        """Ben's browser, signed in by his password."""
        with httpx.Client(base_url=self.server.base_url, trust_env=False) as door:
            answer = door.post("/api/login", json={"person": "Ben", "password": PASSWORD}).raise_for_status()
            headers = {"X-CSRF-Token": answer.json()["csrf_token"]}
            return httpx.Client(
                base_url=door.base_url, headers=headers, cookies=door.cookies, trust_env=False, timeout=60
            )

    def rows_of(self, space_id: str) -> dict[str, int]:
        """How many rows of a space each table has, where it has any."""
        system = Principal.system()
        with self.database.reading(system) as connection:
            counts = {
                table.name: connection.execute(
                    select(func.count()).select_from(table).where(space_of(table) == space_id)
                ).scalar_one()
                for table in metadata.sorted_tables
            }
        return {name: int(count) for name, count in counts.items() if count}


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shared]:
    """Two people who have said something, on SQLite and on PostgreSQL."""
    home = tmp_path / "home"
    postgres: PostgresServer | None = None
    url = f"sqlite:///{home / 'everword.db'}"
    environment = {}
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres_server")
        url = postgres.fresh_database()
        environment = {"EVERWORD_DATABASE_URL": url}
    server = Server(home, **environment).start().set_up()
    shared = Shared(server, Database(url), postgres)
    create_person(shared.database, "Ben", PASSWORD)
    with server.client as client:
        client.headers["X-Everword-Person"] = "Anna"
        _say(client, f"echo: {OTHERS} is mine")
    _fill(shared)
    yield shared
    server.stop()
    shared.database.close()
    if postgres is not None:
        postgres.drop(url)


def _say(client: httpx.Client, text: str) -> None:
    said = client.post("/api/messages", json={"text": text, "client_id": f"said-{time.monotonic_ns()}"})
    finished(client, said.raise_for_status().json()["run"]["id"])


def _fill(shared: Shared) -> None:
    """Ben says, sets, attaches and imports something, makes a key, and begins a long answer."""
    with shared.ben() as ben:
        _say(ben, f"echo: the fire is called {SECRET}")
        ben.patch("/api/settings", json={"own_instructions": f"Always think of {SET}."}).raise_for_status()
        ben.post("/api/attachments", params={"name": f"{SECRET}.txt"}, content=SECRET.encode()).raise_for_status()
        lines = "".join(
            json.dumps({"id": str(at), "text": f"{SECRET} number {at}", "said_at": f"2026-01-0{at + 1}T10:00:00Z"})
            + "\n"
            for at in range(5)
        )
        job = ben.post("/api/imports", params={"name": f"{SECRET}.jsonl"}, content=lines).raise_for_status().json()
        until = time.monotonic() + 30
        while ben.get(f"/api/imports/{job['job']['id']}").json()["job"]["state"] in {"queued", "running"}:
            assert time.monotonic() < until
            time.sleep(0.1)
        made = ben.post("/api/keys", json={"name": "notebook", "scopes": ["api"]}).raise_for_status()
        shared.key = made.json()["secret"]
        ben.post("/api/messages", json={"text": "count to 10000 every 50 ms", "client_id": "a-long-answer"})


def events_of(answer: httpx.Response) -> list[tuple[str, dict[str, Any]]]:
    """Server-sent events, whole."""
    frames = [frame.split("\n") for frame in answer.raise_for_status().text.split("\n\n") if frame]
    return [(lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))) for lines in frames]


def person_of(shared: Shared) -> str | None:
    """Ben's own space, as long as there is one."""
    from everword.accounts import store

    with shared.database.reading(Principal.system()) as connection:
        found = store.find_login(connection, Principal.system(), "Ben")
    return found[0].own_space if found else None


def test_an_account_goes_with_every_word(shared: Shared) -> None:
    """Only the name and the password open the deletion; then nothing of Ben is left, and Anna has all of hers."""
    space_id = person_of(shared)
    assert space_id is not None
    assert len(shared.rows_of(space_id)) > 8
    assert shared.holding(SECRET)
    assert shared.holding(SET)
    with shared.ben() as ben:
        assert ben.get("/api/account").json() | {"entries": 0} == {"name": "Ben", "entries": 0, "can_be_deleted": True}
        for given, status in [
            ({"name": "Anna", "password": PASSWORD}, 422),
            ({"name": "Ben", "password": "a wrong sentence"}, 401),
            ({"name": "Ben"}, 401),
        ]:
            assert ben.post("/api/account/delete", json=given).status_code == status
        key = {"Authorization": f"Bearer {shared.key}"}
        with httpx.Client(base_url=shared.server.base_url, headers=key, trust_env=False) as program:
            refused = program.post("/api/account/delete", json={"name": "Ben", "password": PASSWORD})
            assert refused.json()["error"]["code"] == "needs_person"
            told = events_of(ben.post("/api/account/delete", json={"name": "Ben", "password": PASSWORD}, timeout=120))
            assert told[-1][0] == "done", told[-1]
            assert program.get("/api/settings").status_code == 401
        assert ben.get("/api/settings").status_code == 401
    receipt = told[-1][1]["receipt"]
    assert receipt["counts"]["entries"] >= 8
    assert all(check["found"] == 0 for check in receipt["checks"])
    assert SECRET not in json.dumps(receipt)
    assert person_of(shared) is None
    assert shared.rows_of(space_id) == {}
    assert not (shared.server.home / "index" / "live" / space_id).exists()
    assert shared.holding(SECRET) == set()
    assert shared.holding(SET) == set()
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        shared.ben()
    with shared.server.client as client:
        entries = client.get("/api/memory/timeline").json()["entries"]  # one person is left: no name is needed
        assert OTHERS in json.dumps(entries)
    create_person(shared.database, "Ben", PASSWORD)
    with shared.ben() as another:
        assert another.get("/api/memory/timeline").json()["entries"] == []


def test_killed_in_the_middle_it_goes_on(shared: Shared) -> None:
    """kill -9 while the words go: nobody comes in as Ben any more, and after the next start all of it goes."""
    space_id = person_of(shared)
    assert space_id is not None
    with shared.ben() as ben:
        with ben.stream("POST", "/api/account/delete", json={"name": "Ben", "password": PASSWORD}) as stream:
            assert any("forgetting" in piece for piece in stream.iter_text())
        shared.server.kill()
    shared.server.start()
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        shared.ben()
    until = time.monotonic() + 90
    while person_of(shared) is not None or shared.holding(SECRET) or shared.holding(SET):
        assert time.monotonic() < until, (person_of(shared), shared.holding(SECRET), shared.holding(SET))
        time.sleep(0.2)
    assert shared.rows_of(space_id) == {}
    assert shared.holding(OTHERS)


@pytest.mark.parametrize("shared", ["sqlite"], indirect=True)
@pytest.mark.parametrize("is_running", [True, False], ids=["running", "stopped"])
def test_the_command_asks_and_deletes(shared: Shared, *, is_running: bool) -> None:
    """Without the name typed nothing goes; the one who set it up cannot go; with --yes a receipt is printed."""
    if not is_running:
        shared.server.stop()
    assert delete(shared, "--person", "Ben").returncode == 1
    anna = delete(shared, "--person", "Anna", "--yes")
    assert anna.returncode == 1
    assert "delete-everything" in anna.stderr
    assert shared.holding(SECRET)
    done = delete(shared, "--person", "Ben", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"]["accounts"] == 1
    assert person_of(shared) is None
    assert shared.holding(SECRET) == set()
    assert shared.holding(OTHERS)


@pytest.mark.parametrize("shared", ["sqlite"], indirect=True)
def test_a_restore_leaves_the_account_out(shared: Shared, tmp_path: Path) -> None:
    """Backed up before and restored after: the receipt names the backup, and Ben is not in what comes back."""
    backup, key = tmp_path / "monday.everword", tmp_path / "key"
    assert command(shared.server.home, "backup", str(backup), "--key-file", str(key)).returncode == 0
    done = delete(shared, "--person", "Ben", "--yes")
    assert done.returncode == 0, done.stderr
    assert "monday.everword" in done.stdout
    elsewhere = tmp_path / "elsewhere"
    restored = command(elsewhere, "restore", str(backup), "--key-file", str(key))
    assert restored.returncode == 0, restored.stderr
    database = Database(f"sqlite:///{elsewhere / 'everword.db'}")
    back = Shared(Server(elsewhere), database, None)
    assert person_of(back) is None
    assert back.holding(SECRET) | back.holding(SET) == set()
    assert back.holding(OTHERS)
    database.close()


def delete(shared: Shared, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own, with another name typed."""
    return subprocess.run(
        [sys.executable, "-m", "everword.cli.main", "delete-account", *arguments],
        env={**os.environ, "EVERWORD_HOME": str(shared.server.home), "EVERWORD_MODEL": "scripted"},
        input="Anna\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
