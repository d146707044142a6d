"""Work and Needs you on the screen: begun in the background, held until a yes to exactly what is shown, told truly."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.ui.conftest import signed_in
from tests.acceptance.ui.test_screens import violations
from tests.server import Server

Begin = Callable[..., str]


def call(tool: str, **arguments: str) -> str:
    """Words for which the scripted model calls that tool first, and then says what came back."""
    return "echo: " + json.dumps({"tool": tool, "arguments": arguments}, ensure_ascii=False)


@pytest.fixture
def folder(house: Server, tmp_path: Path) -> Path:
    """A folder that the owner chose."""
    with house.client as client:
        client.patch("/api/settings", json={"folders": str(tmp_path)}).raise_for_status()
    return tmp_path


@pytest.fixture
def begin(house: Server) -> Iterator[Begin]:
    """Begins work from outside the browser, and waits until it waits; what is left of it is stopped at the end."""
    begun: list[str] = []

    def begin(tool: str, **arguments: str) -> str:
        with house.client as client:
            asked = {"text": call(tool, **arguments), "client_id": str(uuid.uuid4())}
            run_id: str = client.post("/api/work", json=asked).raise_for_status().json()["run"]["id"]
            begun.append(run_id)
            until(client, run_id, "waiting")
        return run_id

    yield begin
    with house.client as client:
        for run_id in begun:
            client.post(f"/api/runs/{run_id}/stop")


def until(client: httpx.Client, run_id: str, state: str) -> None:
    """Wait until a run is in that state."""
    deadline = time.monotonic() + 30
    while client.get(f"/api/runs/{run_id}").json()["state"] != state and time.monotonic() < deadline:
        time.sleep(0.05)


def press_until(page: Page, key: str, seen: Locator) -> None:
    """Press a key until it shows: `y` counts once the effect has been in view for a moment."""
    for _ in range(60):
        page.keyboard.press(key)
        page.wait_for_timeout(200)
        if seen.count():
            break
    expect(seen).to_be_visible()


def read_to_the_end(page: Page) -> None:
    """Scroll as one who reads does: without leaving anything out."""
    page.mouse.move(900, 400)
    for _ in range(12):
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(60)


def test_work_waits_for_a_yes_to_exactly_this(page: Page, folder: Path) -> None:
    """Begun in the field, shown with each argument word for word, done once after the yes, and told as delivered."""
    page.goto("/work")
    page.get_by_label("What is to be done in the background").fill(call("write_file", path="list.txt", text="Milk"))
    page.get_by_role("button", name="Start it").click()
    expect(page.locator(".detail").get_by_text("Waiting for your yes")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(r"Needs you\s*\d+ waiting")).first).to_be_visible()
    page.locator(".detail").get_by_role("link", name="Look at what it asks").first.click()
    expect(page.get_by_role("heading", level=2, name="Write list.txt")).to_be_visible()
    effect = page.locator("dl.effect")
    expect(effect.get_by_text("Milk", exact=True)).to_be_visible()
    expect(effect.get_by_text("named by you")).to_have_count(2)
    assert not (folder / "list.txt").exists()
    press_until(page, "y", page.get_by_text("You said yes, once, to exactly this."))
    page.locator(".detail").get_by_role("link", name="The run").click()
    expect(page.locator(".detail .state").first).to_have_text("Delivered")
    expect(page.get_by_role("heading", name="What it delivered")).to_be_visible()
    expect(page.get_by_role("list", name="Steps")).to_contain_text("with your yes")
    assert (folder / "list.txt").read_text() == "Milk"
    page.goto("/")
    delivered = page.get_by_role("article").filter(has_text="Written:")
    expect(delivered.get_by_role("link").first).to_have_attribute("href", re.compile("^/work/"))


WATCHED = """
Object.defineProperty(document, "visibilityState", {get: () => (globalThis.isAway ? "hidden" : "visible")});
globalThis.told = [];
globalThis.Notification = class extends Notification {
  constructor(title, options) {
    super(title, options);
    this.addEventListener("show", () => told.push([title, options.body]));
  }
};
"""
"""Notes what the browser has shown. A browser without a window never says that nobody looks, so that is said for it."""


def test_the_browser_tells_of_a_run_that_waits(browser: Browser, house: Server, begin: Begin) -> None:
    """Once it is turned on, and while nobody looks: that it waits and its title, no more; to whoever looks, nothing."""
    with house.client as client:  # at night nobody is told
        client.patch("/api/settings", json={"quiet_from": "off"}).raise_for_status()
    context = signed_in(browser, house)
    context.grant_permissions(["notifications"], origin=house.base_url)
    context.add_init_script(WATCHED)
    page = context.new_page()
    with page.expect_response(
        lambda response: "/api/events?" in response.url
    ):  # of what was before it, nothing is told
        page.goto("/needs-you")
    page.get_by_role("button", name="Tell me when a run waits").click()
    expect(page.get_by_role("button", name="Tell me no more")).to_be_visible()
    begin("ask_owner", question="Seen by who looks?")
    expect(page.get_by_text("Seen by who looks?").or_(page.get_by_text("1 new")).first).to_be_visible()
    page.evaluate("isAway = true; document.dispatchEvent(new Event('visibilitychange'))")
    begin("ask_owner", question="Who is away?")
    for _ in range(200):  # the page's policy lets no predicate of ours wait in it
        if page.evaluate("told.length"):
            break
        page.wait_for_timeout(100)
    ((title, body),) = page.evaluate("told")
    assert title == "A run waits for your answer"
    assert body.startswith("echo: ")
    context.close()


@pytest.mark.slow
def test_no_key_says_yes_before_all_of_it_was_in_view(page: Page, begin: Begin, folder: Path) -> None:
    """A long effect is not answered from its first lines; once it was read to its end, it is."""
    lines = "\n".join(f"Line {number}" for number in range(150))
    run_id = begin("write_file", path="long.txt", text=lines)
    page.goto(f"/needs-you/{run_id}")
    expect(page.locator("dl.effect").get_by_text("Line 149")).to_have_count(1)
    page.wait_for_timeout(800)
    page.keyboard.press("y")
    expect(page.get_by_text("the whole effect has to be in view")).to_have_count(1)
    read_to_the_end(page)
    press_until(page, "y", page.get_by_text("You said yes, once, to exactly this."))


def test_an_edit_is_a_new_question_and_a_no_is_kept(page: Page, begin: Begin, folder: Path) -> None:
    """The edited call stands where the old one stood and is asked anew; after a no nothing was done."""
    run_id = begin("write_file", path="letter.txt", text="Hello")
    page.goto(f"/needs-you/{run_id}")
    expect(page.locator("dl.effect").get_by_text("Hello", exact=True)).to_be_visible()
    page.keyboard.press("e")
    page.get_by_role("textbox", name="text", exact=True).fill("Good day")
    page.get_by_role("button", name="Make it the question").click()
    expect(page.locator("dl.effect").get_by_text("Good day", exact=True)).to_be_visible()
    expect(page.locator("dl.effect").get_by_text("named by you")).to_have_count(2)
    page.keyboard.press("n")
    expect(page.get_by_text("You said no. It was not done; the run goes on without it.")).to_be_visible()
    assert not (folder / "letter.txt").exists()


@pytest.mark.slow
def test_a_batch_lists_every_effect(page: Page, begin: Begin, folder: Path) -> None:
    """Two are chosen by x, both stand in full before the answer, and one yes does both."""
    for name in ("one", "two"):
        begin("write_file", path=f"{name}.txt", text=f"Batch {name}")
    page.goto("/needs-you")
    for name in ("one", "two"):
        page.get_by_role("link", name=f"Write {name}.txt").focus()
        page.keyboard.press("x")
        expect(page.get_by_role("checkbox", name=f"Choose: Write {name}.txt")).to_be_checked()
    page.get_by_role("button", name="Read 2 effects, then answer").click()
    for name in ("one", "two"):
        expect(page.locator("dl.effect").get_by_text(f"Batch {name}", exact=True)).to_be_visible()
    read_to_the_end(page)
    press_until(page, "y", page.get_by_text("You said yes, once, to exactly this.").nth(1))
    for name in ("one", "two"):
        deadline = time.monotonic() + 20
        while not (folder / f"{name}.txt").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (folder / f"{name}.txt").read_text() == f"Batch {name}"


@pytest.mark.slow
def test_a_question_is_answered_and_new_ones_wait_behind_a_line(page: Page, begin: Begin) -> None:
    """The list does not move when another run asks; a note and the answer reach the run; it tells of both."""
    run_id = begin("ask_owner", question="Tea or coffee?")
    page.goto(f"/work/{run_id}")
    page.get_by_label("A note for when it goes on").fill("No sugar.")
    page.get_by_role("button", name="Leave note").click()
    expect(page.get_by_role("list", name="Steps").get_by_text("No sugar.")).to_be_visible()
    page.goto(f"/needs-you/{run_id}")
    expect(page.get_by_role("heading", level=2, name="Tea or coffee?")).to_be_visible()
    begin("ask_owner", question="Biscuits?")
    expect(page.get_by_text("1 new")).to_be_visible()
    expect(page.get_by_role("link", name="Biscuits?")).to_have_count(0)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("link", name="Biscuits?")).to_be_visible()
    page.get_by_role("textbox", name="Your answer").fill("Tea")
    page.get_by_role("textbox", name="Your answer").press("Enter")
    expect(page.get_by_text("Your answer is with the run.")).to_be_visible()
    page.locator(".detail").get_by_role("link", name="The run").click()
    expect(page.locator(".detail .state").first).to_have_text("Delivered")
    expect(page.get_by_role("list", name="Steps").locator(".quote-owner")).to_have_text(
        ["Tea", "No sugar."], use_inner_text=True
    )


def test_a_run_is_stopped_talked_about_and_run_again(page: Page, house: Server, begin: Begin) -> None:
    """Stopped it is cancelled, and its card goes; talked about it is a conversation; run again it is another run."""
    run_id = begin("ask_owner", question="Window or aisle?")
    page.goto(f"/work/{run_id}")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator(".detail .state").first).to_have_text("Stopped by you")
    steps = page.get_by_role("list", name="Steps")
    expect(steps.get_by_role("listitem").last).to_contain_text("while it waited")
    expect(steps).not_to_contain_text("by the owner")
    with house.client as client:
        talk = client.get(f"/api/runs/{run_id}").json()["conversation_id"]
        assert talk not in client.get("/api/conversations").text
        page.get_by_role("link", name="Talk about it").click()
        page.get_by_role("textbox", name="Say something in this conversation").fill("echo: never mind")
        page.keyboard.press("Enter")
        expect(page.get_by_text("never mind", exact=True)).to_be_visible()
        assert talk in client.get("/api/conversations").text
    page.goto(f"/work/{run_id}")
    page.get_by_role("button", name="Run again").click()
    expect(page).not_to_have_url(re.compile(run_id))
    expect(page.locator(".detail .state").first).to_have_text("Waiting for your answer")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator(".detail .state").first).to_have_text("Stopped by you")


def test_a_tool_that_does_not_exist_did_nothing(page: Page) -> None:
    """A name that the model made up is told as that; what a tool did not take, too; neither as something that read."""
    for tool, why in (("make_tea", "there is no such tool"), ("write_file", "it does not take that")):
        page.goto("/work")
        page.get_by_label("What is to be done in the background").fill(call(tool, words="Earl Grey"))
        page.get_by_role("button", name="Start it").click()
        expect(page.locator(".detail .state").first).to_have_text("Delivered")
        steps = page.get_by_role("list", name="Steps")
        expect(steps).to_contain_text(f"Asked for {tool}")
        expect(steps).to_contain_text(f"{why}; nothing was done")
        expect(steps).not_to_contain_text("without asking")


def test_axe_finds_nothing_in_work_and_needs_you(page: Page, begin: Begin) -> None:
    """On a desk and on a phone, a run and the approval that it waits for break no rule that axe knows."""
    run_id = begin("write_file", path="axe.txt", text="x" * 300)
    found: dict[str, list[str]] = {}
    for path, width in ((f"/work/{run_id}", 1440), (f"/needs-you/{run_id}", 1440), ("/needs-you", 360), ("/work", 360)):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path)
        expect(page.locator("#main[aria-busy=false]")).to_have_count(1)
        expect(page.get_by_text("axe.txt").first).to_be_attached()
        found[f"{path} {width}"] = violations(page)
    assert {where: rules for where, rules in found.items() if rules} == {}


@pytest.mark.slow
@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1440, "light")])
def test_axe_finds_nothing_in_what_is_opened(
    browser: Browser, house: Server, begin: Begin, width: int, theme: Any
) -> None:
    """A run, an approval and a question, each opened, break no rule that axe knows, and nothing scrolls sideways."""
    approval = begin("write_file", path="a.txt", text="x" * 300)
    question = begin("ask_owner", question="Which of them?")
    context = signed_in(browser, house, viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    found: dict[str, object] = {}
    for path in ("/work", f"/work/{approval}", "/needs-you", f"/needs-you/{approval}", f"/needs-you/{question}"):
        page.goto(path)
        expect(page.locator("#main[aria-busy=false]")).to_have_count(1)
        page.wait_for_timeout(500)
        found[path] = [*violations(page), page.evaluate("document.documentElement.scrollWidth > innerWidth")]
    context.close()
    assert {path: rules for path, rules in found.items() if rules != [False]} == {}
