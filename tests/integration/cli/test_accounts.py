"""The door's commands, with a server running and with none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from everword.http.control import find_server
from tests.server import Server

PASSWORD = "a quiet sentence"
ENVIRONMENT = {"EVERWORD_PORT": "0", "EVERWORD_MODEL": "scripted", "EVERWORD_OPEN_BROWSER": "0"}

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=["running", "stopped"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Run]:
    """Runs a command on a folder whose server runs, or does not."""
    home = tmp_path / "home"
    server = Server(home)
    home.mkdir()
    if request.param == "running":
        server.start()

    def run(*arguments: str, input: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "everword.cli.main", *arguments]
        environment = {**os.environ, **ENVIRONMENT, "EVERWORD_HOME": str(home)}
        return subprocess.run(command, env=environment, input=input, capture_output=True, text=True, check=False)

    yield run
    if request.param == "running":
        server.stop()
        assert find_server(home) is None, "the control file is gone with its server"


@pytest.mark.slow
def test_set_up_and_keys_in_both_states(run: Run, tmp_path: Path) -> None:
    """The owner is made once; a key is made, listed and revoked; wrong input is one sentence and a status of 1."""
    made = run("setup", "--name", "Nora", "--password-stdin", input=PASSWORD + "\n")
    assert (made.returncode, made.stdout.split()[0]) == (0, "Nora"), made.stderr
    again = run("setup", "--password-stdin", input=PASSWORD + "\n")
    assert again.returncode == 1
    assert "already has an owner" in again.stderr
    secret = run("key", "create", "laptop", "--scope", "api").stdout.strip()
    assert secret.startswith("ew_")
    listed = run("key", "list").stdout
    assert "laptop" in listed
    assert secret not in listed
    server = find_server(tmp_path / "home")
    if server is not None:
        answer = httpx.get(
            f"{server.address}/api/today", headers={"Authorization": f"Bearer {secret}"}, trust_env=False
        )
        assert answer.status_code == 200
    assert run("key", "revoke", "laptop").returncode == 0
    missing = run("key", "revoke", "laptop")
    assert missing.returncode == 1
    assert "everword key list" in missing.stderr


@pytest.mark.slow
def test_a_lost_password_is_replaced_in_both_states(run: Run) -> None:
    """Before there is an owner it says so; then by standard input, or by a link."""
    assert "no owner yet" in run("reset-password").stderr
    run("setup", "--password-stdin", input=PASSWORD + "\n")
    assert "signed out everywhere" in run("reset-password", "--password-stdin", input="another quiet one\n").stdout
    assert "at least 12 characters" in run("reset-password", "--password-stdin", input="short\n").stderr
    assert "/reset-password#token=" in run("reset-password").stdout


def test_a_control_file_left_by_a_killed_server_is_passed_over(tmp_path: Path) -> None:
    """After kill -9 commands open the folder themselves."""
    home = tmp_path / "home"
    home.mkdir()
    server = Server(home).start()
    server.kill()
    assert find_server(home) is not None
    environment = {**os.environ, **ENVIRONMENT, "EVERWORD_HOME": str(home)}
    command = [sys.executable, "-m", "everword.cli.main", "key", "list"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "no owner yet" in done.stderr
    if os.name == "posix":
        modes = {path.name: path.stat().st_mode & 0o077 for path in home.iterdir() if path.is_file()}
        assert set(modes.values()) == {0}, modes
