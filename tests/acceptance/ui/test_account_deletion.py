"""Deleting one's account on the screen: the name and the password, how far it is, the receipt, and nobody left."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from everword.accounts.people import create_person
from everword.storage.database import Database
from tests.acceptance.ui.test_screens import violations
from tests.server import PASSWORD, Server, finished

pytestmark = pytest.mark.slow

SHOTS = os.environ.get("SHOTS")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which Anna, who set it up, and Ben and Cleo live."""
    server = Server(tmp_path_factory.mktemp("shared") / "home").start().set_up()
    database = Database(f"sqlite:///{server.home / 'everword.db'}")
    for name in ("Ben", "Cleo"):
        create_person(database, name, PASSWORD)
    database.close()
    with server.client as client:
        for name in ("Ben", "Cleo"):
            client.headers["X-Everword-Person"] = name
            said = client.post("/api/messages", json={"text": "echo: plums", "client_id": f"plums-of-{name}"})
            finished(client, said.raise_for_status().json()["run"]["id"])
    yield server
    server.stop()


def sign_in(page: Page, name: str) -> None:
    """With the password, and the name once it is asked for."""
    page.goto("/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Sign in")).to_have_count(0)


def shot(page: Page, name: str) -> None:
    """A picture for whoever asks for them (SHOTS=folder)."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.mark.parametrize(("person", "width", "theme"), [("Ben", 360, "dark"), ("Cleo", 1440, "light")])
def test_an_account_is_deleted_on_the_screen(
    browser: Browser, shared: Server, person: str, width: int, theme: Any
) -> None:
    """Nothing goes before both are right; then the receipt is there, and the same name and password open nothing."""
    context = browser.new_context(
        base_url=shared.base_url, viewport={"width": width, "height": 900}, color_scheme=theme
    )
    page = context.new_page()
    sign_in(page, person)
    page.goto("/settings")
    page.get_by_role("link", name="Delete my account").click()
    delete = page.get_by_role("button", name="Delete my account and 2 entries")
    expect(delete).to_be_disabled()
    assert violations(page) == []
    page.set_viewport_size({"width": width, "height": 900})
    shot(page, f"account-{width}")
    page.get_by_label(f"Type your name, {person}").fill(person)
    page.get_by_label("Password").fill("a wrong sentence")
    delete.click()
    expect(page.get_by_role("alert")).to_contain_text("That is not the password.")
    page.get_by_label("Password").fill(PASSWORD)
    delete.click()
    expect(page.get_by_role("heading", name="Your account is gone")).to_be_visible()
    expect(page.get_by_text("2 entries gone")).to_be_visible()
    expect(page.get_by_text("Nothing found")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": width, "height": 900})
    shot(page, f"account-receipt-{width}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save").click()
    assert "plums" not in download.value.path().read_text()
    page.get_by_role("link", name="Close").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


def test_who_set_it_up_is_told_what_to_do(page: Page) -> None:
    """The account that everything hangs on cannot be deleted alone; the screen says how to delete all of it."""
    page.goto("/account/delete")
    expect(page.get_by_text("everword delete-everything")).to_be_visible()
    expect(page.get_by_label("Password")).to_have_count(0)
    assert violations(page) == []
