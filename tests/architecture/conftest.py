"""After the house's tests: the files that are worth a thought before they grow further."""

from __future__ import annotations

from typing import Any

from tests.architecture.test_sizes import line_counts

THINK_AT = 400


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name the files of more than 400 lines."""
    long = sorted((lines, name) for name, lines in line_counts().items() if lines > THINK_AT)
    for lines, name in reversed(long):
        terminalreporter.write_line(f"{name} has {lines} lines: is it one thing?", yellow=True)
