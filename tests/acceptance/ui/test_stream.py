"""The event stream: one for all tabs, taken over when its tab closes, and polled where a proxy holds it back."""

from __future__ import annotations

import socket
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Request, Route, expect

from tests.acceptance.ui.conftest import Say, signed_in
from tests.server import Server, finished

TABS = 10


def is_stream(request: Request) -> bool:
    """Whether a request opens the event stream (rather than polls)."""
    return "/api/events?" in request.url


@pytest.mark.slow
def test_ten_tabs_share_one_stream(context: BrowserContext, say: Say) -> None:
    """Ten tabs hear the same answer over one connection; when the tab that holds it closes, another takes over."""
    streams: list[Request] = []
    context.on("request", lambda request: streams.append(request) if is_stream(request) else None)
    told = say("echo: open")
    tabs = [context.new_page() for _ in range(TABS)]
    for tab in tabs:
        tab.goto(f"/conversations/{told['conversation']['id']}")
        expect(tab.locator(".markdown")).to_have_text("open")
    assert len(streams) == 1

    field = tabs[5].get_by_role("textbox", name="Say something in this conversation")
    field.fill("count to 80 every 50 ms")
    field.press("Enter")
    expect(tabs[9].locator(".markdown").last).to_contain_text("1 2 3 4")
    tabs[0].close()
    whole = " ".join(str(number) for number in range(1, 81))
    for tab in tabs[1:]:
        expect(tab.locator(".markdown").last).to_have_text(whole)
        expect(tab.get_by_role("button", name="Answer again")).to_have_count(2)
    assert len(streams) == 2, "the next tab took over, and only that one"


def test_what_happens_between_snapshot_and_stream_is_seen(page: Page, say: Say, house: Server) -> None:
    """A conversation that was read before the stream was joined, and comes after, is read once more."""
    told = say("echo: before the stream")
    with house.client as client:
        finished(client, told["run"]["id"])
    address = f"/conversations/{told['conversation']['id']}"
    joined: list[Route] = []
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/api/events?*", lambda route: joined.append(route) if not joined else route.fallback())
    page.route(f"**/api{address}", lambda route: held.append((route, route.fetch())) if not held else route.fallback())
    page.goto(address)
    while not (held and joined):
        page.wait_for_timeout(20)
    with house.client as client:
        words = {"text": "echo: in between", "client_id": str(uuid.uuid4())}
        later = client.post(f"/api{address}/messages", json=words).raise_for_status().json()
        finished(client, later["run"]["id"])
    joined[0].continue_()
    page.wait_for_timeout(500)  # the greeting comes with the first bytes of the stream
    route, snapshot = held[0]
    route.fulfill(response=snapshot)
    expect(page.locator(".markdown").last).to_have_text("in between")


def test_behind_a_buffering_proxy_it_polls(page: Page) -> None:
    """Where no greeting comes through within four seconds, the page asks again and again, and hears everything."""
    polls: list[Request] = []
    page.on("request", lambda request: polls.append(request) if "/api/events/poll" in request.url else None)
    page.route("**/api/events?*", lambda _route: None)  # taken, and never let through
    page.goto("/conversations/new")
    field = page.get_by_role("textbox", name="Say something in this conversation")
    field.fill("count to 40 every 100 ms")
    field.press("Enter")
    expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    expect(page.locator(".markdown")).to_have_text(" ".join(str(number) for number in range(1, 41)))
    assert polls


@pytest.mark.slow
def test_a_restarted_server_is_found_again(browser: Browser, tmp_path: Path) -> None:
    """While the server is down the page says so; when it is back, the page goes on where it was."""
    server = Server(tmp_path / "home", EVERWORD_PORT=str(free_port())).start().set_up()
    context = signed_in(browser, server)
    page = context.new_page()
    page.goto("/conversations/new")
    field = page.get_by_role("textbox", name="Say something in this conversation")
    field.fill("echo: before")
    field.press("Enter")
    expect(page.locator(".markdown")).to_have_text("before")
    server.kill()
    expect(page.get_by_text("Not connected since a moment ago")).to_be_visible()
    server.start()
    expect(page.get_by_text("Not connected since a moment ago")).to_be_hidden()
    field.fill("echo: after")
    field.press("Enter")
    expect(page.locator(".markdown").last).to_have_text("after")
    context.close()
    server.stop()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
