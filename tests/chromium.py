"""The real browser for the tests: Debian's Chromium (or any that is installed), driven by Playwright."""

from __future__ import annotations

import shutil

import pytest

from tests.skips import missing

REMEDY = "sudo apt-get install chromium fonts-inter"
# Root cannot use Chromium's own sandbox; small containers have a small /dev/shm.
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser's path for Playwright's `executable_path`; without one the test is skipped (a failure in CI)."""
    found = find()
    return found if found is not None else missing("Chromium", REMEDY)


def find() -> str | None:
    """The first Chromium or Chrome on the path."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)
