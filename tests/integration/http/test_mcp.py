"""The MCP server, asked with the official client over streamable HTTP and over standard input and output."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from tests.server import Server

WORD = "Quittenhain"
ERAS = ["auto", "legacy"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of an owner who said where her orchard is."""
    server = Server(tmp_path_factory.mktemp("mcp") / "home").start().set_up()
    with server.client as client:
        message = {"text": f"My orchard by the river is called {WORD}.", "client_id": "orchard-1"}
        client.post("/api/messages", json=message).raise_for_status()
        _until_findable(client)
    yield server
    server.stop()


def _until_findable(client: httpx.Client) -> None:
    until = time.monotonic() + 20
    while not client.get("/api/memory/status").json()["index"]["is_current"]:
        assert time.monotonic() < until
        time.sleep(0.05)


def key_of(server: Server, *scopes: str, name: str = "Notes program") -> str:
    """A fresh key with those scopes."""
    with server.client as client:
        made = client.post("/api/keys", json={"name": name, "scopes": list(scopes)}).raise_for_status()
    secret: str = made.json()["secret"]
    return secret


@asynccontextmanager
async def over_http(server: Server, key: str, mode: str = "auto") -> AsyncIterator[Client]:
    """The official client over streamable HTTP, with a key."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=30) as http,
        Client(streamable_http_client(f"{server.base_url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


@asynccontextmanager
async def over_stdio(home: Path, *arguments: str, mode: str = "auto") -> AsyncIterator[Client]:
    """The official client over the command's standard input and output."""
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "everword.cli.main", "mcp", *arguments],
        env={**os.environ, "EVERWORD_HOME": str(home)},
    )
    async with Client(command, mode=mode) as client:
        yield client


def words_of(result: Any) -> str:
    """What a model would read of a result."""
    return "".join(part.text for part in result.content)


@pytest.mark.parametrize("mode", ERAS)
async def test_recall_gives_quotes_that_can_be_cited(house: Server, mode: str) -> None:
    """A quote comes verbatim with its entry, speaker, time and label, and its address opens the entry."""
    async with over_http(house, key_of(house, "recall"), mode) as client:
        found = await client.call_tool("recall", {"question": "What is my orchard called?"})
        assert not found.is_error
        quote = found.structured_content["quotes"][0]
        assert WORD in quote["words"]
        assert (quote["label"], quote["speaker"]) == ("owner", "You")
        assert quote["said_at"].endswith("Z")
        assert WORD in words_of(found)
        assert quote["uri"] in words_of(found)
        read = await client.read_resource(quote["uri"])
        assert WORD in read.contents[0].text  # type: ignore[union-attr]
        context = await client.call_tool("context", {"entry_id": quote["entry_id"]})
        assert "owner" in {entry["label"] for entry in context.structured_content["entries"]}


async def test_the_timeline_is_read_to_its_end(house: Server) -> None:
    """Pages follow each other without a gap or a repetition, and a day begins the reading at its end."""
    async with over_http(house, key_of(house, "recall")) as client:
        seen: list[str] = []
        before: str | None = None
        while True:
            page = await client.call_tool("timeline", {"limit": 1, "before": before})
            seen += [entry["entry_id"] for entry in page.structured_content["entries"]]
            before = page.structured_content["next"]
            if before is None:
                break
        assert len(seen) == len(set(seen)) >= 2
        early = await client.call_tool("timeline", {"day": "2001-01-01"})
        assert early.structured_content["entries"] == []
        newest = await client.read_resource("everword://timeline")
        assert WORD in newest.contents[0].text  # type: ignore[union-attr]


@pytest.mark.parametrize("mode", ERAS)
async def test_a_key_that_reads_cannot_write(house: Server, mode: str) -> None:
    """`remember` is not offered to a key without its scope, and calling it writes nothing."""
    async with over_http(house, key_of(house, "recall"), mode) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == {"recall", "timeline", "context", "facts"}
        with pytest.raises(MCPError, match="remember"):
            await client.call_tool("remember", {"text": "The gate is green."})
    async with over_http(house, key_of(house, "remember"), mode) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == {"remember"}
        with pytest.raises(MCPError):
            await client.read_resource("everword://timeline")
    with house.client as http:
        entries = http.get("/api/memory/timeline").json()["entries"]
    assert not [entry for entry in entries if "gate is green" in entry["text"]]


async def test_what_a_program_remembers_is_never_the_owners_word(house: Server) -> None:
    """The entry is the program's, labelled as a tool's, there once however often it is told, and found by recall."""
    async with over_http(house, key_of(house, "recall", "remember", name="Herbarium")) as client:
        first = await client.call_tool("remember", {"text": "The owner's greenhouse holds seven ferns."})
        again = await client.call_tool("remember", {"text": "The owner's greenhouse holds seven ferns."})
        assert first.structured_content["is_new"] is True
        assert again.structured_content == first.structured_content | {"is_new": False}
        with house.client as http:
            entry = http.get(f"/api/entries/{first.structured_content['entry_id']}").raise_for_status().json()
            _until_findable(http)
        assert (entry["label"], entry["speaker"], entry["source"]) == ("tool", "Herbarium", "program")
        found = await client.call_tool("recall", {"question": "How many ferns are in the greenhouse?"})
        quote = found.structured_content["quotes"][0]
        assert (quote["label"], quote["speaker"]) == ("tool", "Herbarium")


@pytest.mark.slow
async def test_facts_come_with_the_words_they_stand_on(house: Server) -> None:
    """A fact is found by its words, with its quote; so is what is known about the owner, as a resource."""
    with house.client as http:
        message = {"text": "I live in Coimbra.", "client_id": "coimbra-1"}
        http.post("/api/messages", json=message).raise_for_status()
    async with over_http(house, key_of(house, "recall")) as client:
        until = time.monotonic() + 20
        while not (found := await client.call_tool("facts", {"words": "Coimbra", "about": ""})).structured_content[
            "facts"
        ]:
            assert time.monotonic() < until
            await asyncio.sleep(0.1)
        fact = found.structured_content["facts"][0]
        assert (fact["about"], fact["label"], fact["state"]) == ("", "owner", "holds")
        assert "Coimbra" in fact["quotes"][0]["words"]
        assert fact["quotes"][0]["uri"] in words_of(found)
        profile = await client.read_resource("everword://profile")
        assert "Coimbra" in profile.contents[0].text  # type: ignore[union-attr]
        none = await client.call_tool("facts", {"words": "Zanzibar"})
        assert "No facts fit" in words_of(none)


async def test_wrong_input_is_told_in_a_sentence(house: Server) -> None:
    """Bad arguments, too much text and unknown ids come back as errors that a model can read; nothing is written."""
    async with over_http(house, key_of(house, "recall", "remember")) as client:
        calls: list[tuple[str, dict[str, Any], str]] = [
            ("recall", {}, "question"),
            ("recall", {"question": "x", "limit": 5000}, "limit"),
            ("recall", {"question": "x", "colour": "red"}, "colour"),
            ("timeline", {"before": "yesterday"}, "before"),
            ("context", {"entry_id": "nonsense"}, "entry_id"),
            ("context", {"entry_id": "00000000-0000-7000-8000-0000000000ff"}, "no such entry"),
            ("remember", {"text": "   "}, "empty"),
            ("remember", {"text": "x" * 20_001}, "20000"),
        ]
        for name, arguments, says in calls:
            result = await client.call_tool(name, arguments)
            assert result.is_error, name
            assert says in words_of(result), words_of(result)
        with pytest.raises(MCPError, match="no such resource"):
            await client.read_resource("everword://passwords")
        with pytest.raises(MCPError):
            await client.call_tool("forget", {})


def test_the_door_stands_before_it(house: Server) -> None:
    """No key, a key for something else, another site's page, another host's name or a huge body: refused, by status."""
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    good = {"Authorization": f"Bearer {key_of(house, 'recall')}", **accept}
    with httpx.Client(base_url=house.base_url, trust_env=False) as http:
        assert http.post("/mcp", json=message, headers=accept).status_code == 401
        models = {"Authorization": f"Bearer {key_of(house, 'models')}", **accept}
        refused = http.post("/mcp", json=message, headers=models)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "out_of_scope")
        assert http.post("/mcp", json=message, headers={**good, "Origin": "https://evil.example"}).status_code == 403
        assert http.post("/mcp", json=message, headers={**good, "Host": "evil.example"}).status_code == 421
        assert http.post("/mcp", content=b" " * 2_000_000, headers=good).status_code == 413
        assert http.get("/mcp", headers=good).status_code == 405
        assert http.post("/mcp", json=message, headers=good).status_code == 200
        assert http.post("/mcp/", json=message, headers=good).status_code == 200
        assert http.post("/api/memory/recall", json={"question": "x"}, headers=good).status_code == 403


async def test_one_persons_key_sees_only_their_words(tmp_path: Path) -> None:
    """With two people on one server, neither recall, timeline, context nor an address reaches the other's words."""
    from everword.accounts.people import create_person
    from everword.storage.database import Database

    server = Server(tmp_path / "home").start().set_up()
    try:
        database = Database(f"sqlite:///{server.home / 'everword.db'}")
        create_person(database, "Ben")
        database.close()
        with server.client as http:
            http.headers["X-Everword-Person"] = "Anna"
            said = http.post("/api/messages", json={"text": f"echo: {WORD}", "client_id": "orchard-2"})
            entry_id = said.raise_for_status().json()["entry"]["id"]
            _until_findable(http)
            http.headers["X-Everword-Person"] = "Ben"
            made = http.post("/api/keys", json={"name": "his", "scopes": ["recall"]}).raise_for_status()
        async with over_http(server, made.json()["secret"]) as client:
            for name, arguments in [("recall", {"question": WORD}), ("timeline", {})]:
                assert WORD not in str(await client.call_tool(name, arguments))
            assert (await client.call_tool("context", {"entry_id": entry_id})).is_error
            with pytest.raises(MCPError):
                await client.read_resource(f"everword://entries/{entry_id}")
    finally:
        server.stop()


@pytest.mark.parametrize("mode", ERAS)
async def test_the_command_speaks_on_standard_input_and_output(house: Server, mode: str) -> None:
    """`everword mcp` offers what /mcp does, as the owner of this machine; what the client is called is the speaker."""
    async with over_stdio(house.home, mode=mode) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        assert tools == {"recall", "timeline", "context", "facts", "remember"}
        found = await client.call_tool("recall", {"question": "What is my orchard called?"})
        assert WORD in found.structured_content["quotes"][0]["words"]
        kept = await client.call_tool("remember", {"text": f"The well is left of the barn ({mode})."})
        with house.client as http:
            entry = http.get(f"/api/entries/{kept.structured_content['entry_id']}").raise_for_status().json()
        assert (entry["label"], entry["speaker"]) == ("tool", "mcp")
        read = await client.read_resource(found.structured_content["quotes"][0]["uri"])
        assert WORD in read.contents[0].text  # type: ignore[union-attr]
        wrong = await client.call_tool("recall", {"question": ""})
        assert "question" in words_of(wrong)
    async with over_stdio(house.home, "--read-only", mode=mode) as client:
        assert "remember" not in {tool.name for tool in (await client.list_tools()).tools}


@pytest.mark.slow
async def test_the_command_outlives_the_server(tmp_path: Path) -> None:
    """Without a running Everword a call says so; once it runs, and after it ran anew, the same client is answered."""
    home = tmp_path / "home"
    home.mkdir()
    async with over_stdio(home) as client:
        early = await client.call_tool("timeline", {})
        assert early.is_error
        assert "everword serve" in words_of(early)
        server = Server(home).start()
        try:
            assert "no owner yet" in words_of(await client.call_tool("timeline", {}))
            server.set_up()
            assert not (await client.call_tool("timeline", {})).is_error
            server.kill()
            gone = await client.call_tool("timeline", {})
            assert gone.is_error
            assert "everword serve" in words_of(gone)
            server.start()
            assert not (await client.call_tool("timeline", {})).is_error
        finally:
            server.stop()
