"""What is declared is used, what is used is declared, and the locks go with both."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.architecture.source import ROOT, modules

# Declared though no module of ours imports them, each with its reason.
UNIMPORTED = {
    "psycopg": "SQLAlchemy's driver for PostgreSQL",
    "python-multipart": "FastAPI parses uploads with it",
    "tzdata": "time zones where the system has none (Windows)",
    "wordllama": "its word vectors and tokenizer are read as files",
}
HASHED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;]+).*\\$", re.MULTILINE)


def declared() -> set[str]:
    """The names in [project.dependencies]."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in project["dependencies"])
    return {_normal(name.group()) for name in names if name}


def imported() -> set[str]:
    """The distributions whose modules ours import, wherever in a module."""
    owners = packages_distributions()
    tops = set()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                tops |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                tops.add(node.module.split(".")[0])
    outside = tops - set(sys.stdlib_module_names) - {"everword", "google", "_typeshed"}
    return {_normal(owner) for top in outside for owner in owners.get(top, [top])}


def test_what_is_imported_is_declared() -> None:
    """No module leans on a library that only comes along with another one."""
    brought_by_extras = {"openai", "anthropic", "google-genai"}  # pydantic-ai-slim[openai,anthropic,google]
    undeclared = imported() - declared() - brought_by_extras
    assert not undeclared, "Declare it in pyproject.toml and run `make lock`."


def test_what_is_declared_is_used() -> None:
    """No dependency stays after its last use."""
    renamed = {"pydantic-ai-slim"}
    unused = declared() - imported() - set(UNIMPORTED) - renamed
    assert not unused


def test_locks_hold_every_dependency_with_hashes() -> None:
    """Each declared dependency is in the lock with an exact version, and every locked version has a hash."""
    text = (ROOT / "requirements" / "run.txt").read_text()
    locked = {_normal(name) for name, _ in HASHED.findall(text)}
    assert not declared() - locked
    for lock in ("run.txt", "dev.txt", "build.txt"):
        blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements" / lock).read_text().strip())
        assert not [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block]


def test_the_lock_of_the_browser_ui_holds_hashes() -> None:
    """npm installs only what has the bytes that were locked, from whichever registry is set up."""
    lock = (ROOT / "web" / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') >= lock.count('"node_modules/')


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
