"""The routes of imports and exports, over real HTTP messages into the real application's router."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from everword.core.types import Label, Principal
from everword.http import faults, imports
from everword.http.door import principal
from everword.intake.service import Intake
from everword.storage.database import Database
from tests.integration.intake.bringing import ledger
from tests.unit.intake.made import chatgpt_export, lines, trip


class Preferences:
    """What Anna set on her screen."""

    def read_all(self, _who: Principal) -> dict[str, Any]:
        """Her time zone."""
        return {"time_zone": "Europe/Berlin"}


@dataclass
class House:
    """The part of the house that these routes need."""

    database: Database
    intake: Intake
    preferences: Preferences


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """A house without a worker's thread, so that each step can be looked at."""
    return House(database, Intake(database, tmp_path / "intake", max_bytes=3_000_000), Preferences())


@pytest.fixture
async def client(house: House, anna: Principal) -> AsyncIterator[httpx.AsyncClient]:
    """Anna, signed in."""
    app = FastAPI()
    app.state.everword = house
    app.include_router(imports.router)
    app.dependency_overrides[principal] = lambda: anna
    faults.install(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http:
        yield http


async def test_a_file_is_brought_and_told_of(client: httpx.AsyncClient, house: House, anna: Principal) -> None:
    """A body of bytes becomes a queued job, and once it ran its counts and report are there, in her time zone."""
    line = {"id": "1", "said_at": "2024-07-01T12:00:00", "speaker": "Anna", "text": "Hi"}
    name = "Gespräche & mehr.jsonl"
    sent = await client.post("/api/imports", params={"name": name, "me": "anna"}, content=lines(line) + b"{bad\n")
    assert sent.status_code == 202
    job = sent.json()["job"]
    assert (job["state"], job["name"], job["format"], job["ended_at"]) == ("queued", name, None, None)
    house.intake.run_queued()
    ended = (await client.get(f"/api/imports/{job['id']}")).json()["job"]
    assert (ended["state"], ended["format"], ended["done_bytes"]) == ("delivered", "entries", ended["size_bytes"])
    assert ended["counts"] == {"conversations": 0, "entries": 1, "already_there": 0, "skipped": 1}
    assert ended["report"] == [{"what": f"{name}, line 2", "why": "it is no JSON", "count": 1}]
    assert (await client.get("/api/imports")).json() == {"jobs": [ended]}
    (entry,) = ledger(house.database, anna)
    assert (entry.label, entry.said_at.isoformat()) == (Label.OWNER, "2024-07-01T10:00:00+00:00")


async def test_a_body_without_a_length_is_streamed(client: httpx.AsyncClient, house: House) -> None:
    """A body that comes in pieces of unknown number arrives whole."""
    content = chatgpt_export(trip())

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(content), 100):
            yield content[at : at + 100]

    sent = await client.post("/api/imports", params={"name": "x.zip", "owner_is_me": "true"}, content=pieces())
    assert sent.json()["job"]["size_bytes"] == len(content)
    house.intake.run_queued()
    assert (await client.get("/api/imports")).json()["jobs"][0]["counts"]["entries"] == 6


@pytest.mark.parametrize(
    ("params", "content", "headers", "status", "code"),
    [
        ({"name": "a"}, b"", {}, 422, "invalid"),
        ({}, b"x", {}, 422, "invalid"),
        ({"name": "a", "format": "pst"}, b"x", {}, 422, "invalid"),
        ({"name": "a", "time_zone": "Nowhere"}, b"x", {}, 422, "invalid"),
        ({"name": "a"}, b"x", {"Content-Type": "multipart/form-data; boundary=b"}, 422, "invalid"),
        ({"name": "a"}, b"x" * 3_000_001, {}, 413, "import_too_large"),
    ],
)
async def test_what_is_refused_leaves_nothing(
    client: httpx.AsyncClient,
    tmp_path: Path,
    params: dict[str, str],
    content: bytes,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    """Bad requests get a status, a code and a sentence, and no job and no file stays behind."""
    refused = await client.post("/api/imports", params=params, content=content, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
    assert (await client.get("/api/imports")).json() == {"jobs": []}
    assert not list((tmp_path / "intake").glob("*"))


async def test_more_than_the_limit_in_pieces_is_cut_off(client: httpx.AsyncClient, tmp_path: Path) -> None:
    """A body that does not say how long it is, and is too long, is refused and removed."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield bytes(100_000)

    refused = await client.post("/api/imports", params={"name": "a"}, content=endless())
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "import_too_large")
    assert not list((tmp_path / "intake").glob("*"))


async def test_cancel_and_resume(client: httpx.AsyncClient, house: House) -> None:
    """A queued import can be cancelled; one that ended cannot be resumed and says why."""
    job = (await client.post("/api/imports", params={"name": "a"}, content=b"hello")).json()["job"]
    assert (await client.delete(f"/api/imports/{job['id']}")).json()["job"]["state"] == "cancelled"
    refused = await client.post(f"/api/imports/{job['id']}/resume")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_resumable")
    house.intake.run_queued()
    assert (await client.get(f"/api/imports/{job['id']}")).json()["job"]["state"] == "cancelled"
    missing = await client.delete("/api/imports/0190b5a0-0000-7000-8000-000000000000")
    assert missing.status_code == 404


async def test_the_export_is_a_zip_by_name(client: httpx.AsyncClient, house: House) -> None:
    """Everything comes as a zip with a name and a date, not kept by any cache."""
    await client.post("/api/imports", params={"name": "x.zip"}, content=chatgpt_export(trip()))
    house.intake.run_queued()
    got = await client.get("/api/export")
    assert got.headers["content-type"] == "application/zip"
    assert got.headers["content-disposition"].startswith('attachment; filename="everword-20')
    assert got.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        kinds = [json.loads(line)["type"] for line in archive.read("everword.jsonl").splitlines()]
    assert kinds == ["everword", "conversation", *["entry"] * 6, "attachment", "shown"]
