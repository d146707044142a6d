"""Keys: the command bar, the walks between screens, and where single keys must be silent."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.acceptance.ui.conftest import Say


def test_the_command_bar_asks(page: Page) -> None:
    """From any screen, a slash, words and Enter begin a conversation."""
    page.goto("/models")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("echo: from the bar")
    page.keyboard.press("Enter")
    expect(page.locator(".markdown")).to_have_text("from the bar")
    expect(page).to_have_url(re.compile(r"/conversations/"))
    expect(page.get_by_role("textbox", name="Say something in this conversation")).to_be_focused()


def test_the_command_bar_finds_what_was_said(page: Page, say: Say) -> None:
    """Typed words find the entry they stand in, marked; the arrow and Enter open it in its place."""
    say("echo: The wheelbarrow is behind the orangery")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("wheelbarrow")
    option = page.get_by_role("group", name="Said").get_by_role("option").first
    expect(option.locator("mark")).to_have_text(re.compile("wheelbarrow", re.IGNORECASE))
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="In its place")).to_be_visible()
    expect(page.locator(".here")).to_contain_text("wheelbarrow")


def test_keys_walk_and_are_silent_in_fields(page: Page) -> None:
    """g then m goes to Memory; the same letters in a field are letters; Escape gives focus back."""
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(page).to_have_url(re.compile("/memory$"))
    page.goto("/conversations/new")
    page.get_by_role("textbox", name="Say something in this conversation").press_sequentially("g t / ?")
    expect(page).to_have_url(re.compile("/conversations/new$"))
    expect(page.get_by_role("textbox", name="Say something in this conversation")).to_have_value("g t / ?")
    page.get_by_role("textbox", name="Say something in this conversation").fill("")
    page.goto("/")
    page.get_by_role("button", name=re.compile("Ask, or say what to do")).click()
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=re.compile("Ask, or say what to do"))).to_be_focused()


def test_single_keys_can_be_switched_off(page: Page) -> None:
    """Switched off, a slash does nothing and Ctrl K still opens the bar."""
    page.goto("/settings")
    page.get_by_role("switch", name="Single keys").click()
    expect(page.get_by_role("switch", name="Single keys")).to_have_attribute("aria-checked", "false")
    page.locator("body").press("/")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Ask or do")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("switch", name="Single keys").click()
    expect(page.get_by_role("switch", name="Single keys")).to_have_attribute("aria-checked", "true")
