"""What is tracked names no package registry and no machine, and holds no large or secret files."""

from __future__ import annotations

import re

from tests.architecture.source import ROOT, read_text, tracked_files

# In pieces, so that this file does not find itself.
REGISTRIES = re.compile(
    "|".join(["pypi" + r"\.org", "python" + r"hosted\.org", "registry" + r"\.npmjs", "deb" + r"\.debian\.org"])
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(work|root|Users|home)" + r"/(main|shared|brief|\.|[a-z]+/(?!\.\.\.))")
# Files that must name a registry, each with its reason.
MAY_NAME_A_REGISTRY = {
    "src/everword/weights/index.py": "the product fetches weights from the default package index where none is set",
}
MAY_NAME_A_PATH = {
    "deploy/": "recipes for a machine name that machine's folders",
    "docs/deploy.md": "as above",
}
LARGEST_BYTES = 1_000_000
MAY_BE_LARGE: dict[str, str] = {}


def test_no_registry_is_named() -> None:
    """Locks and sources hold hashes, not addresses: any mirror of the same bytes will do."""
    assert not _lines_with(REGISTRIES, MAY_NAME_A_REGISTRY)


def test_no_path_of_somebodys_machine_is_named() -> None:
    """What works only in one person's folders is not in the tree."""
    assert not _lines_with(MACHINE_PATHS, MAY_NAME_A_PATH)


def test_nothing_tracked_is_large() -> None:
    """Weights and data are fetched by hash, not committed."""
    sizes = {path.relative_to(ROOT).as_posix(): path.stat().st_size for path in tracked_files()}
    assert not {name: size for name, size in sizes.items() if size > LARGEST_BYTES and name not in MAY_BE_LARGE}


def _lines_with(pattern: re.Pattern[str], exceptions: dict[str, str]) -> list[str]:
    found = []
    for path in tracked_files():
        name = path.relative_to(ROOT).as_posix()
        text = None if name.startswith(tuple(exceptions)) else read_text(path)
        for number, line in enumerate((text or "").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    return found
