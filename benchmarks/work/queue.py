"""A long queue: `python -m benchmarks.work.queue [--runs 10000] [--seconds 60] [--database postgresql]`.

So many runs are enqueued while no server runs; each asks a scripted model once and is delivered. Then a server starts,
and until none is left, or so many seconds have passed, it is counted how many are delivered, and how quickly it answers
a page of Work meanwhile. The peer is the same server's answer time with nothing in the queue.
"""

import argparse
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx

from benchmarks.work.houses import Serving, database_url, owned
from everword.agents import work
from everword.core import clock
from everword.core.ids import new_id
from everword.core.types import Principal
from everword.models.fake import ScriptedServer
from everword.models.script import Answer, Rule, Script
from everword.runs import store as run_store
from everword.runs.types import RunState
from everword.storage.database import Database

_BETWEEN_S = 0.2
_IDLE_S = 10.0


def main() -> None:
    """Print how it went."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=10_000)
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = arguments.parse_args()
    model = ScriptedServer(Script([Rule(re.compile("."), lambda _messages, _match: Answer("Done."))]))
    model.start()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        with database_url(options.database, home) as url:
            environment = {"EVERWORD_DATABASE_URL": url} if options.database == "postgresql" else {}
            server = Serving(home, EVERWORD_MODEL=f"scripted@{model.base_url}", **environment)
            database = Database(url)
            who = owned(database)
            server.start()
            idle = _answer_times(server, _IDLE_S, lambda: False)
            server.stop()
            started = clock.monotonic()
            for number in range(options.runs):
                work.begin(database, who, f"Job {number}.", client_id=new_id())
            enqueued_s = clock.monotonic() - started
            server.start()
            while not (before := _delivered(database)):
                clock.sleep(0.05)
            started = clock.monotonic()
            loaded = _answer_times(server, options.seconds, lambda: _delivered(database) == options.runs)
            delivered = _delivered(database) - before
            took_s = clock.monotonic() - started
            states = _states(database)
            server.stop()
            database.close()
    model.close()
    print(f"enqueued {options.runs / enqueued_s:.0f} a second; {delivered} delivered in {took_s:.0f} s:", end=" ")
    print(f"{delivered / took_s:.1f} a second; it answered after a start in {server.took_s:.2f} s")
    print("at the end:", ", ".join(f"{count} {state.value}" for state, count in states.items()))
    for name, times in (("nothing queued", idle), ("meanwhile", loaded)):
        ordered = sorted(times)
        at = (ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)], ordered[-1])
        print(f"a page of Work, {name}: {' / '.join(f'{1000 * each:.0f}' for each in at)} ms (median, p95, worst)")


def _answer_times(server: Serving, seconds: float, is_over: Callable[[], bool]) -> list[float]:
    """How long each page of Work took, for so many seconds or until it is over."""
    took = []
    until = clock.monotonic() + seconds
    with server.client() as client:
        while clock.monotonic() < until and not is_over():
            started = clock.monotonic()
            _page(client)
            took.append(clock.monotonic() - started)
            clock.sleep(_BETWEEN_S)
    return took


def _page(client: httpx.Client) -> None:
    client.get("/api/work", params={"limit": 50}).raise_for_status()


def _states(database: Database) -> dict[RunState, int]:
    with database.reading(Principal.system()) as connection:
        return run_store.count_by_state(connection, Principal.system())


def _delivered(database: Database) -> int:
    return _states(database).get(RunState.DELIVERED, 0)


if __name__ == "__main__":
    main()
