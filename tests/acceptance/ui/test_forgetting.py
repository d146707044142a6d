"""Forgetting on the Memory screen: what would go is seen, typed for, followed, and answered with a receipt."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.ui.conftest import Say, signed_in
from tests.acceptance.ui.test_screens import violations
from tests.server import Server, finished

SHOTS = os.environ.get("SHOTS")


def shot(page: Page, name: str) -> None:
    """A picture for whoever asks for them (SHOTS=folder)."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), pytest.param(1440, "light", marks=pytest.mark.slow)])
def test_words_are_forgotten_on_the_screen(browser: Browser, house: Server, say: Say, width: int, theme: Any) -> None:
    """Nothing goes before its number is typed; then the receipt is there, and the words are in no page or address."""
    word = f"Xanthippe{width}"
    told = say(f"The tortoise in the greenhouse is called {word}")
    with house.client as client:
        finished(client, told["run"]["id"])
    say("echo: The plums stay")
    context = signed_in(browser, house, viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    page.goto("/memory/forget")
    expect(page.get_by_role("button", name="Show what would go")).to_be_disabled()
    shot(page, f"choose-{width}")
    page.get_by_label("Entries that have all of these words").fill(word)
    page.get_by_role("button", name="Show what would go").click()
    expect(page.get_by_role("heading", name="Forget 2 entries")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": width, "height": 900})
    shot(page, f"preview-{width}")
    forget = page.get_by_role("button", name="Forget 2 entries")
    expect(forget).to_be_disabled()
    page.get_by_label("Type “2 entries” to go on").fill("2 entries")
    forget.click()
    expect(page.get_by_role("heading", name="2 entries gone").first).to_be_visible()
    expect(page.get_by_text("Nothing found").first).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": width, "height": 900})
    shot(page, f"receipt-{width}")
    assert word not in page.url
    expect(page.locator("body")).not_to_contain_text("The tortoise in the")  # nor in the list of conversations
    page.goto("/memory")
    expect(page.get_by_role("heading", name="Every word, newest first")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text(word)
    context.close()


def test_one_entry_is_forgotten_from_where_it_stands(page: Page, say: Say, house: Server) -> None:
    """The entry's own Forget opens the preview of it; Keep everything leaves it there."""
    told = say("echo: The spare key hangs behind the barometer")
    with house.client as client:
        finished(client, told["run"]["id"])
    page.goto("/memory")
    line = page.locator(".said", has_text="behind the barometer").first
    line.get_by_role("link", name="Forget").click()
    expect(page.get_by_role("heading", name="Forget 1 entry")).to_be_visible()
    expect(page.get_by_role("group", name="These stay, and repeat the words")).to_contain_text("barometer")
    page.get_by_role("button", name="Keep everything").click()
    page.goto("/memory")
    expect(page.locator(".said", has_text="behind the barometer").first).to_be_visible()
