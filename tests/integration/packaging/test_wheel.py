"""The wheel holds everything that runs, and nothing else."""

from __future__ import annotations

import configparser
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.skips import missing

ROOT = Path(__file__).resolve().parents[3]
BUILD_PYTHON = ROOT / ".build" / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from this tree by the locked tools."""
    if not BUILD_PYTHON.exists():
        missing("the build environment", "make dev")
    folder = tmp_path_factory.mktemp("wheel")
    command = [str(BUILD_PYTHON), "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_every_module_and_file_of_the_package_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    """Whatever lies in the package, code and data, is shipped, so that nothing works only from a clone."""
    source = ROOT / "src"
    ours = {
        path.relative_to(source).as_posix()
        for path in (source / "everword").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    shipped = {name for name in wheel.namelist() if name.startswith("everword/")}
    assert not ours - shipped
    assert not {name for name in wheel.namelist() if not name.startswith(("everword/", "everword-"))}


def test_the_built_browser_ui_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    """The page and its hashed assets are there: an installed wheel serves them without Node."""
    names = set(wheel.namelist())
    assert "everword/web/dist/index.html" in names
    assert any(name.startswith("everword/web/dist/assets/") and name.endswith(".js") for name in names)


def test_the_command_and_the_licences_are_declared(wheel: zipfile.ZipFile) -> None:
    """The wheel installs the command `everword` and carries licence, notices and the fonts' licence."""
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    parsed = configparser.ConfigParser()
    parsed.read_string(wheel.read(entry_points).decode())
    assert parsed["console_scripts"]["everword"] == "everword.cli.main:main"
    licences = {Path(name).name for name in wheel.namelist() if ".dist-info/licenses/" in name}
    assert {"LICENSE", "NOTICE", "source-serif-4.OFL-1.1.txt"} <= licences
