"""A real server in a process of its own, for acceptance tests: started, killed, started again on the same folder."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from everword.cli.main import main
from everword.http.control import find_server

PASSWORD = "a sentence that is long enough"
_START_S = 60.0
#: Each server is forked from a process that has imported what it needs: importing it is most of a start's work.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.server", "everword.bootstrap.serve", "everword.models.calls", "dbos"])


class Server:
    """`everword serve` on a folder, a free port and the scripted model. `client` acts as the owner."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")},
            "EVERWORD_HOME": str(home),
            "EVERWORD_PORT": "0",
            "EVERWORD_MODEL": "scripted",
            "EVERWORD_OPEN_BROWSER": "0",
            **environment,
        }
        self._process: multiprocessing.process.BaseProcess | None = None
        self.log = home.parent / f"{home.name}.log"

    @property
    def base_url(self) -> str:
        """Where it answers."""
        found = find_server(self.home)
        assert found is not None, "the server does not run"
        return found.address

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    @property
    def client(self) -> httpx.Client:
        """A client with the rights of a command on this machine: it acts as the owner."""
        found = find_server(self.home)
        assert found is not None, "the server does not run"
        return httpx.Client(
            base_url=found.address,
            headers={"Authorization": f"Bearer {found.token}"},
            timeout=30,
            trust_env=False,
            verify=False,  # plain HTTP on loopback: reading certificates would cost 45 ms each time
        )

    def start(self) -> Server:
        """Start it, and wait until it answers."""
        (self.home / "server.json").unlink(missing_ok=True)
        self._process = _FORKS.Process(target=_serve, args=(self._environment, self.log), daemon=True)
        self._process.start()
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and self._process.exitcode is None:
            if find_server(self.home) is not None:
                with contextlib.suppress(httpx.HTTPError):
                    if httpx.get(f"{self.base_url}/api/health", trust_env=False, verify=False).status_code == 200:
                        return self
            time.sleep(0.02)
        raise AssertionError(f"the server did not start:\n{self.log.read_text(errors='replace')[-3000:]}")

    def set_up(self) -> Server:
        """Make the owner."""
        with self.client as client:
            client.post("/api/control/setup", json={"name": "Anna", "password": PASSWORD}).raise_for_status()
        return self

    def setup_link(self) -> str:
        """A fresh one-time link, as the terminal prints it."""
        with self.client as client:
            answer = client.post("/api/control/links", json={"purpose": "setup"}).raise_for_status()
        path: str = answer.json()["path"]
        return self.base_url + path

    def kill(self) -> None:
        """End it as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._process.join()

    def stop(self) -> int:
        """End it as a person would; its exit status."""
        assert self._process is not None
        self._process.terminate()
        self._process.join(timeout=20)
        if self._process.exitcode is None:
            self.kill()
        assert self._process.exitcode is not None
        return self._process.exitcode


def _serve(environment: dict[str, str], log: Path) -> None:
    """`everword serve`, in the forked process."""
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    sys.argv = ["everword", "serve"]
    main()


def finished(client: httpx.Client, run_id: str, timeout_s: float = 60) -> dict[str, Any]:
    """Wait until a run has ended, and return it."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        run: dict[str, Any] = client.get(f"/api/runs/{run_id}").raise_for_status().json()
        if run["state"] not in {"queued", "running", "waiting"}:
            return run
        time.sleep(0.05)
    raise AssertionError(f"the run is still {run['state']}")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running server without an owner yet."""
    server = Server(tmp_path / "home").start()
    yield server
    server.stop()


@pytest.fixture
def owned_server(server: Server) -> Server:
    """A running server that is set up."""
    return server.set_up()
