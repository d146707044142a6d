"""Connections to real MCP servers: calls, crashes, silence, cancelling, and the end of processes nobody uses."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import httpx2
import pytest

from everword.connectors.mcp.connections import Connections
from everword.connectors.mcp.errors import ServerBroke, ServerUnreachable, ToolChanged
from everword.connectors.mcp.public_http import PublicTransport
from everword.connectors.mcp.types import Launch, PinnedTool, Transport
from everword.connectors.web.public import IP
from tests.integration.connectors.serving import served_at


@pytest.fixture
def connections() -> Iterator[Connections]:
    made = Connections(start_s=30, call_s=30, idle_s=0.3)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    """What the server says of its tools."""
    command = served_at(tmp_path_factory.mktemp("served"))
    listing = Connections()
    listed = listing.listed(Launch("key", "served", Transport.STDIO, command[0], tuple(command[1:])))
    yield {tool.name: tool for tool in listed}
    listing.stop()


Tools = dict[str, PinnedTool]


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    command = served_at(tmp_path)
    return Launch("key", "served", Transport.STDIO, command[0], tuple(command[1:]), secrets={"TOKEN": "letmein"})


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it is not only waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until_ended(pid: int) -> None:
    """Wait for the end of a process."""
    deadline = time.monotonic() + 20
    while is_running(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def pid_in(path: Path) -> int:
    """Wait for a process to write its number there."""
    deadline = time.monotonic() + 20
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return int(path.read_text())


async def test_a_process_serves_its_calls_and_ends_when_idle(
    connections: Connections, launch: Launch, tools: Tools
) -> None:
    """What is listed can be called, all calls meet one process with its secret, and that ends when nobody calls."""
    assert tools["add"].is_read_only
    assert not tools["note"].is_read_only
    assert not any(tool.is_available for tool in tools.values())
    call = connections.call(launch, "add", tools["add"].hash, {"a": 1, "b": 2})
    first, second = await asyncio.gather(call, connections.call(launch, "add", tools["add"].hash, {"a": 2, "b": 2}))
    assert first.text.startswith("3, by ")
    assert first.text.endswith("with letmein")
    assert first.text[1:] == second.text[1:]
    await asyncio.to_thread(until_ended, int(first.text.split()[2].rstrip(",")))
    failed = await connections.call(launch, "fail", tools["fail"].hash, {"text": "no ink"})
    assert failed.is_error
    assert "fail" in failed.text
    with pytest.raises(ToolChanged):
        await connections.call(launch, "add", "0" * 64, {"a": 1, "b": 2})


async def test_a_crash_is_told_and_the_next_call_starts_anew(
    connections: Connections, launch: Launch, tools: Tools
) -> None:
    """A process that ends in the middle of a call is an error with its last words, and not the end of the server."""
    with pytest.raises(ServerBroke, match=r"out of cheese"):
        await connections.call(launch, "crash", tools["crash"].hash, {"text": "x"})
    assert (await connections.call(launch, "add", tools["add"].hash, {"a": 1, "b": 2})).text.startswith("3")


async def test_a_cancelled_call_kills_the_process(
    connections: Connections, launch: Launch, tools: Tools, tmp_path: Path
) -> None:
    """Whoever stops waiting ends the process that does not answer, by force."""
    call = asyncio.ensure_future(connections.call(launch, "sleep", tools["sleep"].hash, {"text": "x"}))
    pid = await asyncio.to_thread(pid_in, tmp_path / "sleeping")
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.to_thread(until_ended, pid)


@pytest.mark.parametrize("command", ["/no/such/command", "/bin/sleep", "/bin/true"])
async def test_what_does_not_speak_is_told_in_time(command: str) -> None:
    """No such command, one that says nothing, and one that ends at once: nothing was called, and why."""
    impatient = Connections(start_s=0.5)
    arguments = ("60",) if command == "/bin/sleep" else ()
    with pytest.raises(ServerUnreachable, match=r"Nothing was called"):
        await asyncio.to_thread(impatient.listed, Launch("key", "mute", Transport.STDIO, command, arguments))
    impatient.stop()


@pytest.fixture
def over_http(tmp_path: Path) -> Iterator[Launch]:
    """The server over streamable HTTP, at this machine."""
    process = subprocess.Popen([*served_at(tmp_path), "http"], stdout=subprocess.PIPE, env=dict(os.environ))
    assert process.stdout is not None
    url = f"http://127.0.0.1:{int(process.stdout.readline())}/mcp"
    yield Launch("key", "served", Transport.HTTP, url=url, secrets={"X-Token": "letmein"}, is_public_only=False)
    process.kill()
    process.wait()
    process.stdout.close()


async def test_a_server_by_its_address(connections: Connections, over_http: Launch, tools: Tools) -> None:
    """The same over HTTP, with a header that is secret; for who may not reach this machine it is not there."""
    answered = await connections.call(over_http, "add", tools["add"].hash, {"a": 1, "b": 2})
    assert answered.text.startswith("3, by ")
    for wrong in (replace(over_http, secrets={}), replace(over_http, is_public_only=True)):
        with pytest.raises(ServerUnreachable):
            await asyncio.to_thread(connections.listed, wrong)


async def test_reference_servers_are_read_and_called(connections: Connections, tmp_path: Path) -> None:
    """The servers that others wrote as examples: their tools are taken as they are, and answer."""
    clock = Launch("time", "time", Transport.STDIO, sys.executable, ("-m", "mcp_server_time"))
    tools = {tool.name: tool for tool in await asyncio.to_thread(connections.listed, clock)}
    asked = {"source_timezone": "Europe/Vienna", "time": "07:00", "target_timezone": "Asia/Tokyo"}
    answered = await connections.call(clock, "convert_time", tools["convert_time"].hash, asked)
    assert "Asia/Tokyo" in answered.text
    await asyncio.to_thread(subprocess.run, ["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "new.txt").write_text("new")
    git = Launch("git", "git", Transport.STDIO, sys.executable, ("-m", "mcp_server_git"))
    tools = {tool.name: tool for tool in await asyncio.to_thread(connections.listed, git)}
    assert not [tool.why_not for tool in tools.values() if tool.why_not]
    answered = await connections.call(git, "git_status", tools["git_status"].hash, {"repo_path": str(tmp_path)})
    assert "new.txt" in answered.text


async def test_a_public_server_is_reached_at_the_address_that_was_judged(over_http: Launch) -> None:
    """The name stays in the request; what is connected to is the address that was found for it and allowed."""
    found = [ip_address("127.0.0.1")]

    async def resolve(_host: str, _port: int) -> list[IP]:
        return [*found]

    url = over_http.url.replace("127.0.0.1", "wiki.example")
    transport = PublicTransport(resolve, lambda address: str(address) == "127.0.0.1")
    async with httpx2.AsyncClient(transport=transport, trust_env=False) as client:
        assert (await client.get(url)).status_code == 401
        found.append(ip_address("10.0.0.1"))
        with pytest.raises(httpx2.ConnectError, match="public internet"):
            await client.get(url)


def test_nothing_is_left_when_the_program_ends(launch: Launch, tools: Tools) -> None:
    """Stopping ends a process that is in the middle of its idle time."""
    patient = Connections(idle_s=600)
    answered = asyncio.run(patient.call(launch, "add", tools["add"].hash, {"a": 1, "b": 2}))
    pid = int(answered.text.split()[2].rstrip(","))
    assert is_running(pid)
    patient.stop()
    assert not is_running(pid)
