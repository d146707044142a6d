"""The first visit and the ones after it: the one-time link, the password, the door."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.server import PASSWORD, Server


def test_the_one_time_link_leads_to_today(browser: Browser, server: Server) -> None:
    """Whoever opens the link from the terminal names themselves, chooses a password and is in; then it is used up."""
    link = server.setup_link()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.base_url}/setup#token=not-the-one")
    page.goto(link)  # in the same tab: only what is behind the # is another
    page.get_by_label("Name").fill("Nora Feld")
    assert "token" not in page.url, "the secret stays in the address"
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="This is me").click()
    expect(page.get_by_text("Give at least 12 characters.")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="This is me").click()
    expect(page.get_by_text("Nora Feld owns this Everword.")).to_be_visible()
    expect(page.get_by_text("Drop an export here, or")).to_be_visible()
    page.get_by_role("button", name="Open Today").click()
    expect(page.get_by_role("heading", name="Nothing has been said yet")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Nothing has been said yet")).to_be_visible()
    context.close()

    stranger = browser.new_context().new_page()
    stranger.goto(link)
    stranger.get_by_label("Name").fill("Mallory")
    stranger.get_by_label("Password").fill(PASSWORD)
    stranger.get_by_role("button", name="This is me").click()
    expect(stranger.get_by_role("alert")).to_be_visible()
    stranger.goto(server.base_url)
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()


def test_without_an_owner_it_says_what_to_do(browser: Browser, server: Server) -> None:
    """Before the set-up the page names the link and the command that makes a new one."""
    page = browser.new_page()
    page.goto(server.base_url)
    expect(page.get_by_role("heading", name="This Everword has no owner yet")).to_be_visible()
    expect(page.get_by_text("everword setup")).to_be_visible()


def test_a_wrong_password_is_said_and_a_right_one_opens(browser: Browser, house: Server) -> None:
    """The sentence of the server is shown, and the address that was asked for is opened after signing in."""
    page = browser.new_page(base_url=house.base_url)
    page.goto("/settings")
    page.get_by_label("Password").fill("not the password at all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
