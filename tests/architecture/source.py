"""The source tree as the house rules read it: modules, parsed once."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "everword"


@dataclass(frozen=True)
class Module:
    """One Python module of the package: its dotted name, its text, and where it lies."""

    name: str
    text: str
    path: str = "<snippet>"

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, self.path)

    @cached_property
    def lines(self) -> list[str]:
        """The text by lines; line 1 is `lines[0]`."""
        return self.text.splitlines()

    @property
    def room(self) -> str:
        """The package directly under `everword` that it belongs to; "" for the top itself."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    @property
    def file_word(self) -> str:
        """The last word of its name: `store` for `everword.memory.store`."""
        return self.name.rsplit(".", maxsplit=1)[-1]

    def is_in(self, *names: str) -> bool:
        """Whether it is one of these modules or lies in one of these packages."""
        return any(self.name == name or self.name.startswith(f"{name}.") for name in names)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package; migrations are left out, they are records of what was."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE)
        if inside.parts[:2] == ("storage", "migrations"):
            continue
        name = ".".join(("everword", *inside.with_suffix("").parts)).removesuffix(".__init__")
        found.append(Module(name, path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))))
    return tuple(found)


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that git tracks or would, as it is in the working tree."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return tuple(path for path in paths if path.is_file())


def read_text(path: Path) -> str | None:
    """The file's text; None if it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
