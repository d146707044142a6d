"""From a clean clone to the first answer: `python -m benchmarks.house.clone [--keep FOLDER]`.

Clones the last commit into a new folder and does what `make run` does, with a home, caches and a data folder that are
empty, then sets the owner up by the printed link, asks one question and waits for the first words of the answer. Prints
each part's seconds, the sizes on disk, and the server's resident memory when idle; the local model's process is shown
apart. The network's share is in it: the second start, printed beside the first, needs none.
"""

from __future__ import annotations

import argparse
import contextlib
import http.cookiejar
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 300.0


def main() -> int:
    """Measure, print, and remove the clone unless it is to be kept."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--keep", type=Path, help="clone into this folder and leave it there")
    keep: Path | None = arguments.parse_args().keep
    folder = keep or Path(tempfile.mkdtemp(prefix="everword-clone-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _measure(folder)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _measure(folder: Path) -> None:
    tree, environment = folder / "everword", _empty_machine(folder)
    began = time.monotonic()
    _tell("clone", _timed(["git", "clone", "--quiet", str(ROOT), str(tree)], folder, environment))
    _tell("set-up", _timed([sys.executable, "scripts/setup.py"], tree, environment))
    with _serving(tree, environment) as (first, address, started_s):
        _tell("first start, to the first answer of /api/health", started_s)
        browser = _Browser(address)
        browser.set_up(first)
        asked = time.monotonic()
        text = browser.ask("What is the capital of France?")
        _tell("question to first words (weights fetched meanwhile, if they were not there)", time.monotonic() - asked)
        _tell("CLONE TO FIRST ANSWER", time.monotonic() - began)
        print(f"  it said: {text[:100]!r}")
    with _serving(tree, environment) as (_, address, started_s):
        _tell("second start", started_s)
        time.sleep(10)
        for name, megabytes in _resident(int(_server_pid(tree, environment))):
            print(f"  idle, resident: {megabytes:6.0f} MB  {name}")
    for name in (".venv", ".build", "web/node_modules"):
        print(f"  on disk: {_megabytes(tree / name):6.0f} MB  {name}")
    print(f"  on disk: {_megabytes(Path(environment['EVERWORD_HOME'])):6.0f} MB  data folder, weights included")


def _empty_machine(folder: Path) -> dict[str, str]:
    """The environment of somebody who has nothing yet."""
    home = folder / "home"
    home.mkdir()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("EVERWORD_", "XDG_", "VIRTUAL_ENV"))
    }
    caches = {"UV_CACHE_DIR": "uv", "PIP_CACHE_DIR": "pip", "npm_config_cache": "npm"}
    return {
        **kept,
        **{name: str(home / ".cache" / place) for name, place in caches.items()},
        "HOME": str(home),
        "EVERWORD_HOME": str(folder / "data"),
        "EVERWORD_PORT": "0",
        "EVERWORD_OPEN_BROWSER": "0",
    }


@contextmanager
def _serving(tree: Path, environment: dict[str, str]) -> Iterator[tuple[str, str, float]]:
    """The running server: what it printed, its address, and the seconds until it answered."""
    command = [str(tree / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "everword"), "serve"]
    began = time.monotonic()
    server = subprocess.Popen(command, cwd=tree, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        printed = ""
        while not (found := re.search(r"http://localhost:\d+", printed)):
            line = server.stdout.readline() if server.stdout else ""
            if not line:
                raise RuntimeError(f"the server ended: {printed}")
            printed += line
        urllib.request.urlopen(f"{found.group()}/api/health", timeout=10).close()
        yield printed, found.group(), time.monotonic() - began
    finally:
        server.terminate()
        server.wait(timeout=30)


class _Browser:
    """Does over HTTP what the page does."""

    def __init__(self, address: str) -> None:
        self._address = address
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        self._csrf = ""

    def set_up(self, printed: str) -> None:
        (link,) = re.findall(r"http://\S+/setup#\S+", printed)
        token = parse_qs(urlsplit(link).fragment)["token"][0]
        made = self._call("POST", "/api/setup", {"token": token, "name": "Tessa", "password": "correct horse battery"})
        self._csrf = made["csrf_token"]

    def ask(self, question: str) -> str:
        """Say something and wait for the answer's first words; while there is no model yet, ask again."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            said = self._call("POST", "/api/messages", {"text": question, "client_id": str(uuid4())})
            if words := self._first_words(said["run"]["id"], deadline):
                self._call("POST", "/api/runs/stop", {})
                return words
            time.sleep(0.5)
        raise TimeoutError(f"no answer within {PATIENCE_S} s")

    def _first_words(self, run_id: str, deadline: float) -> str:
        """The first piece of the run's answer; "" if it ended without one."""
        position = 0
        while time.monotonic() < deadline:
            told = self._call("GET", f"/api/events/poll?after={position}&wait_s=5")
            position = told["position"]
            for event in told["events"]:
                if event["run_id"] == run_id and event["type"] == "run.delta":
                    return str(event["payload"]["text"])
                if event["run_id"] == run_id and event["type"] in {"run.finished", "run.state"}:
                    state = event["payload"].get("run", {}).get("state")
                    if state in {"failed", "cancelled", "delivered"}:
                        return ""
        return ""

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(self._address + path, method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
            request.add_header("X-CSRF-Token", self._csrf)
        with self._opener.open(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
            return answer


def _server_pid(tree: Path, environment: dict[str, str]) -> str:
    return (Path(environment["EVERWORD_HOME"]) / "everword.pid").read_text()


def _resident(pid: int) -> Iterator[tuple[str, float]]:
    """A process and its children with their resident memory (Linux; elsewhere nothing)."""
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text()
        command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        kilobytes = re.search(r"VmRSS:\s+(\d+)", status)
        yield command[-80:], int(kilobytes[1]) / 1024 if kilobytes else 0.0
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _resident(int(child))


def _timed(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    began = time.monotonic()
    subprocess.run(command, cwd=folder, env=environment, check=True)
    return time.monotonic() - began


def _megabytes(folder: Path) -> float:
    seen, total = set(), 0
    for path in folder.rglob("*"):
        status = path.lstat()
        if (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            total += status.st_blocks * 512 if hasattr(status, "st_blocks") else status.st_size
    return total / 1e6


def _tell(what: str, seconds: float) -> None:
    print(f"{seconds:7.1f} s  {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
