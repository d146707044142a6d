"""What a test run may leave out: nothing in CI but the short list below; elsewhere it says what and how to mend it."""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from typing import Any, NoReturn

import pytest

# Beginnings of skip reasons that CI accepts. Each says why a machine may lack it.
ALLOWED_IN_CI = {
    "only on Windows": "CI runs on Linux",
    "only on macOS": "CI runs on Linux",
    "kernel:": "a container's kernel may be built without a feature (Landlock, user namespaces)",
}

_MISSING = re.compile(r"(?P<what>[^:]+) is not installed\. To run these tests: (?P<remedy>.+)")


def missing(what: str, remedy: str) -> NoReturn:
    """Skip the running test because the machine lacks `what`; the summary prints the one command that mends it."""
    pytest.skip(f"{what} is not installed. To run these tests: {remedy}")


def in_ci() -> bool:
    """Whether this is a run where everything must be tested."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, turn a skip into a failure unless its reason is on the list."""
    report = yield
    if report.skipped and in_ci() and not hasattr(report, "wasxfail"):
        reason = _reason(report)
        if not reason.startswith(tuple(ALLOWED_IN_CI)):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped, and CI skips nothing: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name what was left out, with its remedy, whichever worker left it out."""
    reports = [report for kind in ("skipped", "failed") for report in terminalreporter.stats.get(kind, [])]
    found = {match["what"]: match["remedy"] for report in reports if (match := _MISSING.search(_reason(report)))}
    for what, remedy in found.items():
        terminalreporter.write_line(f"Not tested here: what needs {what}. To test it: {remedy}", yellow=True)


def _reason(report: pytest.TestReport) -> str:
    return str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr).removeprefix("Skipped: ")
