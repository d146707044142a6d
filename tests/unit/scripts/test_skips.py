"""In CI nothing is skipped in silence."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

MODULE = """
import pytest

def test_lacks_something():
    pytest.skip({reason!r})
"""


@pytest.mark.parametrize(
    ("ci", "reason", "outcome"),
    [
        ("", "no PostgreSQL", {"skipped": 1}),
        ("true", "no PostgreSQL", {"failed": 1}),
        ("true", "kernel: no Landlock here", {"skipped": 1}),
    ],
)
def test_a_skip_fails_in_ci_unless_it_is_on_the_list(
    ci: str, reason: str, outcome: dict[str, int], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With CI=true a skip is a failure, except for the reasons on the short list."""
    monkeypatch.setenv("CI", ci)
    pytester.makepyfile(MODULE.format(reason=reason))
    pytester.runpytest_inprocess("-p", "tests.skips", "-p", "no:asyncio").assert_outcomes(**outcome)
