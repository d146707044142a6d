"""The event stream: one for all tabs, taken over when its tab closes, and polled where a proxy holds it back."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.acceptance.ui.conftest import Say

TABS = 10


def is_stream(request: Request) -> bool:
    """Whether a request opens the event stream (rather than polls)."""
    return "/api/events?" in request.url


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


def test_a_restarted_server_is_found_again(page: Page, context: BrowserContext, say: Say) -> None:
    """While the line is down the page says so; afterwards it shows what happened meanwhile."""
    told = say("echo: before")
    page.goto(f"/conversations/{told['conversation']['id']}")
    expect(page.locator(".markdown")).to_have_text("before")
    context.set_offline(True)
    expect(page.get_by_text("Not connected since a moment ago")).to_be_visible(timeout=60_000)
    context.set_offline(False)
    expect(page.get_by_text("Not connected since a moment ago")).to_be_hidden(timeout=60_000)
    field = page.get_by_role("textbox", name="Say something in this conversation")
    field.fill("echo: after")
    field.press("Enter")
    expect(page.locator(".markdown").last).to_have_text("after")
