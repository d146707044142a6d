"""Schedules and triggers that are half typed: still there after leaving, and gone once made or thrown away."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.server import Server


def drafts(page: Page) -> list[str]:
    """The names under which this browser keeps what was typed."""
    found: list[str] = page.evaluate("Object.keys(localStorage).filter((name) => name.includes('draft')).toSorted()")
    return found


def line(page: Page, text: str) -> Locator:
    """The schedule that does that."""
    return page.locator(".starters > li").filter(has_text=text)


def open_form(page: Page, name: str) -> None:
    """Open the form where it is not: beside what there is already it begins closed."""
    form = page.locator("details").filter(has_text=name).first
    expect(form).to_be_visible()
    expect(page.locator("#main[aria-busy=false]")).to_have_count(1)
    if form.get_attribute("open") is None:
        form.get_by_text(name).first.click()


def test_a_new_one_is_kept_until_it_is_made_or_thrown_away(page: Page) -> None:
    """Left by a link and by a reload, each field is as it was typed, and nothing of it is in the address."""
    page.goto("/work/schedules")
    open_form(page, "Make a schedule")
    page.get_by_label("What is to be done").fill("Water the plants")
    page.get_by_label("When", exact=True).fill("every friday at 9")
    page.get_by_label("If the run before has not ended").select_option("queue")
    page.locator("form").get_by_text("At most").click()
    page.get_by_label("Calls of tools").fill("7")
    page.get_by_role("link", name="Triggers").click()
    open_form(page, "Make a trigger")
    page.get_by_label("A message from another program (webhook)").check()
    page.get_by_label("What is to be done then").fill("Say who rang")
    page.get_by_role("link", name="Schedules").click()
    page.reload()
    expect(page.get_by_label("What is to be done")).to_have_value("Water the plants")
    expect(page.get_by_label("When", exact=True)).to_have_value("every friday at 9")
    expect(page.get_by_label("If the run before has not ended")).to_have_value("queue")
    expect(page.locator("form").get_by_text("At most")).to_contain_text("7 calls of tools")
    assert page.url.endswith("/work/schedules")
    page.get_by_role("button", name="Make the schedule").click()
    expect(line(page, "Water the plants")).to_contain_text("7 calls of tools")
    assert [name.rpartition(".draft.")[2].split(".", 1)[1] for name in drafts(page)] == ["trigger.new"]
    page.get_by_role("link", name="Triggers").click()
    expect(page.get_by_label("A message from another program (webhook)")).to_be_checked()
    expect(page.get_by_label("What is to be done then")).to_have_value("Say who rang")
    page.get_by_role("button", name="Throw this away").click()
    expect(page.get_by_label("What is to be done then")).to_have_value("")
    assert drafts(page) == []


def test_a_change_stands_open_again_until_it_is_saved_or_left(page: Page, house: Server) -> None:
    """Only what was changed is kept; what is left as it is, or deleted, leaves nothing behind."""
    with house.client as client:
        body = {"text": "Sweep the yard", "when": "every day at 7", "client_id": "a-draft-1"}
        client.post("/api/schedules", json=body).raise_for_status()
    page.goto("/work/schedules")
    made = line(page, "Sweep the yard")
    made.get_by_role("button", name="Change").click()
    made.get_by_label("When").fill("every day at 8")
    page.reload()
    expect(made.get_by_label("When")).to_have_value("every day at 8")
    made.get_by_role("button", name="Leave it as it is").click()
    expect(made.get_by_label("When")).to_have_count(0)
    assert drafts(page) == []
    made.get_by_role("button", name="Change").click()
    expect(made.get_by_label("When")).to_have_value("")
    made.get_by_label("When").fill("every day at 8")
    made.get_by_role("button", name="Save").click()
    expect(made).to_contain_text("08:00")
    assert drafts(page) == []
    made.get_by_role("button", name="Change").click()
    made.get_by_label("What is to be done").fill("Sweep the street")
    made.get_by_role("button", name="Delete").click()
    made.get_by_role("button", name="Delete this schedule").click()
    expect(made).to_have_count(0)
    assert drafts(page) == []


def test_whoever_comes_next_finds_no_draft(page: Page) -> None:
    """They are one person's, and signing out takes them from this browser."""
    page.goto("/conversations/new")
    page.get_by_role("textbox", name="Say something in this conversation").fill("For nobody else")
    page.wait_for_function("Object.keys(localStorage).some((name) => name.startsWith('everword.draft.'))")
    page.goto("/settings")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    assert drafts(page) == []
