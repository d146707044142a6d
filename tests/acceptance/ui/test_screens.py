"""Every screen: accessible, within its width, in light and dark, on a phone and on a desk."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.ui.conftest import Say, signed_in
from tests.server import Server

pytestmark = pytest.mark.slow

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCREENS = [
    "/",
    "/needs-you",
    "/work",
    "/conversations",
    "/conversations/new",
    "/memory",
    "/memory/search",
    "/memory/facts",
    "/memory/bring",
    "/memory/forget",
    "/models",
    "/incognito",
    "/account/delete",
    "/settings",
]


def violations(page: Page) -> list[str]:
    """What axe finds on the whole page, with nothing beneath the line at its foot."""
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": page.evaluate("innerWidth"), "height": height})
    found: dict[str, Any] = Axe().run(page, options={"runOnly": RULES}).response
    return [f"{item['id']}: {item['nodes'][0]['target']}" for item in found["violations"]]


def settled(page: Page) -> None:
    """Wait until the screen has loaded what it shows."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("load")
    page.wait_for_timeout(500)


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1440, "light")])
def test_axe_finds_nothing(browser: Browser, house: Server, say: Say, width: int, theme: Any) -> None:
    """No screen, and nothing that opens over one, breaks a rule that axe knows."""
    told = say("echo: # Head\n\nA `word` and a list:\n\n- one\n- two\n\n```python\nx = 1\n```\n\n|a|b|\n|-|-|\n|1|2|")
    context = signed_in(browser, house, viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    found: dict[str, list[str]] = {}
    for path in [*SCREENS, f"/conversations/{told['conversation']['id']}", "/nowhere"]:
        page.goto(path)
        settled(page)
        found[path] = violations(page)
    page.goto("/")
    settled(page)
    page.keyboard.press("/")
    expect(page.get_by_role("dialog", name="Ask or do")).to_be_visible()
    found["command bar"] = violations(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    found["keys"] = violations(page)
    context.close()
    assert {path: rules for path, rules in found.items() if rules} == {}


@pytest.mark.parametrize("size", [pytest.param((320, 1), id="320 px"), pytest.param((1280, 2), id="200 % text")])
def test_nothing_is_cut_off(browser: Browser, house: Server, say: Say, size: tuple[int, int]) -> None:
    """At 320 px, and at twice the text size, no screen scrolls sideways."""
    width, text = size
    told = say("echo: Donaudampfschifffahrtsgesellschaftskapitaenswitwenrente https://example.com/" + "a" * 200)
    context = signed_in(browser, house, viewport={"width": width, "height": 900})
    page = context.new_page()
    sizes = {"standard": 16 * text, "fixed": 13 * text}  # the browser's own setting, which widths in em follow
    context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": sizes})
    too_wide = []
    for path in [*SCREENS, f"/conversations/{told['conversation']['id']}"]:
        page.goto(path)
        settled(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(path)
    context.close()
    assert too_wide == []


def test_the_theme_is_there_before_the_first_paint(page: Page) -> None:
    """A chosen theme is set by the page itself on the next visit, and "as the system" takes it back."""
    page.goto("/settings")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.route("**/api/**", lambda _route: None)
    page.goto("/", wait_until="commit")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.unroute_all()
    page.goto("/settings")
    page.get_by_role("button", name="As the system").click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")
