"""Fixtures that every ring shares."""

from __future__ import annotations

pytest_plugins = ["tests.skips", "tests.postgres", "tests.chromium"]
