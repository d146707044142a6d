"""Triggers on the screen: made by what comes, tried from a terminal, changed, paused and deleted, and told truly."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.ui.conftest import Say, signed_in
from tests.acceptance.ui.test_screens import violations
from tests.server import Server


def line(page: Page, text: str) -> Locator:
    """The trigger that does that."""
    return page.locator(".starters > li").filter(has_text=text)


def test_new_words_set_a_trigger_off(page: Page, house: Server, say: Say) -> None:
    """Refused without a condition, made with one, set off by what the owner says, paused, changed by keys, deleted."""
    page.goto("/work/triggers")
    expect(page.get_by_role("heading", name="Nothing is set off by what comes")).to_be_visible()
    page.get_by_label("What is to be done then").fill("Say hello")
    page.get_by_role("button", name="Make the trigger").click()
    expect(page.get_by_role("alert")).to_contain_text("Every word would be too many.")
    page.get_by_label("Words it has to say").fill("parcel ferry")
    page.get_by_label("Who has to say it").fill("Anna")
    page.get_by_label("What comes while its run before").select_option("skip")
    page.get_by_role("button", name="Make the trigger").click()
    made = line(page, "Say hello")
    expect(made).to_contain_text("When you say “parcel ferry”")
    expect(made).to_contain_text("Not set off yet.")
    say("echo: the parcel came by the ferry")
    expect(made).to_contain_text("Last set off today")
    made.get_by_role("link", name="Its newest run").click()
    expect(page.get_by_role("list", name="Steps")).to_contain_text("the parcel came by the ferry")
    page.go_back()
    made.get_by_role("button", name="Pause").click()
    expect(made.locator(".state")).to_have_text("Paused")
    page.locator("#main").focus()
    page.keyboard.press("j")
    expect(made).to_be_focused()
    made.get_by_role("button", name="Change").click()
    made.get_by_label("What is to be done then").fill("Say good day")
    made.get_by_role("button", name="Save").click()
    changed = line(page, "Say good day")
    expect(changed.locator(".state")).to_have_text("Paused")
    changed.get_by_role("button", name="Delete").click()
    expect(changed).to_contain_text("Nothing sets it off again, not even what waits.")
    changed.get_by_role("button", name="Delete this trigger").click()
    expect(page.get_by_role("heading", name="Nothing is set off by what comes")).to_be_visible()


def test_the_example_of_a_webhook_works_as_it_stands(page: Page) -> None:
    """Copied into a terminal it is taken, once its secret is in it; that is told once, and another ends the first."""
    page.goto("/work/triggers")
    page.get_by_label("A message from another program (webhook)").check()
    page.get_by_label("What is to be done then").fill("Say who rang")
    page.get_by_role("button", name="Make the trigger").click()
    made = line(page, "Say who rang")
    example = made.get_by_role("group", name="To try it, in a terminal")
    assert "whsec_…" not in example.inner_text()
    assert sent(example.inner_text()) == "202"
    expect(made).to_contain_text("Last set off today")
    made.get_by_role("link", name="Its newest run").click()
    expect(page.get_by_role("list", name="Steps")).to_contain_text("Somebody rang at the door.")
    page.goto("/work/triggers")
    made.get_by_role("button", name="How to send to it").click()
    assert "whsec_…" in example.inner_text()
    made.get_by_role("button", name="Make another secret").click()
    expect(made).to_contain_text("It is shown this once; copy it now.")
    told = example.inner_text()
    assert "whsec_…" not in told
    made.get_by_role("button", name="Delete").click()
    expect(made).to_contain_text("Its address and its secret stop working at once.")
    made.get_by_role("button", name="Delete this trigger").click()
    expect(made).to_have_count(0)
    assert sent(told) == "401"


def sent(example: str) -> str:
    """Run what the screen shows in a shell; the status of the answer."""
    done = subprocess.run(["/bin/sh", "-c", example], capture_output=True, text=True, timeout=30, check=True, env={})
    found = re.match(r"HTTP/\S+ (\d+)", done.stdout)
    assert found is not None, done.stdout
    return found[1]


@pytest.mark.slow
@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1440, "light")])
def test_axe_finds_nothing(browser: Browser, house: Server, width: int, theme: Any) -> None:
    """The list with what opens in it breaks no rule that axe knows, and nothing scrolls sideways."""
    with house.client as client:
        for number, more in enumerate(({"kind": "webhook"}, {"kind": "entry", "words": "w" * 200})):
            body = {"text": f"Axe {number}", "client_id": f"axe-{width}-{number}", **more}
            client.post("/api/triggers", json=body).raise_for_status()
    context = signed_in(browser, house, viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    page.goto("/work/triggers")
    line(page, "Axe 0").get_by_role("button", name="How to send to it").first.click()
    line(page, "Axe 1").get_by_role("button", name="Change").first.click()
    page.get_by_text("Make a trigger").click()
    page.wait_for_timeout(300)
    found = [*violations(page), page.evaluate("document.documentElement.scrollWidth > innerWidth")]
    context.close()
    assert found == [False]
