"""Sets Everword up from a clone on a machine that has only Python: environments, dependencies, the browser UI.

Everything comes from locks with hashes. What is there already, from the same locks, is left alone, so a second run
takes a fraction of a second. Two environments: `.build/venv` builds (Node, packaging tools), `.venv` runs.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
BUILD = ROOT / ".build"
RUN = ROOT / ".venv"
OLDEST = (3, 11)


class SetupError(Exception):
    """Set-up cannot go on; the message says why and what to do."""


def main() -> int:
    """Set up what was asked for; 0 when all of it stands."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what the tests and checks need")
    parser.add_argument("--no-ui", action="store_true", help="leave the browser UI unbuilt")
    wanted = parser.parse_args()
    try:
        check_python()
        build_environment()
        with ThreadPoolExecutor() as both:
            jobs = [both.submit(run_environment, developer=wanted.dev)]
            jobs.append(both.submit(browser_ui, developer=wanted.dev, build=not wanted.no_ui))
            for job in jobs:
                job.result()
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def check_python() -> None:
    """Refuse a Python that is too old or lacks the module that makes environments, with the remedy."""
    if sys.version_info < OLDEST:
        raise SetupError(
            f"Everword needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}. "
            "Install a newer one, then: make run PYTHON=python3.13"
        )
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise SetupError(
            "This Python cannot create environments. Install the missing part, then run the command again:\n"
            f"    sudo apt install python{sys.version_info.major}.{sys.version_info.minor}-venv"
        )


def build_environment() -> None:
    """`.build/venv`: the installer, the packaging tools and Node, from requirements/build.txt."""
    folder = BUILD / "venv"
    with _unless_current(folder, "build tools", _fingerprint(LOCKS / "build.txt")) as stale:
        if stale:
            shutil.rmtree(folder, ignore_errors=True)
            _run([sys.executable, "-m", "venv", folder])
            _run(
                [_python(folder), "-m", "pip", "install", "--require-hashes", "--no-compile", "-r", LOCKS / "build.txt"]
            )


def run_environment(*, developer: bool) -> None:
    """`.venv`: what Everword needs to run (`developer`: to be tested too), and Everword itself from this tree.

    All of it is compiled, so that the first start is as quick as any, also where nothing may be written later.
    """
    lock = LOCKS / "run.txt"
    with _unless_current(RUN, "dependencies", _fingerprint(lock)) as stale:
        if stale:
            _uv("venv", "--quiet", "--allow-existing", "--python", sys.executable, RUN)
            _install("--require-hashes", "-r", lock)
            _compile(*_packages())
    if developer:
        lock = LOCKS / "dev.txt"
        with _unless_current(RUN, "test tools", _fingerprint(lock), name="developer") as stale:
            if stale:
                _install("--require-hashes", "-r", lock)
                _compile(*_packages())
    this_tree = _fingerprint(ROOT / "pyproject.toml", ROOT / "hatch_build.py")
    with _unless_current(RUN, "everword", this_tree, name="everword") as stale:
        if stale:
            _install_this_tree()
    _compile(ROOT / "src")


def browser_ui(*, developer: bool, build: bool) -> None:
    """What the UI's own checks and tests need (`developer`), and the UI itself, `src/everword/web/dist` (`build`)."""
    script = ROOT / "scripts" / "ui.py"
    if developer:
        with _timed("browser UI's tools"):
            _run([_python(BUILD / "venv"), script, "install", "--dev"])
    if build:
        with _timed("browser UI"):
            _run([_python(BUILD / "venv"), script, "build"])


def _install_this_tree() -> None:
    """Install Everword so that it runs from `src/`: an editable wheel, made by the locked build tools, offline."""
    wheels = BUILD / "editable"
    shutil.rmtree(wheels, ignore_errors=True)
    _run([_python(BUILD / "venv"), "-m", "hatchling", "build", "-t", "wheel:editable", "-d", wheels])
    (wheel,) = wheels.glob("*.whl")
    _install("--no-deps", "--no-index", "--reinstall", wheel)


def _install(*arguments: str | Path) -> None:
    """Install into `.venv`, by uv; where uv cannot reach the index as pip is set up to (a mirror, a proxy), by pip."""
    try:
        _uv("pip", "install", "--quiet", "--python", _python(RUN), *arguments)
    except SetupError as failure:
        print(f"    the quick installer failed, trying pip ({str(failure).splitlines()[-1][:120]})")
        pip: list[str | Path] = [_python(BUILD / "venv"), "-m", "pip", "--python", _python(RUN), "install"]
        _run([*pip, *("--force-reinstall" if part == "--reinstall" else part for part in arguments)])


def _packages() -> list[Path]:
    return [folder for folder in RUN.glob("[Ll]ib/**/site-packages") if folder.is_dir()]


def _compile(*folders: Path) -> None:
    """Byte code for all that is in the folders; what is current is passed over, what cannot be compiled is left."""
    subprocess.run([_python(RUN), "-m", "compileall", "-qq", "-j", "0", *folders], cwd=ROOT, check=False)


def _uv(*arguments: str | Path) -> None:
    _run([_python(BUILD / "venv"), "-m", "uv", *arguments])


def _python(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _run(command: Sequence[str | Path]) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetupError(f"This failed ({done.returncode}): {' '.join(words)}\n\n{done.stdout.strip()[-4000:]}")


def _fingerprint(*files: Path) -> str:
    """A hash of the files, the Python that reads them, and where the tree lies (environments cannot be moved)."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {sys.platform} {ROOT}".encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


@contextmanager
def _unless_current(folder: Path, what: str, fingerprint: str, name: str = "installed") -> Iterator[bool]:
    """Yield whether `what` in `folder` must be made again; afterwards remember what it was made from."""
    stamp = folder / f".{name}-from"
    if stamp.is_file() and stamp.read_text() == fingerprint:
        yield False
        return
    with _timed(what):
        yield True
    stamp.write_text(fingerprint)


@contextmanager
def _timed(what: str, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    started = clock()
    sys.stdout.write(f"  {what} ...\n")  # in one piece: two jobs tell at once
    sys.stdout.flush()
    yield
    sys.stdout.write(f"  {what}: {clock() - started:.1f} s\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
