"""How long until a run that is stopped has ended: `python -m benchmarks.work.stopping [--database postgresql]`.

A real server, asked over HTTP: from the request to stop until the run is answered to have ended. On SQLite the server
that executes the run is asked; on PostgreSQL two servers share the work, and the one that does not execute it is asked.
"""

import argparse
import json
import random
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from benchmarks.work.houses import Serving, database_url
from everword.connectors.null import LetterBox
from everword.core import clock
from everword.core.ids import RunId, new_id
from everword.core.types import Principal
from everword.models.fake import ScriptedServer
from everword.models.script import Answer, Rule, Script
from everword.runs import store as run_store
from everword.storage.database import Database

_PASSWORD = "a sentence that is long enough"
_ENDED = {"cancelled", "unknown"}
_LOOK_S = 0.005
_PATIENCE_S = 30.0
_HANGS_S = 600.0
_SYSTEM = Principal.system()
_CEILING = {"tokens": 100_000_000, "calls": 10_000}


def _call(tool: str, **arguments: str) -> Callable[..., Answer]:
    return lambda _messages, _match: Answer(json.dumps({"tool": tool, "arguments": arguments}))


def _speaks(_messages: Sequence[Mapping[str, Any]], _match: re.Match[str]) -> Answer:
    return Answer("word " * 100_000, token_delay_s=0.02)


def _is_silent(_messages: Sequence[Mapping[str, Any]], _match: re.Match[str]) -> Answer:
    return Answer("Too late.", wait_s=_HANGS_S)


_SCRIPT = Script(
    [
        Rule(re.compile(r"^Speak for ever"), _speaks),
        Rule(re.compile(r"^Say nothing"), _is_silent),
        Rule(
            re.compile(r"^Send (?P<way>\w+)"),
            lambda messages, match: _call(f"send_{match['way']}", text="A")(messages, match),
        ),
        Rule(re.compile(r"."), _call("recall", question="What did Anna say about the roof?")),
    ]
)
_WHILE = {
    "a tool in a child never comes back, its target can be asked": "Send tracked",
    "a tool in a child never comes back, its target cannot be asked": "Send blind",
    "the model speaks for ever": "Speak for ever",
    "the model says nothing": "Say nothing",
    "one quick step follows another": "Look again and again",
    "it waits for a yes": "Send keyed",
}


class Pair:
    """The servers; `asked` is told to stop what `begun` by chance either of them executes."""

    def __init__(self, servers: Sequence[Serving], url: str) -> None:
        self.servers, self.database = servers, Database(url)

    def not_executing(self, run_id: RunId) -> Serving:
        """The server that does not have the run; the only one where there is no other."""
        with self.database.reading(_SYSTEM) as connection:
            holder = run_store.segment_of(connection, _SYSTEM, run_id).executor
        others = [each for each in self.servers if (each.home / "executor").read_text().split()[0] != holder]
        return others[0] if others else self.servers[0]


def main() -> None:
    """Print a line for each thing that a run may be at."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = arguments.parse_args()
    chance = random.Random(options.seed)
    model, box = ScriptedServer(_SCRIPT), LetterBox(delay_s=_HANGS_S)
    model.start()
    try:
        with tempfile.TemporaryDirectory() as folder, _opened(Path(folder), options.database, model, box) as pair:
            print("| while | until it has ended: median | worst |")
            print("|---|---|---|")
            for name, text in _WHILE.items():
                took = [_stopped(pair, text, chance) for _ in range(options.times)]
                print(f"| {name} | {1000 * median(took):.0f} ms | {1000 * max(took):.0f} ms |", flush=True)
    finally:
        box.close()
        model.close()


@contextmanager
def _opened(folder: Path, kind: str, model: ScriptedServer, box: LetterBox) -> Iterator[Pair]:
    """The servers, set up and running."""
    homes = [folder / "one"] if kind == "sqlite" else [folder / "one", folder / "other"]
    homes[0].mkdir()
    given = {"EVERWORD_MODEL": f"scripted@{model.base_url}", "EVERWORD_NULL_CONNECTOR": box.start()}
    with database_url(kind, homes[0]) as url, ExitStack() as stack:
        if kind == "postgresql":
            given["EVERWORD_DATABASE_URL"] = url
        servers = []
        for home in homes:
            servers.append(Serving(home, **given).start())
            stack.callback(servers[-1].stop)
        with servers[0].client() as client:
            client.post("/api/control/setup", json={"name": "Anna", "password": _PASSWORD}).raise_for_status()
        pair = Pair(servers, url)
        stack.callback(pair.database.close)
        yield pair


def _stopped(pair: Pair, text: str, chance: random.Random) -> float:
    """Begin a run, let it come as far as it should, and stop it; how many seconds that takes."""
    with pair.servers[0].client() as client:
        said = {"text": f"{text}.", "client_id": new_id(), "ceiling": _CEILING}
        begun = client.post("/api/work", json=said)
        run_id = RunId(begun.raise_for_status().json()["run"]["id"])
        if text.startswith("Send"):
            _until(client, run_id, {"waiting"})
            if text != _WHILE["it waits for a yes"]:
                _agree(client, run_id)
        _until(client, run_id, {"waiting"} if text == _WHILE["it waits for a yes"] else {"running"})
        clock.sleep(chance.uniform(0.5, 1.0))
    with pair.not_executing(run_id).client() as client:
        client.get("/api/health").raise_for_status()  # the connection is there
        started = clock.monotonic()
        client.post(f"/api/runs/{run_id}/stop").raise_for_status()
        _until(client, run_id, _ENDED)
        return clock.monotonic() - started


def _agree(client: httpx.Client, run_id: RunId) -> None:
    cards = client.get("/api/needs-you").raise_for_status().json()["cards"]
    card = next(card for card in cards if card["kind"] == "approval" and card["run_id"] == run_id)
    said = {"yes": True, "hash": card["hash"]}
    client.post(f"/api/approvals/{card['id']}/answer", json=said).raise_for_status()


def _until(client: httpx.Client, run_id: RunId, states: set[str]) -> None:
    until = clock.monotonic() + _PATIENCE_S
    while (state := client.get(f"/api/runs/{run_id}").raise_for_status().json()["state"]) not in states:
        if clock.monotonic() > until:
            raise SystemExit(f"after {_PATIENCE_S:.0f} s the run is still {state}")
        clock.sleep(_LOOK_S)


if __name__ == "__main__":
    main()
