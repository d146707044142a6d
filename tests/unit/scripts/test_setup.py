"""The set-up says what is missing and how to mend it, and does nothing twice."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import setup

ROOT = Path(__file__).resolve().parents[3]


def test_an_old_python_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python that is too old ends the set-up with a sentence that names what is needed."""
    monkeypatch.setattr(setup, "OLDEST", (99, 0))
    with pytest.raises(setup.SetupError, match=r"needs Python 99\.0 or newer.*make run PYTHON="):
        setup.check_python()


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_missing_venv_module_has_a_one_line_remedy(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian ships Python without the module that makes environments; the remedy is one command."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == module else find_spec(name))
    with pytest.raises(setup.SetupError, match=r"sudo apt install python3\.\d+-venv$"):
        setup.check_python()


def test_the_set_up_needs_nothing_but_the_standard_library() -> None:
    """The scripts that run before anything is installed start without any installed package."""
    for script in ("setup.py", "machine.py"):
        command = [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import runpy; runpy.run_path({str(ROOT / 'scripts' / script)!r})",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_what_is_current_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A part is made once for a lock, again for a changed lock, and again after it failed."""

    def made(fingerprint: str) -> bool:
        with setup._unless_current(tmp_path, "part", fingerprint) as stale:
            return stale

    assert made("lock 1")
    assert not made("lock 1")
    with pytest.raises(OSError, match="disk full"), setup._unless_current(tmp_path, "part", "lock 2"):
        raise OSError("disk full")
    assert made("lock 2")
    assert "part" in capsys.readouterr().out
