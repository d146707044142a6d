"""Passkeys in the browser, with an authenticator that the browser itself plays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.acceptance.ui.conftest import WAIT_MS
from tests.server import PASSWORD, Server

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

Device = tuple[Page, CDPSession, str]


@pytest.fixture
def device(browser: Browser, house: Server) -> Iterator[Device]:
    """A browser on a device with an authenticator, at the server's host name: passkeys belong to one."""
    port = house.base_url.rsplit(":", 1)[1]
    context = browser.new_context(base_url=f"http://localhost:{port}")
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    added = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield page, protocol, added["authenticatorId"]
    context.close()


def sign_in_by_password(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_have_count(0)


def test_a_passkey_is_added_opens_the_door_and_is_removed(device: Device) -> None:
    """A passkey made in Settings signs in after the session has ended; removed, the door no longer offers it."""
    page, *_ = device
    sign_in_by_password(page)
    page.goto("/settings")
    expect(page.get_by_text("None. A passkey is an addition")).to_be_visible()
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("button", name="Remove", exact=True)).to_be_visible()
    page.context.clear_cookies()
    page.goto("/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Sign in")).to_have_count(0)
    page.goto("/settings")
    row = (
        page.get_by_role("listitem")
        .filter(has_text="Chrome on Linux")
        .filter(has=page.get_by_role("button", name="Remove"))
    )
    expect(row).to_contain_text("last used")
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    page.context.clear_cookies()
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)


def test_a_passkey_that_is_declined_leaves_the_password(device: Device) -> None:
    """Where the device does not know the person, a sentence says so and nothing is kept."""
    page, protocol, authenticator = device
    sign_in_by_password(page)
    page.goto("/settings")
    protocol.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_text("None. A passkey is an addition")).to_be_visible()
