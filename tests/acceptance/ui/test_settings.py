"""Settings and models: what is set stays set, secrets are shown once, what the environment sets is locked."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.ui.conftest import signed_in
from tests.server import Server


def test_a_key_is_shown_once_and_works_until_revoked(page: Page, house: Server) -> None:
    """A created key opens the API; after a reload its secret is gone from the page; revoked, it opens nothing."""
    page.goto("/settings")
    page.get_by_label("Name").fill("notebook")
    page.get_by_role("button", name="Create a key").click()
    secret = page.locator(".secret code").inner_text()
    headers = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(f"{house.base_url}/api/settings", headers=headers, trust_env=False).status_code == 200
    page.reload()
    expect(page.get_by_text("notebook")).to_be_visible()
    assert secret not in page.content()
    page.get_by_role("listitem").filter(has_text="notebook").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("notebook")).to_be_hidden()
    assert httpx.get(f"{house.base_url}/api/settings", headers=headers, trust_env=False).status_code == 401


def test_folders_are_chosen(page: Page, tmp_path: Path) -> None:
    """A folder that is there is kept; one that is not is refused with its name."""
    page.goto("/settings")
    field = page.get_by_label("Folders for background work")
    field.fill(str(tmp_path / "nowhere"))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"There is no folder {tmp_path / 'nowhere'}.")).to_be_visible()
    field.fill(str(tmp_path))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(field).to_have_value(str(tmp_path))
    field.fill("")
    page.get_by_role("button", name="Save", exact=True).click()


def test_a_day_of_background_work_is_bounded(page: Page, house: Server) -> None:
    """A limit is kept and stands beside what was used; nonsense is not kept; empty, there is none."""
    with house.client as client:
        before = client.get("/api/bounds").json()["at_most"]
        page.goto("/settings")
        field = page.get_by_label("Calls of tools a day")
        field.fill("0")
        field.press("Tab")
        expect(page.get_by_text("Saved.")).to_have_count(0)  # the browser says what is wrong with it
        assert client.get("/api/bounds").json()["at_most"] == before
        field.fill("1000")
        field.press("Tab")
        expect(page.get_by_text("Saved.")).to_be_visible()
        page.reload()
        expect(field).to_have_value("1000")
        expect(page.get_by_text(re.compile(r"^\d+ used today$")).first).to_be_visible()
        assert client.get("/api/bounds").json()["at_most"]["calls"] == 1000
        field.fill("")
        field.press("Tab")
        expect(page.get_by_text("Saved.")).to_be_visible()
        assert client.get("/api/bounds").json()["at_most"]["calls"] is None


def test_instructions_and_time_zone_are_kept(page: Page) -> None:
    """Own instructions and the time zone are there after a reload; a zone that does not exist is refused."""
    page.goto("/settings")
    page.get_by_label("Own instructions").fill("Answer in one sentence.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_label("Time zone").fill("Europe/Nowhere")
    page.get_by_label("Time zone").press("Tab")
    expect(page.get_by_text("No such time zone.")).to_be_visible()
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    page.get_by_label("Time zone").press("Tab")
    page.wait_for_timeout(500)
    page.reload()
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    expect(page.get_by_label("Own instructions")).to_have_value("Answer in one sentence.")
    page.get_by_label("Own instructions").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()


@pytest.mark.slow
def test_what_the_environment_sets_is_locked(browser: Browser, tmp_path: Path) -> None:
    """The model that EVERWORD_MODEL names is shown with that name, and cannot be changed on the screen."""
    server = Server(tmp_path / "home").start().set_up()
    context = signed_in(browser, server)
    page = context.new_page()
    page.goto("/models")
    expect(page.get_by_text("Set by EVERWORD_MODEL; change it there.")).to_be_visible()
    expect(page.get_by_role("button", name="Use it")).to_have_count(0)
    context.close()
    server.stop()


def test_a_server_is_added_tested_and_removed(page: Page) -> None:
    """An address where nothing answers is said in a sentence, and the provider can be removed again."""
    page.goto("/models")
    page.get_by_text("Add a provider").click()
    page.get_by_label("Kind").select_option("openai_compatible")
    page.get_by_label("Address of the server").fill("http://127.0.0.1:9/v1")
    page.get_by_role("button", name="Add and test").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text(re.compile("None yet. What you ask goes to a provider"))).to_be_visible()


def test_other_sessions_can_be_ended(page: Page, browser: Browser, house: Server) -> None:
    """Ending another session signs that browser out at its next step."""
    other = signed_in(browser, house)
    page.goto("/settings")
    page.get_by_role("button", name="End all others").click()
    expect(page.get_by_role("button", name="End all others")).to_have_count(0)
    tab = other.new_page()
    tab.goto("/")
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    other.close()
