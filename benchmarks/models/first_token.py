"""Does a person wait longer while a model reads facts? `python -m benchmarks.models.first_token [--questions N]`.

A server of its own with the small local model, which is let read facts here (as shipped it is not), and entries that
are worth reading. The time from Enter to the first token, each question in a conversation of its own: with nothing else
to do, and sent at a moment when the model is seen at work on an entry. Rounds of both alternate, so that what else
the machine does falls on both. What counts is the ratio. Usually reading facts rests for twenty seconds after an
answer; here for one, so that each question meets it.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles

from benchmarks.intake.first_token import ask
from everword.cli.client import Client, connect
from everword.core import clock
from everword.core.ids import new_id
from everword.http.control import find_server
from everword.settings import environment

_ITEMS = Path(__file__).parent.parent / "facts" / "items.dev.jsonl"
_START_S = 120.0
_ROUND = 5
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure, and print both distributions and their ratio."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questions", type=int, default=15)
    parser.add_argument("--weights", type=Path, help="a folder that has the weights")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        _serve()
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        variables = {**os.environ, "EVERWORD_HOME": str(home), "EVERWORD_PORT": "0", "EVERWORD_OPEN_BROWSER": "0"}
        if given.weights:
            variables["EVERWORD_WEIGHTS"] = str(given.weights)
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.models.first_token", "--serve"], env=variables, stdout=subprocess.DEVNULL
        )
        try:
            _until(lambda: find_server(home) is not None, "the server did not start")
            with connect(environment.read(variables)) as client:
                _measure(client, server.pid, Path(folder, "entries.jsonl"), given.questions)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def _serve() -> None:
    """The server, in which the local model may read facts."""
    from everword.agents import distilling
    from everword.cli.main import main as cli
    from everword.intake import courtesy

    vars(distilling)["_may_read"] = lambda _model: True
    vars(courtesy)["_READING"] = timedelta(seconds=1)
    sys.argv = ["everword", "serve"]
    cli()


def _measure(client: Client, server_pid: int, file: Path, questions: int) -> None:
    client.call("POST", "/api/control/setup", {"name": "Owner", "password": new_id()})
    client.call("PATCH", "/api/settings", {"facts_by": "rules only", "facts_tokens": "1,000,000"})
    _until(lambda: client.call("GET", "/api/models")["state"] == "ready", "the local model did not start")
    _bring(client, file)
    engine = _engine_of(server_pid)
    ask(client, "Warm up, please.")
    idle: list[float] = []
    busy: list[float] = []
    while len(busy) < questions:
        client.call("PATCH", "/api/settings", {"facts_by": "rules only"})
        _until(lambda: not _works(engine), "the model does not rest")
        for _ in range(_ROUND):
            _until(lambda: not _works(engine), "the model does not rest")
            idle.append(ask(client, f"What is {len(idle)} and one?"))
        client.call("PATCH", "/api/settings", {"facts_by": "this machine"})
        _touch(client)
        for _ in range(_ROUND):
            _until(lambda: not _works(engine), "the model does not rest")  # after the answer: else it reads that ahead
            _until(lambda: _works(engine), "the model reads no facts")
            busy.append(ask(client, f"What is {len(busy)} and two?"))
    _say("idle", idle)
    _say("while a model reads facts", busy)
    print(f"ratio of the medians {median(busy) / median(idle):.2f}, of the p95 {_p95(busy) / _p95(idle):.2f}")
    print(f"load {os.getloadavg()[0]:.1f}")


def _bring(client: Client, file: Path) -> None:
    """Import what the labelled items say, several times over: more than is read meanwhile."""
    items = [json.loads(line) for line in _ITEMS.read_text(encoding="utf-8").splitlines()]
    lines = [
        json.dumps({"conversation": f"{item['id']}-{number}", "text": message["text"], "said_at": item["said_at"]})
        for number in range(3)
        for item in items
        for message in item["messages"]
        if message["label"] == "owner"
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    with file.open("rb") as content:
        sent = client.http.post("/api/imports", params={"name": file.name, "owner_is_me": True}, content=content)
    job = sent.json()["job"]["id"]
    _until(lambda: client.call("GET", f"/api/imports/{job}")["job"]["state"] == "delivered", "the import did not end")


def _touch(client: Client) -> None:
    """Say something, so that reading is looked at."""
    client.call("POST", "/api/notes", {"text": f"My locker has the number {new_id()[-4:]}.", "client_id": new_id()})


def _engine_of(server_pid: int) -> int:
    """The process of the local model."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and "everword.models.local.child" in (folder / "cmdline").read_text(errors="replace"):
            status = (folder / "status").read_text()
            if f"PPid:\t{server_pid}\n" in status:
                return int(folder.name)
    raise SystemExit("there is no local model")


def _works(pid: int) -> bool:
    """Whether a process uses the processor at this moment."""
    before = _ticks(pid)
    threading.Event().wait(0.2)
    return (_ticks(pid) - before) / _TICKS > 0.05


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return int(fields[11]) + int(fields[12])


def _until(holds: Callable[[], bool], why_not: str) -> None:
    deadline = clock.monotonic() + _START_S
    while not holds():
        assert clock.monotonic() < deadline, why_not
        clock.sleep(0.05)


def _p95(waits: Sequence[float]) -> float:
    return quantiles(waits, n=20)[-1]


def _say(what: str, waits: Sequence[float]) -> None:
    middle, most, top = (round(seconds * 1000) for seconds in (median(waits), _p95(waits), max(waits)))
    print(f"{what}: first token p50 {middle} ms, p95 {most} ms, {top} at most, of {len(waits)}")


if __name__ == "__main__":
    main()
