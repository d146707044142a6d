"""No file outgrows one reading, and the few that may are listed with their reason."""

from __future__ import annotations

from tests.architecture.source import ROOT, read_text, tracked_files

LONGEST = 500
SUFFIXES = {".py", ".ts", ".svelte", ".css", ".js"}
# Files that may be longer, each with its reason.
LONGER = {"web/src/lib/strings.ts": "every text of the browser UI is in one catalogue"}
WRITTEN_BY_TOOLS = ("web/src/lib/api/schema.ts", "src/everword/storage/migrations/versions/")


def line_counts() -> dict[str, int]:
    """Lines of every source file that people write, by its path in the tree."""
    counts = {}
    for path in tracked_files():
        name = path.relative_to(ROOT).as_posix()
        text = read_text(path) if path.suffix in SUFFIXES and not name.startswith(WRITTEN_BY_TOOLS) else None
        if text is not None:
            counts[name] = text.count("\n")
    return counts


def test_no_file_is_too_long() -> None:
    """Every source file has at most 500 lines: at 400 think what it owns, beyond 500 split it."""
    too_long = {name: lines for name, lines in line_counts().items() if lines > LONGEST and name not in LONGER}
    assert not too_long, f"More than {LONGEST} lines: {too_long}. Split each by what it owns, or list it with a reason."


def test_the_list_of_longer_files_is_current() -> None:
    """A file that was removed leaves the list."""
    assert not LONGER.keys() - line_counts().keys()
