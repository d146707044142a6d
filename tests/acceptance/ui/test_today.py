"""The brief on Today, and the screens of what begins by itself and what is to be done, in a real browser."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.ui.conftest import signed_in
from tests.acceptance.ui.test_screens import violations
from tests.server import Server


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: what stands in its brief is what these tests put there."""
    server = Server(tmp_path_factory.mktemp("morning") / "home").start().set_up()
    yield server
    server.stop()


@pytest.fixture
def due(house: Server) -> Iterator[None]:
    """Three tasks that are due today, in a brief."""
    with house.client as client:
        for title in ("Order the coping stones", "Call Wim", "Read the offer"):
            asked = {"title": title, "due": "today", "client_id": str(uuid.uuid4())}
            client.post("/api/tasks", json=asked).raise_for_status()
        client.post("/api/brief").raise_for_status()
    yield
    with house.client as client:
        for task in client.get("/api/tasks").json()["tasks"]:
            client.delete(f"/api/tasks/{task['id']}")


def test_a_card_is_answered_where_it_stands(page: Page, house: Server, due: None) -> None:
    """By key and by press: done is done in the list of tasks, later is held back, undone it is open; then it ends."""
    page.goto("/")
    brief = page.get_by_role("region", name="The brief").first
    expect(brief.get_by_role("article")).to_have_count(3)
    lead, second = brief.get_by_role("article").nth(0), brief.get_by_role("article").nth(1)
    title = lead.get_by_role("heading").inner_text()
    page.keyboard.press("d")
    expect(lead.get_by_role("status")).to_contain_text("Done.")
    page.keyboard.press("j")
    page.keyboard.press("l")
    expect(second.get_by_role("status")).to_contain_text("Set aside until the next brief.")
    second.get_by_role("button", name="Undo").click()
    expect(second.get_by_role("button", name="Done")).to_be_visible()
    expect(page.get_by_text("That is all")).to_be_visible()
    page.goto("/work/tasks")
    page.get_by_text("Done: 1 task").click()
    expect(page.get_by_role("checkbox", name=f"Done: {title}")).to_be_checked()


def test_a_schedule_says_what_it_understood_before_it_is_made(page: Page) -> None:
    """Words come back as a rule with its next times; made it tells what a run may use, is changed and
    paused, and deleted only after a second press."""
    page.goto("/work/schedules")
    page.get_by_label("What is to be done").fill("What is new in the register?")
    page.get_by_label("When", exact=True).fill("every weekday at 8:30")
    expect(page.get_by_text("At 08:30 on Monday through Friday")).to_be_visible()
    page.get_by_text("At most 200,000 tokens").press("Enter")
    page.get_by_label("Tokens").fill("lots")
    page.get_by_label("US dollars").fill("0,5")
    page.get_by_label("Calls of tools").fill("0")
    page.get_by_role("button", name="Make the schedule").click()
    expect(page.get_by_role("alert")).to_have_text(["Must be a whole number.", "Must be 1 or more."])
    expect(page.get_by_label("Tokens")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Calls of tools")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Tokens").fill("5 000")
    page.get_by_label("Calls of tools").fill("")
    page.get_by_role("button", name="Make the schedule").click()
    line = page.get_by_role("listitem").filter(has_text="What is new in the register?")
    expect(line).to_be_focused()
    expect(line).to_contain_text("At most 5,000 tokens, $0.50, 50 calls of tools, 4 h of work a run.")
    line.get_by_role("button", name="Change").click()
    line.get_by_label("Time zone").fill("Asia/Tokyo")
    line.get_by_role("button", name="Save").click()
    expect(line).to_contain_text("(Asia/Tokyo)")
    expect(line.get_by_role("button", name="Change")).to_be_focused()
    line.get_by_role("button", name="Pause").click()
    expect(line.get_by_text("Paused", exact=True)).to_be_visible()
    line.get_by_role("button", name="Delete").click()
    line.get_by_role("button", name="Delete this schedule").click()
    expect(page.get_by_role("heading", name="Nothing begins by itself")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1440, "dark")])
def test_axe_finds_nothing(browser: Browser, house: Server, due: None, width: int, theme: Any) -> None:
    """The brief, schedules, tasks and MCP servers, with something in each, break no rule; nothing scrolls sideways."""
    with house.client as client:
        asked = {"when": "every day at 7", "text": "Look", "client_id": str(uuid.uuid4())}
        client.post("/api/schedules", json=asked).raise_for_status()
        client.post("/api/notes", json={"text": "A note", "client_id": str(uuid.uuid4())}).raise_for_status()
    context = signed_in(browser, house, viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    found: dict[str, object] = {}
    for path in ("/", "/work/schedules", "/work/tasks", "/models/servers", "/settings"):
        page.goto(path)
        expect(page.locator("#main:not([aria-busy=true])")).to_have_count(1)
        if path == "/work/schedules":
            page.get_by_role("button", name="Change").first.click()
            page.locator(".starters summary").click()
        page.wait_for_timeout(700)
        found[path] = [*violations(page), page.evaluate("document.documentElement.scrollWidth > innerWidth")]
    context.close()
    assert {path: rules for path, rules in found.items() if rules != [False]} == {}
