"""What a test run may leave out: nothing in CI but the short list below; elsewhere it says what and how to mend it."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any, NoReturn

import pytest

# Beginnings of skip reasons that CI accepts. Each says why a machine may lack it.
ALLOWED_IN_CI = {
    "only on Windows": "CI runs on Linux",
    "only on macOS": "CI runs on Linux",
    "kernel:": "a container's kernel may be built without a feature (Landlock, user namespaces)",
}

_remedies: dict[str, str] = {}


def missing(what: str, remedy: str) -> NoReturn:
    """Skip the running test because the machine lacks `what`; the summary prints the one command that mends it."""
    _remedies[what] = remedy
    pytest.skip(f"{what} is not installed. To run these tests: {remedy}")


def in_ci() -> bool:
    """Whether this is a run where everything must be tested."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, turn a skip into a failure unless its reason is on the list."""
    report = yield
    if report.skipped and in_ci() and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if not reason.removeprefix("Skipped: ").startswith(tuple(ALLOWED_IN_CI)):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped, and CI skips nothing: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name what was left out, with its remedy."""
    for what, remedy in _remedies.items():
        terminalreporter.write_line(f"Not tested here: what needs {what}. To test it: {remedy}", yellow=True)
