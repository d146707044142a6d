"""How long until the runs of a process that died go on: `python -m benchmarks.work.takeover [--times 5]`.

Two servers on one PostgreSQL, eight background runs that wait for their model. One server is killed (kill -9), or told
to end; it is measured until every run that it executed has been begun again by the other.
"""

import argparse
import re
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median

import httpx

from benchmarks.work.houses import Serving, database_url
from everword.core import clock
from everword.core.ids import RunId, new_id
from everword.core.types import Principal
from everword.models.fake import ScriptedServer
from everword.models.script import Answer, Rule, Script
from everword.runs import store as run_store
from everword.runs.types import RunState
from everword.storage.database import Database

_RUNS = 8
_SYSTEM = Principal.system()
_PASSWORD = "a sentence that is long enough"


def main() -> None:
    """Print a line for each way to end."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=5)
    options = arguments.parse_args()
    model = ScriptedServer(Script([Rule(re.compile("."), lambda _messages, _match: Answer("Done.", wait_s=600.0))]))
    model.start()
    print("| the other | until its runs went on: median | worst |")
    print("|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, database_url("postgresql", Path(folder)) as url:
        given = {"EVERWORD_MODEL": f"scripted@{model.base_url}", "EVERWORD_DATABASE_URL": url}
        pair = [Serving(Path(folder, name), **given).start() for name in ("one", "other")]
        with pair[0].client() as client:
            client.post("/api/control/setup", json={"name": "Anna", "password": _PASSWORD}).raise_for_status()
        database = Database(url)
        for way in ("was killed", "was told to end"):
            took = []
            for _ in range(options.times):
                took.append(_taken_over(database, pair, way))
                pair.reverse()
            print(f"| {way} | {median(took):.1f} s | {max(took):.1f} s |", flush=True)
        for server in pair:
            server.stop()
        database.close()
    model.close()


def _taken_over(database: Database, pair: list[Serving], way: str) -> float:
    """Begin runs, end the server that executes most of them, and wait until the other has them."""
    with pair[0].client() as client:
        runs = [_begin(client, number) for number in range(_RUNS)]
    while not all(_has_begun(database, run_id) for run_id in runs):
        clock.sleep(0.05)
    held = {run_id: _holder(database, run_id) for run_id in runs}
    busiest = Counter(held.values()).most_common(1)[0][0]
    victim = next(server for server in pair if _executor(server) == busiest)
    started = clock.monotonic()
    if way == "was killed":
        victim.kill()
    else:
        victim.process.terminate()
    theirs = [run_id for run_id in runs if held[run_id] == busiest]
    while not all(_has_begun(database, run_id, attempt=2) for run_id in theirs):
        clock.sleep(0.02)
    took_s = clock.monotonic() - started
    victim.process.wait()
    other = next(server for server in pair if server is not victim)
    with other.client() as client:
        for run_id in runs:
            client.post(f"/api/runs/{run_id}/stop").raise_for_status()
    victim.start()
    return took_s


def _begin(client: httpx.Client, number: int) -> RunId:
    answer = client.post("/api/work", json={"text": f"Job {number}.", "client_id": new_id()}).raise_for_status()
    return RunId(answer.json()["run"]["id"])


def _executor(server: Serving) -> str:
    """Who a server is among the processes."""
    return (server.home / "executor").read_text(encoding="utf-8").split()[0]


def _holder(database: Database, run_id: RunId) -> str | None:
    with database.reading(_SYSTEM) as connection:
        return run_store.segment_of(connection, _SYSTEM, run_id).executor


def _has_begun(database: Database, run_id: RunId, attempt: int = 1) -> bool:
    with database.reading(_SYSTEM) as connection:
        run = run_store.get(connection, _SYSTEM, run_id)
    return run.state is RunState.RUNNING and run.attempt >= attempt


if __name__ == "__main__":
    main()
