"""In CI nothing is skipped in silence."""

from __future__ import annotations

from pathlib import Path

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


def test_what_is_missing_is_named_with_its_remedy(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The summary says what was left out and the one command that mends it, from workers too."""
    monkeypatch.setenv("CI", "")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    pytester.makepyfile(
        """
        from tests.skips import missing

        def test_needs_it():
            missing("Chromium", "sudo apt-get install chromium")
        """
    )
    for workers in ("0", "1"):
        result = pytester.runpytest_subprocess("-p", "tests.skips", "-p", "no:asyncio", "-n", workers)
        result.assert_outcomes(skipped=1)
        result.stdout.fnmatch_lines(["*what needs Chromium. To test it: sudo apt-get install chromium*"])
