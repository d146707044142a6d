"""Memory: every word by day, search as one types, the entry in its place, and bringing a past."""

from __future__ import annotations

import json
import re

from playwright.sync_api import FilePayload, Page, expect

from tests.acceptance.ui.conftest import Say
from tests.server import Server


def test_found_words_open_in_their_place(page: Page, say: Say) -> None:
    """Search finds while one types, marks the words, and shows the entry between its neighbours."""
    say("echo: The coping stones come from Ostrand")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/memory/search")
    page.get_by_role("searchbox", name="Search every word").fill("coping ston")
    expect(page.locator(".hits mark").first).to_have_text(re.compile("coping", re.IGNORECASE))
    page.reload()
    expect(page.get_by_role("searchbox", name="Search every word")).to_have_value("coping ston")
    expect(page.locator(".hits mark").first).to_have_text(re.compile("coping", re.IGNORECASE))
    assert not [url for url in [page.url, *asked] if "coping" in url], "what is searched for is in no address"
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name=re.compile("In its place.*coping")).first.click()
    expect(page.locator("aside .here")).to_contain_text("coping stones")
    page.get_by_role("searchbox", name="Search every word").fill("nothing has these zebras")
    expect(page.get_by_role("heading", name="No entry has all of these words")).to_be_visible()
    page.get_by_role("searchbox", name="Search every word").fill("where do the coping stones come from, I wonder")
    expect(page.get_by_role("heading", name="Nearest in meaning")).to_be_visible()
    expect(page.locator(".hits .said", has_text="Ostrand").first).to_be_visible()


def test_you_are_one_of_those_who_spoke(page: Page, say: Say) -> None:
    """Who has You with a number, and finds the owner's words alone; with no word typed, the last said first."""
    say("echo: The lintel needs an oak wedge")
    page.goto("/memory/search")
    who = page.get_by_label("Who")
    who.select_option(label=who.locator("option", has_text=re.compile(r"^You \(")).inner_text())
    expect(page.locator(".hits .said").first).to_contain_text("oak wedge")
    expect(page.locator(".hits .said", has_text="Everword")).to_have_count(0)
    page.get_by_role("searchbox", name="Search every word").fill("oak wedge")
    expect(page.locator(".hits mark").first).to_have_text(re.compile("oak", re.IGNORECASE))
    expect(page.locator(".hits .said")).to_have_count(1)
    page.goto("/memory/forget")
    expect(page.get_by_label("Who").locator("option", has_text="You (")).to_have_count(1)


def test_every_word_stands_by_its_day(page: Page, say: Say) -> None:
    """What was said today stands under Today, and a day before the first word says so."""
    say("echo: the roof survey is due")
    page.goto("/memory")
    expect(page.get_by_role("heading", name="Today", level=3)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("the roof survey is due")
    page.get_by_label("Jump to a day").fill("2001-01-01")
    expect(page.get_by_text("Nothing was said on that day or before.")).to_be_visible()
    page.get_by_role("button", name="To the newest").click()
    expect(page.get_by_role("heading", name="Today", level=3)).to_be_visible()


def test_the_timeline_shows_what_one_chose(page: Page, say: Say) -> None:
    """By who said it: only theirs are there, in no address, until it is cleared."""
    say("echo: the gutter is choked")
    page.goto("/memory")
    who = page.get_by_label("Who")
    who.select_option(label=who.locator("option", has_text=re.compile(r"^You \(")).inner_text())
    expect(page.locator(".day .said", has_text="the gutter is choked").first).to_be_visible()
    expect(page.locator(".day .from-assistant")).to_have_count(0)
    page.get_by_label("Kind").select_option("document")
    expect(page.get_by_text("Nothing that fits was said.")).to_be_visible()
    assert "?" not in page.url
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".day .from-assistant").first).to_be_visible()


def test_an_answer_says_why(page: Page, say: Say) -> None:
    """The drawer has the question, each entry that was recalled with its reasons, and gives the focus back."""
    say("echo: The spare key of the boathouse is under the third flowerpot")
    told = say("What did I say about the spare key of the boathouse?")
    page.goto(f"/conversations/{told['conversation']['id']}")
    why = page.get_by_role("button", name="Why").last
    why.click()
    drawer = page.get_by_role("dialog", name="What this answer stands on")
    expect(drawer.get_by_text("What did I say about the spare key of the boathouse?", exact=True)).to_be_visible()
    best = drawer.get_by_role("listitem").filter(has_text="third flowerpot").first
    expect(best).to_contain_text("Given to the model, word for word")
    expect(best).to_contain_text("it has words of the question")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(why).to_be_focused()
    page.keyboard.press("w")
    expect(drawer).to_be_visible()
    best.get_by_role("link").click()
    expect(page.get_by_role("heading", name="In its place")).to_be_visible()


def test_a_past_is_brought_once(page: Page, house: Server) -> None:
    """A file that is chosen is asked for its owner, read, reported and searchable; again, it changes nothing."""
    lines = [
        {
            "conversation": "c1",
            "speaker": "Berit",
            "said_at": "2019-03-05T10:00:00Z",
            "text": "My door is cornflower blue.",
        },
        {"conversation": "c1", "speaker": "Nora", "said_at": "2019-03-05T10:01:00Z", "text": "Then I shall find it."},
    ]
    file: FilePayload = {
        "name": "letters.jsonl",
        "mimeType": "application/jsonl",
        "buffer": "\n".join(json.dumps(line) for line in lines).encode(),
    }
    page.goto("/memory/bring")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("radio", name="None of these is me")).to_be_checked()
    page.get_by_role("radio", name="Nora").check()
    page.get_by_role("button", name="Bring it").click()
    expect(page.get_by_text("2 entries in 1 conversation.")).to_be_visible()
    with house.client as client:
        own = client.post("/api/memory/search", json={"query": "I shall find it", "speaker": "me"}).json()["hits"]
    assert [hit["entry"]["speaker"] for hit in own] == ["Nora"]
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Bring it").click()
    expect(page.get_by_text("2 were here already")).to_be_visible()
    page.goto("/memory/search")
    page.get_by_role("searchbox", name="Search every word").fill("cornflower")
    expect(page.locator(".hits mark")).to_have_text("cornflower")
    expect(page.locator(".hits .from")).to_contain_text("Berit")
    page.goto("/memory?day=2019-03-05")
    expect(page.get_by_role("heading", name="Tuesday, 5 March 2019")).to_be_visible()


def test_everything_can_be_taken_out(page: Page) -> None:
    """The export is one file to download."""
    page.goto("/memory/bring")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export everything").click()
    assert download.value.suggested_filename.endswith(".zip")
