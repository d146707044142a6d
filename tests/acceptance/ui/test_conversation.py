"""Talking: an answer that streams, is stopped, edited, asked again, and is never lost on the way."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.acceptance.ui.conftest import Say
from tests.server import Server, finished

FIELD = "Say something in this conversation"


def type_and_send(page: Page, text: str) -> None:
    """Type into the line at the foot of the conversation and press Enter."""
    page.get_by_role("textbox", name=FIELD).fill(text)
    page.get_by_role("textbox", name=FIELD).press("Enter")


def test_an_answer_streams_and_stays(page: Page) -> None:
    """What is said begins a conversation with an address of its own; the answer is there after a reload."""
    page.goto("/conversations/new")
    type_and_send(page, "echo: The **gutter** is `lead`.")
    expect(page.locator(".said strong")).to_have_text("gutter")
    expect(page).to_have_url(re.compile(r"/conversations/[0-9a-f-]{36}$"))
    expect(page.get_by_role("button", name="Answer again")).to_have_count(1)
    page.reload()
    expect(page.locator(".said strong")).to_have_text("gutter")
    expect(page.locator(".said")).to_have_count(2)


def test_a_second_conversation_is_another(page: Page) -> None:
    """What was said in a new conversation is no draft of the next: that one gets its own message and address."""
    for word in ("first", "second"):
        page.goto("/conversations/new")
        expect(page.get_by_role("textbox", name="Say something in this conversation")).to_have_value("")
        type_and_send(page, f"echo: the {word}")
        expect(page.locator(".said .markdown").last).to_have_text(f"the {word}")
        expect(page.locator(".said")).to_have_count(2)


def test_a_page_joins_a_run_in_the_middle(page: Page, context: BrowserContext, say: Say) -> None:
    """A page opened while an answer is written shows all of it, once."""
    told = say("count to 60 every 40 ms")
    page.goto(f"/conversations/{told['conversation']['id']}")
    expect(page.locator(".markdown")).to_contain_text("1 2 3")
    page.reload()
    expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    expect(page.locator(".markdown")).to_have_text(" ".join(str(number) for number in range(1, 61)))


def test_escape_stops_the_model(page: Page, house: Server) -> None:
    """Stop ends the run on the server, not only its display; what was written is kept and marked."""
    page.goto("/conversations/new")
    type_and_send(page, "count to 2000 every 30 ms")
    expect(page.locator(".markdown")).to_contain_text("1 2 3 4 5")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Interrupted.")).to_be_visible()
    conversation_id = page.url.rsplit("/", 1)[1]
    with house.client as client:
        opened: dict[str, Any] = client.get(f"/api/conversations/{conversation_id}").json()
        run = client.get(f"/api/runs/{opened['turns'][-1]['run_id']}").json()
    assert run["state"] == "cancelled"
    assert opened["turns"][-1]["state"] == "interrupted"


def test_an_edit_is_a_new_version_and_the_old_one_stays(page: Page) -> None:
    """A message said again in other words gets its own answer, and both can be looked at."""
    page.goto("/conversations/new")
    type_and_send(page, "echo: first")
    expect(page.locator(".markdown")).to_have_text("first")
    page.locator(".said-owner").hover()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Your message, a new version").fill("echo: second")
    page.get_by_role("button", name="Send as a new version").click()
    expect(page.locator(".markdown")).to_have_text("second")
    expect(page.get_by_text("2 of 2")).to_be_visible()
    page.get_by_role("button", name="Earlier version").click()
    expect(page.locator(".markdown")).to_have_text("first")
    expect(page.get_by_text("1 of 2")).to_be_visible()


def test_an_answer_can_be_had_again(page: Page) -> None:
    """Another version of an answer stands beside the first."""
    page.goto("/conversations/new")
    type_and_send(page, "echo: once")
    expect(page.locator(".markdown")).to_have_text("once")
    page.locator(".said").last.hover()
    page.get_by_role("button", name="Answer again").click()
    expect(page.get_by_text("2 of 2")).to_be_visible()
    expect(page.locator(".said")).to_have_count(2)


def test_a_lost_connection_loses_and_doubles_nothing(page: Page, house: Server) -> None:
    """A message whose first two tries never arrived and whose third lost its answer is said exactly once."""
    page.goto("/conversations/new")
    tries: list[str] = []

    def unreliable(route: Route) -> None:
        message: dict[str, str] = route.request.post_data_json or {}
        tries.append(message["client_id"])
        if len(tries) <= 2:
            route.abort()
        elif len(tries) == 3:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/api/messages", unreliable)
    type_and_send(page, "echo: only once")
    expect(page.get_by_text("Everword was not reached. Trying again")).to_be_visible()
    expect(page.locator(".markdown")).to_have_text("only once")
    assert len(set(tries)) == 1
    with house.client as client:
        found = client.post("/api/conversations/search", json={"query": "only once"}).json()["conversations"]
    assert len([item for item in found if "only once" in item["title"]]) == 1


def test_a_refused_message_can_be_taken_back(page: Page, say: Say) -> None:
    """When the server refuses, its sentence stands under the words, and the words return to the field."""
    told = say("echo: begin")
    page.goto(f"/conversations/{told['conversation']['id']}")
    page.route(
        "**/messages",
        lambda route: route.fulfill(
            status=503, json={"error": {"code": "no_model", "message": "No model answers now. Choose another."}}
        ),
    )
    expect(page.locator(".markdown")).to_have_text("begin")
    type_and_send(page, "words that took a while")
    expect(page.get_by_role("alert")).to_contain_text("No model answers now. Choose another.")
    page.reload()
    expect(page.get_by_role("textbox", name=FIELD)).to_have_value("words that took a while")
    type_and_send(page, "words that took a while")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_role("textbox", name=FIELD)).to_have_value("words that took a while")


def test_words_that_must_be_changed_return_to_the_field_at_once(page: Page) -> None:
    """A message that would be refused again is in the box, with the reason beside it in a sentence of ours."""
    page.goto("/conversations/new")
    words = "too long " * 23_000
    page.get_by_role("textbox", name=FIELD).fill(words)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("longer than 200,000 characters. Shorten it")
    expect(page.get_by_role("textbox", name=FIELD)).to_have_value(words.strip())


def test_words_from_right_to_left_stand_so(page: Page, say: Say) -> None:
    """Arabic and Hebrew run from the right in what was said and in the field, whatever the page's direction."""
    told = say("اشتريت القارب في مارس")
    page.goto(f"/conversations/{told['conversation']['id']}")
    said = page.locator(".said-owner .words").first
    expect(said).to_have_css("direction", "rtl")
    expect(page.get_by_role("heading", level=1)).to_have_css("direction", "rtl")
    field = page.get_by_role("textbox", name=FIELD)
    field.fill("שלום")
    expect(field).to_have_css("direction", "rtl")
    field.fill("hello")
    expect(field).to_have_css("direction", "ltr")


def test_a_conversation_is_forgotten_from_its_page(page: Page, say: Say, house: Server) -> None:
    """Forget it opens the preview of the whole conversation, and names it in no address."""
    told = say("echo: the attic ladder squeaks")
    with house.client as client:
        finished(client, told["run"]["id"])
    page.goto(f"/conversations/{told['conversation']['id']}")
    page.get_by_role("link", name="Forget it").click()
    expect(page.get_by_role("heading", name="Forget 2 entries")).to_be_visible()
    assert told["conversation"]["id"] not in page.url


@pytest.mark.slow
def test_an_answer_that_was_watched_is_not_news(page: Page, context: BrowserContext) -> None:
    """Today tells of what came while nobody looked, not of what was read as it was written."""
    page.goto("/conversations/new")
    with page.expect_response(lambda told: told.url.endswith("/seen")):
        type_and_send(page, "echo: the gutter is mended")
    expect(page.locator(".markdown")).to_have_text("the gutter is mended")
    page.goto("/")
    expect(page.get_by_role("heading", name="Going on now")).to_be_visible()
    expect(page.locator(".card", has_text="the gutter is mended")).to_have_count(0)


def test_a_draft_survives_the_tab(page: Page, context: BrowserContext) -> None:
    """What was typed and not sent is there in the next tab."""
    page.goto("/conversations/new")
    page.get_by_role("textbox", name=FIELD).fill("half a thou")
    page.close()
    other = context.new_page()
    other.goto("/conversations/new")
    expect(other.get_by_role("textbox", name=FIELD)).to_have_value("half a thou")
    other.get_by_role("textbox", name=FIELD).fill("")


def test_a_failed_answer_says_why(page: Page) -> None:
    """A provider's refusal becomes one sentence and a way on; the question stays."""
    page.goto("/conversations/new")
    type_and_send(page, "fail credit")
    expect(page.get_by_role("alert")).to_contain_text("This answer was not made.")
    expect(page.locator(".said-owner")).to_contain_text("fail credit")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_a_file_comes_along(page: Page) -> None:
    """A file that is chosen is kept at once and hangs on the message."""
    page.goto("/conversations/new")
    page.locator("form input[type=file]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"The key is under the stone."}
    )
    expect(page.get_by_role("list", name="Attached")).to_contain_text("notes.txt")
    type_and_send(page, "echo: read it")
    expect(page.locator(".said-owner").get_by_role("link", name="notes.txt")).to_be_visible()


def test_nothing_remote_is_ever_asked_for(page: Page) -> None:
    """An answer full of pictures, frames and links asks nothing of anybody but this server."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/conversations/new")
    type_and_send(
        page,
        "echo: ![x](https://evil.example/a.png) <img src=https://evil.example/b.png> "
        "<iframe src=//evil.example></iframe> "
        "[go](https://evil.example/c) <script>fetch('https://evil.example/d')</script> done",
    )
    expect(page.locator(".markdown")).to_contain_text("done")
    page.wait_for_timeout(300)
    own = page.evaluate("location.origin")
    assert [url for url in asked if not url.startswith((own, "data:", "blob:"))] == []
    assert page.locator(".markdown img, .markdown iframe, .markdown script").count() == 0


def test_rename_pin_and_archive(page: Page, say: Say) -> None:
    """A conversation takes a new name and a place at the top, and comes back out of the archive."""
    told = say("echo: to be renamed")
    page.goto(f"/conversations/{told['conversation']['id']}")
    expect(page.locator(".markdown")).to_have_text("to be renamed")
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of this conversation").fill("Lime mortar")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Lime mortar")).to_be_visible()
    page.get_by_role("button", name="Pin", exact=True).click()
    expect(
        page.get_by_role("complementary", name="Everword").get_by_role("link", name="Pinned: Lime mortar")
    ).to_be_visible()
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(page.get_by_text("In the archive")).to_be_visible()
    page.goto("/conversations?show=archive")
    expect(page.get_by_role("main").get_by_role("link", name="Lime mortar")).to_be_visible()


def test_a_second_message_waits_and_is_answered(page: Page, context: BrowserContext) -> None:
    """Said during an answer, a message stands under it with its place, in every tab, and is answered after it."""
    page.goto("/conversations/new")
    type_and_send(page, "count to 60 every 60 ms")
    expect(page.locator(".markdown")).to_contain_text("1 2 3")
    type_and_send(page, "echo: second")
    type_and_send(page, "echo: third")
    expect(page.get_by_text("Queued, 1st")).to_be_visible()
    expect(page.get_by_text("Queued, 2nd")).to_be_visible()
    other = context.new_page()
    other.goto(page.url)
    expect(other.get_by_text("Queued, 2nd")).to_be_visible()
    for tab in (page, other):
        expect(tab.locator(".markdown")).to_have_text(
            [" ".join(str(number) for number in range(1, 61)), "second", "third"], timeout=30_000
        )
        expect(tab.locator(".said-owner .words")).to_have_text(
            ["count to 60 every 60 ms", "echo: second", "echo: third"]
        )
        expect(tab.get_by_text("Queued")).to_have_count(0)
    page.reload()
    expect(page.locator(".markdown")).to_have_count(3)


@pytest.mark.slow
def test_what_waits_is_edited_and_taken_back_by_keyboard(page: Page) -> None:
    """The arrow up opens the last message that waits; Escape leaves it; taken back, its words return to the field."""
    page.goto("/conversations/new")
    type_and_send(page, "count to 2000 every 30 ms")
    expect(page.locator(".markdown")).to_contain_text("1 2 3")
    type_and_send(page, "echo: draft")
    expect(page.get_by_text("Queued, 1st")).to_be_visible()
    field = page.get_by_role("textbox", name=FIELD)
    field.press("ArrowUp")
    edited = page.get_by_label("Your message, a new version")
    expect(edited).to_be_focused()
    edited.press("Escape")
    expect(field).to_be_focused()
    field.press("ArrowUp")
    edited.fill("echo: better")
    edited.press("Enter")
    expect(page.locator(".said-owner .words").last).to_have_text("echo: better")
    expect(page.get_by_text("Queued, 1st")).to_be_visible()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Queued")).to_have_count(0)
    expect(field).to_have_value("echo: better")
    field.press("Enter")
    expect(page.get_by_text("Queued, 1st")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".markdown").last).to_have_text("better")
