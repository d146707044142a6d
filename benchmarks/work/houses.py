"""Databases and servers that the measurements of background work start and stop."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from everword.accounts import people
from everword.core import clock
from everword.core.types import Principal
from everword.http.control import RunningServer, find_server
from everword.storage.database import Database
from everword.storage.migrate import migrate
from tests.postgres import find_binaries, running


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    """An empty database: a file in `folder`, or one on a PostgreSQL server that is started for it (without fsync)."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'everword.db'}"
        return
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit("PostgreSQL is not installed: sudo apt-get install postgresql")
    with running(binaries) as server:
        yield server.fresh_database()


def owned(database: Database) -> Principal:
    """Bring the database to its schema, and make its owner."""
    migrate(database)
    people.ensure_installation(database)
    return people.principal_for(database, people.create_person(database, "Anna").id)


def _with_byte_code() -> dict[str, str]:
    """The environment, where what was compiled once is kept as it is for whoever uses the program."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Serving:
    """`everword serve` on a folder, from `start` on. `took_s` until it answered."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self._environment = {"EVERWORD_MODEL": "scripted", **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._found: RunningServer | None = None
        self.took_s = 0.0

    def start(self) -> "Serving":
        """Start it, and wait until it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        given = {"EVERWORD_HOME": str(self.home), "EVERWORD_PORT": "0", "EVERWORD_OPEN_BROWSER": "0"}
        (self.home / "server.json").unlink(missing_ok=True)
        started = clock.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "everword.cli.main", "serve"],
            env={**_with_byte_code(), **given, **self._environment},
            stdout=subprocess.DEVNULL,
        )
        while (found := find_server(self.home)) is None:
            threading.Event().wait(0.005)
        self._found = found
        with self.client() as client:
            client.get("/api/health").raise_for_status()
        self.took_s = clock.monotonic() - started
        return self

    def client(self) -> httpx.Client:
        """A client with the rights of a command on this machine."""
        if self._found is None:
            raise RuntimeError("start it first")
        headers = {"Authorization": f"Bearer {self._found.token}"}
        return httpx.Client(base_url=self._found.address, headers=headers, timeout=60, trust_env=False, verify=False)

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """Its process."""
        if self._process is None:
            raise RuntimeError("start it first")
        return self._process

    def resident_mb(self) -> float:
        """What it holds of memory now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1000

    def stop(self) -> None:
        """End it as a person would."""
        self.process.terminate()
        self.process.wait()

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()
