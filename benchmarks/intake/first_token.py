"""Does a person wait longer while an import runs? `python -m benchmarks.intake.first_token [--megabytes N]`.

A server of its own with the local model; short questions, each in a conversation of its own; the time from Enter to the
first token, first with nothing else to do, then while a large export is imported. What counts is the ratio of the p95.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from statistics import median, quantiles

from benchmarks.intake.made import make_export
from everword.cli.client import Client, connect
from everword.core import clock
from everword.core.ids import new_id
from everword.http.control import find_server
from everword.settings import environment

_START_S = 120.0


def main() -> None:
    """Measure, and print the two distributions and their ratio."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--questions", type=int, default=30)
    arguments.add_argument("--megabytes", type=int, default=1000)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        path = Path(folder, "export.zip")
        make_export(path, options.megabytes)
        given = {**os.environ, "EVERWORD_HOME": str(home), "EVERWORD_PORT": "0", "EVERWORD_OPEN_BROWSER": "0"}
        settings = environment.read(given)
        server = subprocess.Popen([sys.executable, "-m", "everword.cli.main", "serve"], env=given)
        try:
            _wait_for_server(home)
            with connect(settings) as client:
                owner = {"name": "Owner", "password": new_id()}
                client.call("POST", "/api/control/setup", owner)
                _wait_for_model(client)
                ask(client, "Warm up, please.")
                idle = [ask(client, f"What is {number} and one?") for number in range(options.questions)]
                _say("idle", idle)
                busy = _while_importing(client, path, options.questions)
                _say("during the import", busy)
                print(f"ratio of the p95: {_p95(busy) / _p95(idle):.2f}")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def _while_importing(client: Client, path: Path, questions: int) -> list[float]:
    with path.open("rb") as file:
        sent = client.http.post("/api/imports", params={"name": path.name, "owner_is_me": True}, content=file)
    job = sent.json()["job"]["id"]
    waits: list[float] = []
    entries = 0
    for number in range(questions):
        threading.Event().wait(2)  # the import gets going between two questions, as between two of a person's
        waits.append(ask(client, f"What is {number} and two?"))
        state = client.call("GET", f"/api/imports/{job}")["job"]
        assert state["state"] == "running", f"the import ended early: {state}; take more megabytes"
        entries = state["counts"]["entries"]
    print(f"imported meanwhile: {entries:,} entries")
    return waits


def ask(client: Client, text: str) -> float:
    """Seconds from Enter to the first token."""
    position = client.call("GET", "/api/events/poll", after="now", wait_s=0)["position"]
    start = clock.monotonic()
    run = client.call("POST", "/api/messages", {"text": text, "client_id": new_id()})["run"]["id"]
    first = None
    while True:
        told = client.call("GET", "/api/events/poll", after=position, wait_s=20)
        position = told["position"]
        mine = [event for event in told["events"] if event["run_id"] == run]
        if first is None and any(event["type"] == "run.delta" for event in mine):
            first = clock.monotonic() - start
            client.call("POST", f"/api/runs/{run}/stop")  # the rest of the answer tells nothing
        states = {event["payload"]["run"]["state"] for event in mine if event["type"] == "run.state"}
        if states & {"delivered", "failed", "cancelled", "expired"}:
            assert first is not None, f"no answer came: {states}"
            return first


def _wait_for_server(home: Path) -> None:
    deadline = clock.monotonic() + _START_S
    while find_server(home) is None:
        assert clock.monotonic() < deadline, "the server did not start"
        clock.sleep(0.1)


def _wait_for_model(client: Client) -> None:
    deadline = clock.monotonic() + _START_S
    while client.call("GET", "/api/models")["state"] != "ready":
        assert clock.monotonic() < deadline, "the local model did not start"
        clock.sleep(0.5)


def _p95(waits: list[float]) -> float:
    return quantiles(waits, n=20)[-1]


def _say(what: str, waits: list[float]) -> None:
    print(f"{what}: first token p50 {median(waits) * 1000:.0f} ms, p95 {_p95(waits) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
