"""Programs that use memory over MCP: the screen gives the command and the address, and a key of it opens them."""

from __future__ import annotations

import os
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from tests.acceptance.ui.conftest import signed_in
from tests.acceptance.ui.test_screens import violations
from tests.server import Server

SHOTS = os.environ.get("SHOTS")


@pytest.mark.slow
@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), pytest.param(1440, "light", marks=pytest.mark.slow)])
def test_the_address_and_a_key_that_reads_open_memory(browser: Browser, house: Server, width: int, theme: Any) -> None:
    """What the Connections screen copies and a key made under Settings are all that a program needs, and no more."""
    context = signed_in(browser, house, viewport={"width": width, "height": 900}, color_scheme=theme)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/models")
    programs = page.get_by_role("region", name="Programs that use your memory")
    programs.get_by_role("button", name="Copy the command").click()
    assert page.evaluate("navigator.clipboard.readText()") == "everword mcp"
    programs.get_by_role("button", name="Copy the address").click()
    address = page.evaluate("navigator.clipboard.readText()")
    assert violations(page) == []
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/programs-{width}.png", full_page=True)
    page.get_by_role("link", name="make one that may read your memory").click()
    page.get_by_label("Name").fill("editor")
    for use in ("the API: read, write, recall, import", "models, under /v1"):
        page.get_by_label(use).uncheck()
    page.get_by_label("memory over MCP, to read").check()
    page.get_by_role("button", name="Create a key").click()
    key = page.locator(".secret code").inner_text()
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json, text/event-stream"}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    with httpx.Client(headers=headers, trust_env=False) as program:
        tools = program.post(address, json=message).raise_for_status().json()["result"]["tools"]
        assert {tool["name"] for tool in tools} == {"recall", "timeline", "context", "facts"}
        assert program.get(f"{house.base_url}/api/settings").status_code == 403
    context.close()
