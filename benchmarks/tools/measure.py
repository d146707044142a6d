"""How well models call tools: `python -m benchmarks.tools.measure --model NAME --weights FOLDER`.

Sixty requests (requests.jsonl), each in a home of its own, through the loop, the tools and the guard that the server
has. Approvals and questions are answered by the script, and what is there afterwards is judged by rule (judge.py).
`--model scripted` says each time what a model that knows would say. `--answers FILE` keeps what happened: a measurement
that was cut off goes on there, and is judged again without the model.
"""

import argparse
import hashlib
import json
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.facts.measure import share
from benchmarks.tools.judge import judged
from benchmarks.tools.world import Outside, Shared, Site, World, opened_site, opened_world
from everword.agents import waiting, work
from everword.connectors.mcp.connections import Connections
from everword.core import clock
from everword.models.fake import ScriptedServer
from everword.models.local.engine import LocalEngine
from everword.models.local.types import EngineConfig, LocalModel
from everword.models.script import Answer, Rule, Script, text_of
from everword.models.speed import SpeedBook
from everword.runs import store as run_store
from everword.runs.types import Run
from everword.weights import catalogue

REQUESTS = Path(__file__).with_name("requests.jsonl")
SCRIPTED = "scripted"
VERDICTS = ("tool", "arguments", "outcome", "delivered", "state true", "false claim")
SECONDS = {"smollm2-135m": 60, "qwen2.5-coder-1.5b": 150, SCRIPTED: 60}
_STOP_S = 10.0

Request = dict[str, Any]


class KeptEngine(LocalEngine):
    """The local engine, which goes on when one of the homes that share it is closed."""

    def stop(self) -> None:
        """Nothing: see `end`."""

    def end(self) -> None:
        """End it with its model."""
        super().stop()


def run_request(shared: Shared, request: Request, seconds: int) -> dict[str, Any]:
    """Do one request in a home of its own; everything that the rules want to know of it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, opened_world(shared, Path(home)) as world:
        before, began, at = world.state(), clock.monotonic(), clock.now()
        begun = world.begin(request["text"].replace("{site}", shared.site))
        asked, approvals = _answered_until_ended(world, begun.run, request, began + seconds)
        took = round(clock.monotonic() - began, 1)
        told = world.told(begun.run)
        return {
            **told,
            "id": request["id"],
            "seconds": took,
            "load": round(os.getloadavg()[0], 1),
            "began": at.isoformat(),
            "before": before,
            "after": world.state(),
            "fetched": list(Site.asked),
            "asked": asked,
            "approvals": approvals,
            "ids": world.ids,
            "site": shared.site,
        }


def _answered_until_ended(world: World, run: Run, request: Request, until: float) -> tuple[list[str], list[str]]:
    """Answer for the owner until the run has ended; at its time it is stopped. What it asked, and what it asked for."""
    asked: list[str] = []
    approvals: list[str] = []
    while True:
        with world.database.reading(world.who) as connection:
            now = run_store.get(connection, world.who, run.id)
            needs = work.needs_you(connection, world.who, frozenset())
        if now.state.is_ended:
            return asked, approvals
        if clock.monotonic() > until:
            waiting.stop(world.database, world.who, run.id)
            world.engine.stop(run.id)
            until = clock.monotonic() + _STOP_S
        for approval, _, _, call in needs.approvals:
            approvals.append(call.tool)
            went_on = work.answer(
                world.database, world.who, approval.id, yes=request["yes"], seen_hash=approval.arguments_hash
            )
            world.engine.launch(went_on.id)
        for waits, call in needs.questions:
            asked.append(str(call.arguments.get("question", "")))
            reply = request.get("reply", "Do as you think best.")
            world.engine.launch(work.reply(world.database, world.who, waits.id, reply).id)
        threading.Event().wait(0.05)


def scripted(requests: Sequence[Request], site: str) -> Script:
    """A model that knows what to do: the calls of each request in turn, then an answer that is what came back."""

    def reply(messages: Sequence[Mapping[str, Any]], _match: re.Match[str]) -> Answer:
        asked = next(text_of(message) for message in messages if message["role"] == "user")
        known = next((each for each in requests if each["text"].replace("{site}", site) == asked), None)
        script: dict[str, Any] = known["script"] if known else {"calls": [["recall", {"question": asked}]]}
        made = [message for message in messages if message["role"] == "assistant"]
        last = text_of(messages[-1])
        if len(made) < len(script["calls"]):
            tool, arguments = script["calls"][len(made)]
            filled = {name: _filled(str(value), last, site) for name, value in arguments.items()}
            return Answer(json.dumps({"tool": tool, "arguments": filled}))
        results = [text_of(message) for message in messages if message["role"] == "tool"]
        return Answer(str(script.get("answer", "")) or f"This came back: {' / '.join(results)}")

    return Script([Rule(re.compile(""), reply)])


def _filled(value: str, last: str, site: str) -> str:
    """An argument of a script; `<word>` is the id on the line of the last result that has the word."""
    if match := re.fullmatch(r"<(.+)>", value):
        line = next((line for line in last.splitlines() if match[1].lower() in line.lower()), "none")
        return next((word.strip(".") for word in line.split() if re.fullmatch(r"[0-9a-f]{12}\.?", word)), "none")
    return value.replace("{site}", site)


@contextmanager
def opened(
    name: str, weights: Path | None, requests: Sequence[Request], site: str, threads: int | None
) -> Iterator[Shared]:
    """What all homes share, with the model called `name` running."""
    with tempfile.TemporaryDirectory() as folder:
        usual = EngineConfig.for_this_machine()
        config = replace(usual, threads=threads or usual.threads)
        engine = KeptEngine(config, SpeedBook(Path(folder) / "speeds.json"))
        server = ScriptedServer(scripted(requests, site))
        model = None
        if name == SCRIPTED:
            server.start()
            model = f"{SCRIPTED}@{server.base_url}"
        else:
            entry = catalogue.find(name)
            path = catalogue.in_folder(weights or Path(), entry)
            if path is None:
                raise SystemExit(f"{weights} has no {entry.file}")
            engine.use(LocalModel(entry.name, path, entry.context_tokens))
            engine.wait_ready(120)
        children, connections = Outside(), Connections(idle_s=600)
        try:
            yield Shared(engine, children, connections, model, site)
        finally:
            children.stop()
            connections.stop()
            engine.end()
            server.close() if model else None


def report(requests: Sequence[Request], records: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The table, and what went wrong with each request."""
    done = [(request, records[request["id"]]) for request in requests if request["id"] in records]
    verdicts = {request["id"]: judged(request, record) for request, record in done}
    counts = {name: sum(each[name] for each in verdicts.values()) for name in VERDICTS}
    lines = [f"{len(done)} requests", *(f"| {name} | {share(count, len(done))} |" for name, count in counts.items())]
    seconds = sorted(record["seconds"] for _, record in done) or [0.0]
    load = sorted(record["load"] for _, record in done) or [0.0]
    lines.append(f"| seconds, median and most | {median(seconds)}, {seconds[-1]} |")
    lines.append(f"| load, least to most | {load[0]} to {load[-1]} |")
    tags = sorted({request["tag"] for request, _ in done})
    for tag in tags:
        of = [verdicts[request["id"]] for request, _ in done if request["tag"] == tag]
        figures = ", ".join(f"{name} {sum(each[name] for each in of)}" for name in ("tool", "arguments", "outcome"))
        lines.append(f"| {tag} ({len(of)}) | {figures} |")
    return lines


def shown(requests: Sequence[Request], records: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What happened in the requests that did not come out."""
    for request in requests:
        record = records.get(request["id"])
        if record is None or (judged(request, record)["outcome"] and judged(request, record)["tool"]):
            continue
        wrong = [name for name in VERDICTS[:5] if not judged(request, record)[name]]
        yield f"\n{request['id']} {request['text']}"
        yield f"   {record['state']}, {record['seconds']} s; wrong: {', '.join(wrong)}"
        for call in record["calls"]:
            yield f"   {call['tool']} {json.dumps(call['arguments'])[:200]} -> {str(call['result'])[:120]!r}"
        yield f"   answer: {record['answer'][:200]!r} {record['error'] or ''}"


def _read(path: Path | None) -> dict[str, dict[str, Any]]:
    if path is None or not path.exists():
        return {}
    return {record["id"]: record for record in map(json.loads, path.read_text(encoding="utf-8").splitlines())}


def main() -> None:
    """Measure one model, or go on, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", required=True, help=f"a model of the catalogue, or {SCRIPTED}")
    parser.add_argument("--weights", type=Path, help="the folder that has its file")
    parser.add_argument("--answers", type=Path, help="keeps what happened; what it has is not done again")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no request after so many")
    parser.add_argument("--seconds", type=int, help="a request may take so long, then it is stopped")
    parser.add_argument("--threads", type=int, help="of the model; on a busy machine fewer are quicker")
    parser.add_argument("--only", nargs="*", help="these requests, by id")
    parser.add_argument("--show", action="store_true", help="print the requests that did not come out")
    given = parser.parse_args()
    requests = [json.loads(line) for line in REQUESTS.read_text(encoding="utf-8").splitlines()]
    requests = [each for each in requests if not given.only or each["id"] in given.only]
    records = _read(given.answers)
    left = [request for request in requests if request["id"] not in records]
    left.sort(key=lambda request: hashlib.sha256(request["id"].encode()).hexdigest())  # cut off, it is a sample
    began = clock.monotonic()
    seconds = given.seconds or SECONDS.get(given.model, 150)
    if left:
        with opened_site() as site, opened(given.model, given.weights, requests, site, given.threads) as shared:
            for request in left:
                if clock.monotonic() - began > given.minutes * 60:
                    break
                record = records[request["id"]] = run_request(shared, request, seconds)
                print(f"{request['id']} {record['state']} in {record['seconds']} s", file=sys.stderr, flush=True)
                if given.answers is not None:
                    with given.answers.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(record, ensure_ascii=False) + "\n")
    print("\n".join(report(requests, records)))
    if given.show:
        print("\n".join(shown(requests, records)))


if __name__ == "__main__":
    main()
