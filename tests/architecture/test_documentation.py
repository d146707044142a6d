"""The documentation says what the code does, and its links lead somewhere."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator

from tests.architecture.source import ROOT, modules, tracked_files

WRITERS = {"append", "_tell", "to_thread"}
EVENT_TYPE = re.compile(r"[a-z]+\.[a-z_]+")
LINK = re.compile(r"(?<!`)\[[^\]\n]+\]\(([^)\s#]+)(?:#[^)]*)?\)")


def test_the_reference_is_current() -> None:
    """Every setting, route, command and error code has its section, as the code has it (`make docs` writes them)."""
    command = [sys.executable, str(ROOT / "scripts" / "reference.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_event_type_has_its_section() -> None:
    """docs/reference/events.md tells of each type that is written, and of no other."""
    text = (ROOT / "docs" / "reference" / "events.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^## `(.+)`$", text, re.MULTILINE))
    written = set(event_types())
    assert "run.delta" in written
    assert told == written


def event_types() -> Iterator[str]:
    """The types that the code writes: arguments of `events.append` and its wrappers, by value or as a constant."""
    constants = {
        target.id: node.value.value
        for module in modules()
        for node in module.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for argument in (argument for module in modules() for argument in _arguments(module.tree)):
        value = argument.value if isinstance(argument, ast.Constant) else None
        value = constants.get(argument.id) if isinstance(argument, ast.Name) else value
        if isinstance(value, str) and EVENT_TYPE.fullmatch(value):
            yield value


def _arguments(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS:
            yield from node.args[:4]


def test_links_between_documents_lead_somewhere() -> None:
    """Every relative link in a Markdown file names a file that is there."""
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in tracked_files()
        if path.suffix == ".md"
        for target in LINK.findall(path.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists()
    ]
    assert not broken


def test_every_decision_record_is_short_and_listed() -> None:
    """Each ADR fits a page (80 lines), says its status, and the index names it."""
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for record in sorted(folder.glob("[0-9]*.md")):
        text = record.read_text(encoding="utf-8")
        assert record.name in index, f"{record.name} is not listed in docs/adr/README.md"
        assert text.count("\n") <= 80, f"{record.name} is longer than a page"
        assert "Status:" in text
