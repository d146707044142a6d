"""What runs that wait cost: `python -m benchmarks.work.waiting [--runs 10000]`.

Two homes, one empty, one with so many runs that each wait for a yes. For both: how long a start takes until it answers,
and what is resident ten seconds later. The empty home is the peer.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from statistics import median

import httpx

from everword.accounts import people
from everword.agents import work, work_log
from everword.core import clock
from everword.core.ids import RunId, new_id
from everword.core.types import Effect, Principal
from everword.guard import approval_store
from everword.guard.policy import EXPIRES_AFTER
from everword.http.control import find_server
from everword.runs import effect_store
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.types import Waiting
from everword.storage.database import Database
from everword.storage.migrate import migrate
from everword.tools.manifest import arguments_hash

_STARTS = 5
_SETTLED_S = 10.0


def main() -> None:
    """Print a line for the empty home and one for the other."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=10_000)
    options = arguments.parse_args()
    print("| waiting runs | start until it answers, median | resident after 10 s | waiting afterwards |")
    print("|---|---|---|---|")
    for count in (0, options.runs):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder, "home")
            home.mkdir()
            who, database = _fill(home, count)
            starts = [_start(home) for _ in range(_STARTS)]
            with database.reading(who) as connection:
                states = run_store.count_by_state(connection, who)
            database.close()
            started = median(each[0] for each in starts)
            resident = median(each[1] for each in starts)
            print(f"| {count:,} | {started:.2f} s | {resident:.0f} MB | {sum(states.values()):,} |")


def _fill(home: Path, count: int) -> tuple[Principal, Database]:
    database = Database(f"sqlite:///{home / 'everword.db'}")
    migrate(database)
    people.ensure_installation(database)
    who = people.principal_for(database, people.create_person(database, "Anna").id)
    for number in range(count):
        begun = work.begin(database, who, f"Send letter {number}.", client_id=new_id())
        _let_wait(database, who, begun.run.id, {"text": f"Letter {number}"})
    return who, database


def _let_wait(database: Database, who: Principal, run_id: RunId, arguments: dict[str, str]) -> None:
    """What a worker writes until its run waits for a yes."""
    with database.writing(who) as connection:
        run = runs.begin(connection, who, run_store.get(connection, who, run_id, hold=True))
        log = work_log.read(connection, who, run)
        call = work_log.write_call(connection, who, run, log, "send_blind", dict(arguments), "")
        bound = arguments_hash("send_blind", arguments)
        effect = effect_store.hold(
            connection,
            who,
            space_id=run.space_id,
            run_id=run.id,
            call_id=call.id,
            tool="send_blind",
            kind=Effect.SEND,
            arguments_hash=bound,
        )
        until = clock.now() + EXPIRES_AFTER
        approval_store.ask(
            connection,
            who,
            space_id=run.space_id,
            effect_id=effect.id,
            run_id=run.id,
            arguments_hash=bound,
            expires_at=until,
        )
        runs.wait(connection, who, run.id, Waiting.APPROVAL, until=until, cause="waits for your yes")


def _start(home: Path) -> tuple[float, float]:
    """Seconds until the server answered, and the megabytes it holds later."""
    given = {"EVERWORD_HOME": str(home), "EVERWORD_PORT": "0", "EVERWORD_MODEL": "scripted"}
    (home / "server.json").unlink(missing_ok=True)
    started = clock.monotonic()
    server = subprocess.Popen(
        [sys.executable, "-m", "everword.cli.main", "serve"],
        env={**os.environ, **given, "EVERWORD_OPEN_BROWSER": "0"},
        stdout=subprocess.DEVNULL,
    )
    while (found := find_server(home)) is None:
        threading.Event().wait(0.005)
    httpx.get(f"{found.address}/api/health", trust_env=False).raise_for_status()
    took = clock.monotonic() - started
    threading.Event().wait(_SETTLED_S)
    status = Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8")
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1000
    server.terminate()
    server.wait()
    return took, resident


if __name__ == "__main__":
    main()
