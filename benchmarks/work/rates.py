"""Steps a second beside plain DBOS: `python -m benchmarks.work.rates [--rounds 3]`.

A call of a tool is two records: what is asked, and what came back. We write each as an entry with its event, in a
transaction of its own; the peer is a DBOS workflow whose steps return a reference, as large as ours, with the
same settings of the database. One run alone tells what a record costs; sixteen at once how many there are a second.
Every measurement is a process of its own, in turns; the median of the rounds is printed.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import threading
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.work.houses import database_url, owned
from everword.agents import beginning, work_log
from everword.agents.spending import Ceiling
from everword.core import clock
from everword.core.ids import RunId, new_id
from everword.core.types import Label
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.engine import BACKGROUND_AT_ONCE, Engine
from everword.runs.segment import Segment
from everword.runs.types import RunState
from everword.runs.workflows import Workflows
from everword.storage.database import Database

_CALLS = 10


def main() -> None:
    """Print a line for each database and number of runs."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--child", nargs=4)
    options = arguments.parse_args()
    if options.child:
        who, kind, at_once, folder = options.child
        print(_measure(who, kind, int(at_once), Path(folder)))
        return
    print(
        "| database | at once | Everword, records a second | plain DBOS | ratio | ms a record, Everword | plain DBOS |"
    )
    print("|---|---|---|---|---|---|---|")
    for kind in ("sqlite", "postgresql"):
        for at_once in (1, BACKGROUND_AT_ONCE):
            found: dict[str, list[float]] = {"everword": [], "dbos": []}
            for _ in range(options.rounds):
                for who, rates in found.items():
                    rates.append(_in_child(who, kind, at_once))
            ours, theirs = median(found["everword"]), median(found["dbos"])
            cost = f"{1000 / ours:.2f} | {1000 / theirs:.2f}" if at_once == 1 else " | "
            print(f"| {kind} | {at_once} | {ours:.0f} | {theirs:.0f} | {ours / theirs:.2f} | {cost} |", flush=True)


def _in_child(who: str, kind: str, at_once: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.work.rates", "--child", who, kind, str(at_once), folder]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def _measure(who: str, kind: str, at_once: int, folder: Path) -> float:
    count = 5 if at_once == 1 else 2 * at_once
    with database_url(kind, folder) as url:
        took_s = (_everword if who == "everword" else _dbos)(url, folder, count, at_once)
    return count * _CALLS * 2 / took_s


def _everword(url: str, folder: Path, count: int, at_once: int) -> float:
    database = Database(url)
    who = owned(database)
    gate = asyncio.Semaphore(at_once)
    engine = Engine(database, lambda _person: who, {"work": partial(_calls, gate)}, folder)
    engine.start()
    engine.wait_ready(60)
    with database.writing(who) as connection:
        for number in range(count):
            beginning.write(connection, who, f"Job {number}", new_id(), Ceiling(), cause="measured")
    started = clock.monotonic()
    engine.launch(RunId(new_id()))  # of any run: it looks for all
    while _delivered(database, who) < count:
        clock.sleep(0.02)
    took_s = clock.monotonic() - started
    engine.close()
    database.close()
    return took_s


async def _calls(gate: asyncio.Semaphore, segment: Segment) -> None:
    async with gate:
        for number in range(_CALLS):
            call = await asyncio.to_thread(_asks, segment, number)
            await asyncio.to_thread(_came_back, segment, call)
    await asyncio.to_thread(_ends, segment)


def _asks(segment: Segment, number: int) -> Any:
    with segment.writing() as connection:
        log = work_log.read(connection, segment.who, segment.run)
        return work_log.write_call(connection, segment.who, segment.run, log, "note", {"text": str(number)}, "")


def _came_back(segment: Segment, call: Any) -> None:
    with segment.writing() as connection:
        work_log.write_result(connection, segment.who, segment.run, call, "Noted.", Label.TOOL, {"tool": "note"})


def _ends(segment: Segment) -> None:
    with segment.writing() as connection:
        runs.finish(connection, segment.who, segment.run.id, RunState.DELIVERED, cause="measured")


def _delivered(database: Database, who: Any) -> int:
    with database.reading(who) as connection:
        return run_store.count_by_state(connection, who).get(RunState.DELIVERED, 0)


def _dbos(url: str, folder: Path, count: int, at_once: int) -> float:
    plain = Database(url if url.startswith("postgresql") else f"sqlite:///{folder / 'plain.db'}")
    workflows = Workflows(plain, _nothing)
    workflows.start(threading.Event())
    took_s = float(workflows.run(_plain(count, at_once)).result())
    workflows.close()
    return took_s


async def _nothing(_segment_id: Any) -> None:
    """The workflow of ours that is registered beside the peer's, and not used."""


async def _plain(count: int, at_once: int) -> float:
    from dbos import DBOS

    gate = asyncio.Semaphore(at_once)

    async def reference() -> str:
        return json.dumps({"entry_id": new_id()})

    @DBOS.workflow(name="plain")
    async def plain(_job: str) -> None:
        for _ in range(_CALLS * 2):
            await DBOS.run_step_async({"name": "record"}, reference)

    async def one(job: str) -> None:
        async with gate:
            handle = await DBOS.start_workflow_async(plain, job)
            await handle.get_result()

    started = clock.monotonic()
    await asyncio.gather(*(one(f"Job {number}") for number in range(count)))
    return clock.monotonic() - started


if __name__ == "__main__":
    main()
