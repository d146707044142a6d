"""Incognito in the browser: words on one page and nowhere else, streaming, Stop, and a warning on leaving."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.acceptance.ui.conftest import signed_in
from tests.acceptance.ui.test_screens import violations
from tests.server import Server

pytestmark = pytest.mark.slow

SHOTS = os.environ.get("SHOTS")
WORD = "Hagebuttenmark"

# Everything in which a browser keeps what a page gives it.
STORED = """async () => {
  const found = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie,
    JSON.stringify(history.state), document.title, location.href];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) {
      found.push(request.url, await (await caches.match(request)).text());
    }
  for (const { name } of await indexedDB.databases()) found.push(name);
  return found;
}"""


def shot(page: Page, name: str) -> None:
    """A picture for whoever asks for them (SHOTS=folder)."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def say(page: Page, text: str) -> None:
    """Type and send."""
    page.get_by_role("textbox", name="Say something incognito").fill(text)
    page.keyboard.press("Enter")


def answers(page: Page) -> Any:
    """The turns of the assistant."""
    return page.locator("main .said:not(.said-owner)")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_screen_says_what_it_is(browser: Browser, house: Server, width: int, theme: Any) -> None:
    """The banner, a conversation, a failure and the warning: accessible and within their width, in light and dark."""
    context = signed_in(browser, house, viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    page.goto("/incognito")
    expect(page.get_by_text("Nothing that is said here is kept.")).to_be_visible()
    expect(page.get_by_text("scripted answers, on this machine.")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": width, "height": 900})
    shot(page, f"incognito-empty-{width}-{theme}")
    say(page, "echo: A **strong** word and a list:\n\n- one\n- two")
    expect(answers(page).first).to_contain_text("two")
    say(page, "fail server")
    expect(page.get_by_role("alert")).to_contain_text("Try again")
    assert violations(page) == []
    page.set_viewport_size({"width": width, "height": 900})
    shot(page, f"incognito-talk-{width}-{theme}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Begin anew").click()
    expect(page.get_by_role("dialog", name="Let this conversation go?")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": width, "height": 900})
    shot(page, f"incognito-leave-{width}-{theme}")
    page.get_by_role("button", name="Let 4 messages go").click()
    expect(answers(page)).to_have_count(0)
    context.close()


def test_words_stay_on_the_page(page: Page, house: Server) -> None:
    """No storage of the browser, no address, title or list has a word, drafts included; nor has the server's memory."""
    page.goto("/incognito")
    say(page, f"echo: {WORD} in tea")
    expect(answers(page)).to_contain_text(f"{WORD} in tea")
    say(page, "history")
    expect(answers(page).nth(1)).to_contain_text("I was given 4 messages")
    page.get_by_role("textbox", name="Say something incognito").fill(f"half typed {WORD}")
    assert WORD not in json.dumps(page.evaluate(STORED))
    expect(page.get_by_role("complementary", name="Everword")).not_to_contain_text(WORD)
    with house.client as client:
        assert WORD not in client.get("/api/memory/timeline").text + client.get("/api/conversations").text
    page.get_by_role("link", name="Memory").first.click()
    page.get_by_role("button", name="Let 4 messages go").click()
    expect(page).to_have_url(re.compile("/memory$"))
    page.go_back()
    expect(page.get_by_text("Nothing that is said here is kept.")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text(WORD)
    expect(page.get_by_role("textbox", name="Say something incognito")).to_have_value("")


def test_leaving_asks_first(page: Page) -> None:
    """A link, the browser's Back and a reload ask before the words go; Stay keeps them; an empty page asks nothing."""
    page.goto("/settings")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page).to_have_url(re.compile("/incognito$"))
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.go_forward()
    say(page, f"echo: {WORD}")
    expect(answers(page)).to_contain_text(WORD)
    for leave in (
        page.get_by_role("link", name="Settings").first.click,
        lambda: page.evaluate("history.back()"),
    ):
        leave()
        expect(page.get_by_role("dialog")).to_contain_text("nowhere but on this page")
        page.get_by_role("button", name="Stay").click()
        expect(page).to_have_url(re.compile("/incognito$"))
        expect(answers(page)).to_contain_text(WORD)
    asked: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.evaluate("setTimeout(() => location.reload(), 0)")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    expect(answers(page)).to_contain_text(WORD)
    page.keyboard.press("Escape")
    page.evaluate("history.back()")
    page.get_by_role("dialog").press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.evaluate("history.back()")
    page.get_by_role("button", name="Let 2 messages go").click()
    expect(page).not_to_have_url(re.compile("/incognito$"))


def test_stop_answer_again_and_what_is_typed_meanwhile(page: Page) -> None:
    """Stop keeps what was written on the page, Answer again replaces it, and what is sent meanwhile follows."""
    page.goto("/incognito")
    say(page, "count to 1000 every 20 ms")
    expect(answers(page)).to_contain_text("5")
    page.get_by_role("main").get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("What had been written is on this page.")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(answers(page)).to_have_count(1)
    expect(answers(page)).to_contain_text("4 5")
    say(page, "echo: after it")
    expect(page.get_by_text("Sends after this answer")).to_be_visible()
    page.keyboard.press("Shift+Escape")
    expect(answers(page).nth(1)).to_contain_text("after it")


def test_text_files_are_read_by_the_page(page: Page, tmp_path: Path) -> None:
    """A text file's words reach the model with the message; anything else is refused with what to do."""
    page.goto("/incognito")
    picker = page.locator("input[type=file]")
    picker.set_input_files({"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 \xff\xfe\x00"})
    expect(page.get_by_role("alert")).to_contain_text("scan.pdf is not a plain text file")
    picker.set_input_files({"name": "big.txt", "mimeType": "text/plain", "buffer": b"x" * 200_001})
    expect(page.get_by_role("alert")).to_contain_text("larger than 200 kB")
    picker.set_input_files({"name": "jam.txt", "mimeType": "text/plain", "buffer": f"Boil {WORD} twice.".encode()})
    expect(page.get_by_role("list", name="Attached")).to_contain_text("jam.txt")
    say(page, "What do I boil?")
    expect(answers(page)).to_contain_text(f"Boil {WORD} twice.")


def test_each_tab_has_its_own(page: Page) -> None:
    """Another tab begins with nothing, and what is said in one is not in the other."""
    page.goto("/incognito")
    say(page, f"echo: {WORD}")
    expect(answers(page)).to_contain_text(WORD)
    other = page.context.new_page()
    other.goto("/incognito")
    expect(other.get_by_text("Nothing that is said here is kept.")).to_be_visible()
    expect(other.locator("body")).not_to_contain_text(WORD)
    other.close()


def test_it_is_at_hand(page: Page) -> None:
    """It begins from the command bar, beside New conversation, from the list, and from a conversation not yet begun."""
    page.goto("/")
    page.get_by_role("complementary", name="Everword").get_by_role("link", name="New incognito conversation").click()
    expect(page).to_have_url(re.compile("/incognito$"))
    page.goto("/conversations")
    page.get_by_role("main").get_by_role("link", name="New incognito conversation").click()
    expect(page).to_have_url(re.compile("/incognito$"))
    page.goto("/conversations/new")
    page.get_by_role("link", name="Incognito instead").click()
    expect(page).to_have_url(re.compile("/incognito$"))
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("/")
    page.get_by_role("combobox").fill("incognito")
    page.get_by_role("option", name="New incognito conversation").click()
    expect(page).to_have_url(re.compile("/incognito$"))


def test_a_server_that_ends_takes_no_words_along(browser: Browser, tmp_path: Path) -> None:
    """Killed in the middle, the page says what broke off and that it alone has the words; they go on with the next."""
    server = Server(tmp_path / "home", EVERWORD_PORT="0").start().set_up()
    try:
        context = signed_in(browser, server)
        page = context.new_page()
        page.goto("/incognito")
        say(page, f"echo: {WORD}")
        expect(answers(page)).to_contain_text(WORD)
        say(page, "count to 1000 every 20 ms")
        expect(answers(page).nth(1)).to_contain_text("5")
        server.kill()
        expect(page.get_by_role("alert").filter(has_text="broke off in the middle")).to_be_visible()
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("alert").filter(has_text="still on this page")).to_be_visible()
        expect(answers(page).first).to_contain_text(WORD)
        shot(page, "incognito-broken")
        context.close()
    finally:
        server.stop()
