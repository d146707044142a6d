"""Choosing how long entries are kept: seen, typed for, waited for, and taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.ui.conftest import signed_in
from tests.acceptance.ui.test_forgetting import shot
from tests.acceptance.ui.test_screens import violations
from tests.server import Server, finished
from tests.talk import say

_SEVEN_YEARS = 7 * 365 * 24 * 3600 * 1_000_000  # in microseconds, as SQLite has instants


@pytest.fixture
def aged(tmp_path: Path) -> Iterator[Server]:
    """A server whose first two entries came long ago: no clock can be turned in another process, so its rows are."""
    server = Server(tmp_path / "home").start().set_up()
    with server.client as client:
        finished(client, say(client, "echo: The boat was sold in Setúbal")["run"]["id"])
    server.stop()
    with sqlite3.connect(tmp_path / "home" / "everword.db") as database:
        for column in ("said_at", "recorded_at"):
            database.execute(f"UPDATE entry SET {column} = {column} - ?", [_SEVEN_YEARS])
    server.start()
    with server.client as client:
        finished(client, say(client, "echo: The plums are ripe")["run"]["id"])
    yield server
    server.stop()


@pytest.mark.slow
@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), pytest.param(1440, "light", marks=pytest.mark.slow)])
def test_a_span_is_confirmed_and_can_be_taken_back(browser: Browser, aged: Server, width: int, theme: Any) -> None:
    """Choosing saves nothing; typed for, it waits a day, on the screen and on Today, where it is taken back."""
    context = signed_in(browser, aged, viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    page.goto("/memory/forget")
    page.get_by_role("combobox", name="Keep entries").select_option("for a year")
    expect(page.get_by_role("heading", name="Keeping entries for a year would forget 2 entries")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("The boat was sold in Setúbal").first).to_be_visible()
    assert violations(page) == []
    shot(page, f"retention-preview-{width}")
    assert kept(aged) == ("for ever", None)
    forget = page.get_by_role("button", name="Forget 2 entries tomorrow at")
    expect(forget).to_be_disabled()
    page.get_by_label("Type “2 entries” to go on").fill("2 entries")
    forget.click()
    expect(page.get_by_role("heading", name="2 entries are forgotten tomorrow at")).to_be_visible()
    assert kept(aged) == ("for ever", "1 year")
    page.goto("/")
    expect(page.get_by_role("heading", name="2 entries are forgotten tomorrow at")).to_be_visible()
    expect(page.get_by_text("Because you chose to keep entries for a year.")).to_be_visible()
    assert violations(page) == []
    shot(page, f"retention-today-{width}")
    page.get_by_role("button", name="Keep them").click()
    expect(page.get_by_role("heading", name="2 entries are forgotten")).to_have_count(0)
    assert kept(aged) == ("for ever", None)
    context.close()


@pytest.mark.slow
def test_leaving_the_preview_changes_nothing(browser: Browser, aged: Server) -> None:
    """The list shows again what is in effect."""
    context = signed_in(browser, aged)
    page: Page = context.new_page()
    page.goto("/memory/forget")
    page.get_by_role("combobox", name="Keep entries").select_option("for 30 days")
    page.get_by_role("button", name="Change nothing").click()
    expect(page.get_by_role("combobox", name="Keep entries")).to_have_value("for ever")
    assert kept(aged) == ("for ever", None)
    context.close()


def kept(server: Server) -> tuple[str, str | None]:
    """The span in effect, and the one that waits."""
    with server.client as client:
        known = client.get("/api/memory/retention").raise_for_status().json()
    return known["keep"], known["coming"] and known["coming"]["keep"]
