"""Facts on the screen: with their words and their time, set right, pinned, refused; and in Today what was promised."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.acceptance.ui.conftest import signed_in
from tests.server import Server


@pytest.fixture(scope="module")
def knowing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose owner has moved, and has a sister and a promise to keep."""
    server = Server(tmp_path_factory.mktemp("knowing") / "home").start().set_up()
    with server.client as client:
        for text in (
            "I live in Berlin.",
            "I live in Lisbon now.",
            "My sister Maria is a nurse.",
            "I'll send Maria the photographs by Friday.",
        ):
            client.post("/api/messages", json={"text": text, "client_id": str(uuid.uuid4())}).raise_for_status()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            page = client.post("/api/memory/facts/search", json={"state": "all"}).json()
            if len(page["facts"]) >= 4 and client.get("/api/memory/promises").json()["promises"]:
                break
            time.sleep(0.1)
    yield server
    server.stop()


@pytest.fixture
def context(browser: Browser, knowing: Server) -> Iterator[BrowserContext]:
    """A browser profile that is signed in there."""
    context = signed_in(browser, knowing)
    yield context
    context.close()


def test_a_fact_opens_its_words(page: Page) -> None:
    """Each fact stands beside its quote, and the quote leads to the entry in its place, its words marked."""
    page.goto("/memory/facts")
    line = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Maria is a nurse"))
    expect(line.locator("blockquote")).to_contain_text("My sister Maria is a nurse.")
    line.locator("blockquote a").click()
    expect(page.locator(".place .here")).to_contain_text("My sister Maria is a nurse.")


def test_what_was_superseded_comes_back(page: Page) -> None:
    """The old value stands under the new one and in what held before; one press turns them round."""
    page.goto("/memory/facts")
    page.get_by_text("Supersedes 1").click()
    expect(page.locator("del").filter(has_text="You live in Berlin")).to_be_visible()
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_role("heading", name="You live in Berlin")).to_be_visible()
    page.get_by_role("button", name=re.compile("Held before")).click()
    expect(page.get_by_role("heading", name="You live in Lisbon")).to_be_visible()
    page.get_by_role("button", name="Bring it back").first.click()
    page.get_by_role("button", name=re.compile("Holding")).click()
    expect(page.get_by_role("heading", name="You live in Lisbon")).to_be_visible()


def test_a_fact_is_set_right_pinned_and_refused(page: Page) -> None:
    """A correction takes the fact's place as the owner's own word; a pin and a refusal hold."""
    page.goto("/memory/facts")
    line = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="You have a sister named Maria"))
    line.get_by_role("button", name="Pin").click()
    expect(line.get_by_text("Pinned")).to_be_visible()
    line.get_by_role("button", name="Not a fact").click()
    expect(line).to_have_count(0)
    nurse = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Maria is a nurse"))
    nurse.get_by_role("button", name="Correct").click()
    page.get_by_label("What is right").fill("Maria is a doctor")
    page.get_by_label("Since").fill("2024")
    page.get_by_role("button", name="Save").click()
    right = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Maria is a doctor"))
    expect(right).to_contain_text("Your own word")
    expect(right).to_contain_text("from 2024")
    page.get_by_role("searchbox", name="Find in facts").fill("doctor")
    expect(page.get_by_role("heading", name="You live in Lisbon")).to_have_count(0)
    assert "doctor" not in page.url


def test_today_says_what_was_promised(page: Page) -> None:
    """What the owner said they would do stands in Today with its words and its day, until it is done."""
    page.goto("/")
    promised = page.get_by_role("region", name="What you said you would do")
    card = promised.get_by_role("article").filter(has=page.get_by_role("heading", name="Send Maria the photographs"))
    expect(card.locator("blockquote")).to_contain_text("I'll send Maria the photographs by Friday.")
    card.get_by_role("button", name="Done").click()
    expect(card).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="What you said you would do")).to_have_count(0)
