"""What runs that wait cost: `python -m benchmarks.work.waiting [--runs 10000]`.

Two homes, one empty, one with so many runs that each wait for a yes. For both: how long a start takes until it answers,
and what is resident ten seconds later. The empty home is the peer. Before that each is started once, until all words
are indexed: reading 20,000 new entries takes memory of its own, whatever wrote them.
"""

import argparse
import tempfile
import threading
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, insert, select

from benchmarks.work.houses import Serving, owned
from everword.agents import beginning, work_log
from everword.agents.spending import Ceiling
from everword.core import clock
from everword.core.ids import new_id
from everword.core.types import Effect, Principal
from everword.guard import approval_store
from everword.guard.policy import EXPIRES_AFTER
from everword.runs import effect_store
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.types import RunState, Waiting
from everword.storage.database import Database
from everword.storage.schema import metadata
from everword.tools.manifest import arguments_hash

_SETTLED_S = 10.0
_IN_ONE = 500
_KEY = "key-of-the-request"
_TABLES = ("conversation", "entry", "run", "segment", "transition", "effect", "approval", "event")


def main() -> None:
    """Print a line for the empty home and one for the other."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=10_000)
    arguments.add_argument("--starts", type=int, default=5)
    options = arguments.parse_args()
    print("| waiting runs | start until it answers, median | resident after 10 s | waiting afterwards |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        homes = {count: Path(folder, str(count)) for count in (0, options.runs)}
        for count, home in homes.items():
            _fill(home, count)
            _index(home)
        starts: dict[int, list[tuple[float, float]]] = {count: [] for count in homes}
        for _ in range(options.starts):  # in turns, so that what else the machine does falls on both
            for count, home in homes.items():
                starts[count].append(_start(home))
        for count, home in homes.items():
            started, resident = (median(column) for column in zip(*starts[count], strict=True))
            print(f"| {count:,} | {started:.2f} s | {resident:.0f} MB | {_waiting(home):,} |", flush=True)


def _fill(home: Path, count: int) -> None:
    """What the product writes for one such run, and copies of its rows for the others."""
    home.mkdir()
    database = Database(f"sqlite:///{home / 'everword.db'}")
    who = owned(database)
    if count:
        with database.writing(who) as connection:
            _let_wait(connection, who, 0)
        rows = _rows(database)
        for first in range(1, count, _IN_ONE):
            _copy(database, rows, min(_IN_ONE, count - first))
    database.close()


def _rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """The rows of the one run there is, without what the database counts itself."""
    with database.reading(Principal.system()) as connection:
        found = {name: connection.execute(select(metadata.tables[name])).mappings().all() for name in _TABLES}
    return {
        name: [{key: value for key, value in row.items() if key != "position"} for row in rows]
        for name, rows in found.items()
    }


def _copy(database: Database, rows: dict[str, list[dict[str, Any]]], count: int) -> None:
    """Write the rows again, so many times, under other ids: in their keys, in texts that name them, and in JSON."""
    ids = {row["id"] for of_table in rows.values() for row in of_table if "id" in row}
    made: dict[str, list[dict[str, Any]]] = {name: [] for name in rows}
    for _ in range(count):
        others = {old: new_id() for old in ids} | {_KEY: new_id()}
        for name, of_table in rows.items():
            made[name] += [{key: _renamed(value, others) for key, value in row.items()} for row in of_table]
    with database.writing(Principal.system()) as connection:
        for name, copies in made.items():
            connection.execute(insert(metadata.tables[name]), copies)


def _renamed(value: Any, others: dict[str, str]) -> Any:
    if isinstance(value, str):
        for old, new in others.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, dict):
        return {key: _renamed(each, others) for key, each in value.items()}
    return [_renamed(each, others) for each in value] if isinstance(value, list) else value


def _let_wait(connection: Connection, who: Principal, number: int) -> None:
    """What a worker writes until its run waits for a yes."""
    begun = beginning.write(connection, who, f"Send letter {number}.", _KEY, Ceiling(), cause="begun by the owner")
    run = runs.begin(connection, who, begun.run)
    log = work_log.read(connection, who, run)
    arguments = {"text": f"Letter {number}"}
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
    server = Serving(home).start()
    threading.Event().wait(_SETTLED_S)
    resident = server.resident_mb()
    server.stop()
    return server.took_s, resident


def _index(home: Path) -> None:
    """Start it once, until every word is indexed."""
    server = Serving(home).start()
    with server.client() as client:
        while not client.get("/api/memory/status").raise_for_status().json()["index"]["is_current"]:
            threading.Event().wait(0.2)
    server.stop()


def _waiting(home: Path) -> int:
    database = Database(f"sqlite:///{home / 'everword.db'}")
    with database.reading(Principal.system()) as connection:
        found = run_store.count_by_state(connection, Principal.system()).get(RunState.WAITING, 0)
    database.close()
    return found


if __name__ == "__main__":
    main()
