"""A running server for the tests that talk to one."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.server import Server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for a module: each test talks in a conversation of its own."""
    server = Server(tmp_path_factory.mktemp("running") / "home").start().set_up()
    yield server
    server.stop()


@pytest.fixture
def client(running: Server) -> Iterator[httpx.Client]:
    """Its owner, signed in."""
    with running.client as client:
        yield client
