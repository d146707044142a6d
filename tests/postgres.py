"""A private PostgreSQL server for the tests: found, started on a free port, torn down with the session.

The server runs from the binaries that are installed, in a temporary folder, as another user where the tests run as root
(PostgreSQL refuses root). Tests connect as a role without superuser or row-security bypass that owns its databases, as
an installation should.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from tests.skips import missing

ROLE = "everword"
REMEDY = "sudo apt-get install postgresql   (macOS: brew install postgresql)"
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "Asia/Kathmandu",  # an odd one, so that code which trusts the server's zone is found out
    "log_min_messages": "warning",
}


class PostgresServer:
    """A running server. Databases come from it in about 50 ms, from a template in about the same."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.log = log
        self._names = (f"test_{number}" for number in itertools.count(1))
        self._templates: dict[str, str] = {}

    def url(self, database: str) -> str:
        """The address of a database, for the role without special powers."""
        return f"postgresql+psycopg://{ROLE}@127.0.0.1:{self.port}/{database}"

    def fresh_database(self, template: str | None = None) -> str:
        """Create an empty database, or a copy of a template made by `template`, and return its URL."""
        name = next(self._names)
        source = self._templates[template] if template else "template0"
        self._admin(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(ROLE), sql.Identifier(source)
            )
        )
        return self.url(name)

    def template(self, name: str, prepare: Callable[[str], None]) -> None:
        """Once a session, make a database with `prepare(url)` that `fresh_database(name)` then copies.

        `prepare` must leave no connection open: PostgreSQL copies only databases that nobody uses.
        """
        if name in self._templates:
            return
        url = self.fresh_database()
        prepare(url)
        self._templates[name] = urlsplit(url).path.removeprefix("/")

    def drop(self, url: str) -> None:
        """Drop a database and end whatever is still connected to it."""
        name = urlsplit(url).path.removeprefix("/")
        self._admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _admin(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The session's PostgreSQL server; a test that asks for it is skipped where none is installed (a failure in CI)."""
    binaries = find_binaries()
    if binaries is None:
        missing("PostgreSQL", REMEDY)
    with running(binaries) as server:
        yield server


def find_binaries() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest version first; None when there is none."""

    def version(folder: Path) -> float:
        return float(folder.parent.name) if folder.parent.name.replace(".", "", 1).isdigit() else 0.0

    places = ["/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin"]
    folders = [folder for place in places for folder in Path("/").glob(place.lstrip("/"))]
    on_path = shutil.which("initdb")
    candidates = sorted(folders, key=version, reverse=True) + ([Path(on_path).resolve().parent] if on_path else [])
    return next((folder for folder in candidates if all((folder / n).exists() for n in ("initdb", "postgres"))), None)


@contextmanager
def running(binaries: Path) -> Iterator[PostgresServer]:
    """Start a server in a temporary folder, yield it, stop it and remove the folder.

    Raises:
        RuntimeError: it did not come up; the message carries the end of its log.
    """
    folder = Path(tempfile.mkdtemp(prefix="everword-pg-"))
    identity = _unprivileged()
    if identity:
        shutil.chown(folder, user=identity["user"], group=identity["group"])
    try:
        _initialise(binaries, folder / "cluster", identity)
        process, server = _start(binaries, folder, identity)
        try:
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # "fast": ends sessions, checkpoints, exits
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)
                process.wait(timeout=10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> dict[str, Any]:
    """Arguments for subprocess that leave root behind: the postgres user where it exists, else nobody."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_name, "group": entry.pw_gid, "extra_groups": []}


def _initialise(binaries: Path, cluster: Path, identity: dict[str, Any]) -> None:
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    command = [str(binaries / "initdb"), "-D", str(cluster), *options]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **identity)
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")


def _start(binaries: Path, folder: Path, identity: dict[str, Any]) -> tuple[subprocess.Popen[bytes], PostgresServer]:
    log = folder / "server.log"
    for _attempt in range(5):  # another process may take the free port between our look and the server's
        port = _free_port()
        settings = {**_SETTINGS, "port": str(port), "listen_addresses": "127.0.0.1"}
        settings["unix_socket_directories"] = str(folder)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with log.open("ab") as output:
            process = subprocess.Popen(
                [str(binaries / "postgres"), "-D", str(folder / "cluster"), *options],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 (calls prctl alone)
                **identity,
            )
        server = PostgresServer(port, log)
        if _comes_up(process, server):
            server._admin(
                sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE").format(
                    sql.Identifier(ROLE)
                )
            )
            return process, server
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _comes_up(process: subprocess.Popen[bytes], server: PostgresServer) -> bool:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            server._admin(sql.SQL("SELECT 1"))
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    process.kill()
    process.wait()
    return False


def _die_with_parent() -> None:
    """A killed test session leaves no server behind (Linux: the kernel sends SIGQUIT when the parent dies)."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGQUIT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
