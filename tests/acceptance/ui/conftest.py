"""A real browser on a real server: one server for the screens' tests, a page that is signed in for each."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.chromium import ARGUMENTS
from tests.server import PASSWORD, Server

WAIT_MS = 20_000
expect.set_options(timeout=WAIT_MS)

Say = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Chromium, driven from outside."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an owner, shared by tests that each begin conversations of their own."""
    server = Server(tmp_path_factory.mktemp("house") / "home").start().set_up()
    yield server
    server.stop()


def signed_in(browser: Browser, server: Server, **options: Any) -> BrowserContext:
    """A browser profile with a session, got by the password (`test_setup` signs in on the screen)."""
    context = browser.new_context(base_url=server.base_url, **options)
    context.set_default_timeout(WAIT_MS)
    answer = context.request.post("/api/login", data={"password": PASSWORD}, headers={"Origin": server.base_url})
    assert answer.ok, answer.text()
    return context


@pytest.fixture
def context(browser: Browser, house: Server) -> Iterator[BrowserContext]:
    """A browser profile that is signed in."""
    context = signed_in(browser, house)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab that is signed in; whatever its scripts complain of fails the test."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if "Policy" in message.text else None,  # content, permissions
    )
    yield page
    page.close()
    assert not complaints


@pytest.fixture
def say(house: Server) -> Say:
    """Begins a conversation from outside the browser; returns what the server said to it once that can be found."""

    def say(text: str) -> dict[str, Any]:
        with house.client as client:
            told: dict[str, Any] = (
                client.post("/api/messages", json={"text": text, "client_id": str(uuid.uuid4())})
                .raise_for_status()
                .json()
            )
            deadline = time.monotonic() + WAIT_MS / 1000
            while not client.get("/api/memory/status").json()["index"]["is_current"] and time.monotonic() < deadline:
                time.sleep(0.05)
        return told

    return say
