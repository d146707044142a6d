"""What a life costs: `python -m benchmarks.life.measure --home FOLDER --entries 10000 100000 1000000`.

Fills FOLDER/<size> (SQLite), indexes it, and prints a line of a table for each size. What is there already is kept, so
that a run that was stopped goes on; `--keep` leaves the folder afterwards. Needs `--seed` the same to go on.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.life import fill, limit
from benchmarks.life.made_up import BATCH, needles, questions
from everword.core import clock
from everword.core.ids import EntryId
from everword.core.types import Label, Principal
from everword.memory import store
from everword.memory.index.indexer import Indexer
from everword.memory.recall import Recaller
from everword.memory.types import NewEntry
from everword.storage.database import Database
from everword.weights.embedders import static_embedder
from everword.weights.embedding_process import EmbeddingProcess

_NEEDLES = 200
_WARMING = 10
_STARTS = 5
_STARTING_QUESTIONS = 8


def main() -> None:
    """Print one line for each size, or, as a child, measure right after a start."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--home", type=Path, required=True)
    arguments.add_argument("--entries", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    arguments.add_argument("--questions", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--keep", action="store_true")
    arguments.add_argument("--ask", type=int, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.ask is not None:
        print(json.dumps(_ask(options.home, options.seed, options.entries[0], options.questions, options.ask)))
        return
    results = []
    for size in options.entries:
        home = options.home / str(size)
        results.append(_measure(home, size, options.seed, options.questions))
        if not options.keep:
            shutil.rmtree(home)
    _print(results)


def _measure(home: Path, size: int, seed: int, count: int) -> dict[str, Any]:
    home.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home.parent).free
    _say(f"{size:,} entries: about {size * fill.BYTES_AN_ENTRY / 1e9:.1f} GB of disk; {free / 1e9:.0f} GB are free")
    database, who = fill.open_home(home, seed)
    started = clock.monotonic()
    size = fill.fill(database, who, seed, size, lambda done: _say(f"written {done:,}") if done % 500_000 == 0 else None)
    _say(f"{size:,} entries in the ledger after {clock.monotonic() - started:.0f} s")
    indexer = Indexer(database, home / "index", EmbeddingProcess(static_embedder()))
    found: dict[str, Any] = {"entries": size, **_ingest(indexer, home, who, size)}
    _compact(indexer)
    warm = _in_a_process(home, seed, size, count + _WARMING, 0)
    found["warm"] = _percentiles(warm["recall_ms"][_WARMING:])
    found["search"] = _percentiles(warm["search_ms"])
    found["resident_mb"] = warm["resident_mb"]
    recaller = Recaller(database, indexer)
    found["needles"] = _needles(recaller, who, seed, size)
    found["fresh_ms"] = _fresh(database, recaller, who)
    found["bytes"] = _bytes(database, home, size)
    found["limit_ms"] = limit.scan_ms(size * 32)
    indexer.stop()
    found["start"] = _starts(home, seed, size, is_dropped=False)
    found["cold"] = _starts(home, seed, size, is_dropped=True)
    found["forget_s"] = _forget(database, home, who, seed, size)
    database.close()
    (home / "measured.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    _say(json.dumps(found))
    return found


def _ingest(indexer: Indexer, home: Path, who: Principal, size: int) -> dict[str, Any]:
    """Index what is missing; the rate is kept, because a run that goes on has nothing left to index.

    A round that only passed over what the index has counts for nothing.
    """
    index = indexer.shelf.of(who.own_space)
    record = home / "ingest.json"
    known = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {"entries": 0, "seconds": 0.0}
    while True:
        started, before = clock.monotonic(), index.position
        is_done = indexer.catch_up(at_most=10 * BATCH)
        new = index.position - before
        if new:
            seconds = known["seconds"] + clock.monotonic() - started
            known = {"entries": known["entries"] + new, "seconds": seconds}
            record.write_text(json.dumps(known), encoding="utf-8")
        _say(
            f"indexed {indexer.position:,} of {size:,}, {known['entries'] / max(known['seconds'], 1e-9):,.0f} a second"
        )
        if is_done:
            break
    indexer.shelf.rest()
    indexer.embedder.rest()
    return {"ingest_per_s": known["entries"] / max(known["seconds"], 1e-9)}


def _compact(indexer: Indexer) -> None:
    """Write full shards anew in one piece, as the server does while nobody waits."""
    started, shards = clock.monotonic(), 0
    while indexer.compact(lambda: True):
        shards += 1
    _say(f"{shards} full shards written anew in {clock.monotonic() - started:.0f} s")


def _needles(recaller: Recaller, who: Principal, seed: int, size: int) -> dict[str, float]:
    """How many of the needles are among the first ten, and first."""
    planted = needles(seed, 0, size)
    asked = planted[:: max(len(planted) // _NEEDLES, 1)]
    first = among = 0
    for needle in asked:
        positions = [hit.entry.position for hit in recaller.recall(who, needle.question).hits]
        first += positions[:1] == [needle.number + 1]
        among += needle.number + 1 in positions
    return {"asked": len(asked), "first": first / len(asked), "in_ten": among / len(asked)}


def _fresh(database: Database, recaller: Recaller, who: Principal) -> float:
    """From committing an entry to having found it, in milliseconds; the slowest of five."""
    took = []
    for number in range(5):
        text = f"The zephyrine {number} lock opens with {number}4711"
        new = NewEntry(space_id=who.own_space, label=Label.OWNER, text=text, said_at=clock.now())
        with database.writing(who) as connection:
            said = store.append(connection, who, new)
        started = clock.monotonic()
        hits = recaller.recall(who, f"what opens the zephyrine {number} lock?").hits
        took.append((clock.monotonic() - started) * 1000)
        if said.position not in [hit.entry.position for hit in hits]:
            _say(f"what was just said ({text}) was not found")
    return max(took)


def _starts(home: Path, seed: int, size: int, *, is_dropped: bool) -> dict[str, float]:
    """Recall in new processes that are asked at once; `is_dropped`: after the files left the page cache, as when the
    machine has just started."""
    took: list[float] = []
    first: list[float] = []
    for start in range(_STARTS):
        for path in home.rglob("*") if is_dropped else ():
            if path.is_file():
                with path.open("rb") as file:
                    os.fsync(file.fileno())
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        answers = _in_a_process(home, seed, size, _STARTING_QUESTIONS, 1 + start)["recall_ms"]
        first.append(answers[0])
        took += answers
    return {"first_ms": max(first), "first_median_ms": sorted(first)[len(first) // 2], **_percentiles(took)}


def _in_a_process(home: Path, seed: int, size: int, count: int, which: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.life.measure", "--home", str(home), "--seed", str(seed)]
    command += ["--entries", str(size), "--questions", str(count), "--ask", str(which)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    answers: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return answers


def _ask(home: Path, seed: int, size: int, count: int, which: int) -> dict[str, Any]:
    """As a child: ask and say how long each question took, and how large this process became."""
    asked = questions(seed + which, size, count)
    database, who = fill.open_home(home, seed)
    indexer = Indexer(database, home / "index", EmbeddingProcess(static_embedder()))
    recaller = Recaller(database, indexer)
    threading.Thread(target=recaller.warm).start()  # as the server does when it starts; asked meanwhile
    recall_ms = [_took(lambda question=question: recaller.recall(who, question)) for question in asked]
    search_ms = [_took(lambda question=question: recaller.search(who, question[-12:])) for question in asked]
    return {"recall_ms": recall_ms, "search_ms": search_ms, "resident_mb": limit.resident_mb()}


def _forget(database: Database, home: Path, who: Principal, seed: int, size: int) -> float:
    """Take one entry in the middle out of the index, once it has left the ledger; in seconds."""
    gone = EntryId(fill.entry_id(seed, size // 2 + 1))
    fill.remove(database, gone)
    indexer = Indexer(database, home / "index", EmbeddingProcess(static_embedder()))
    started = clock.monotonic()
    indexer.rewrite(who.own_space, [gone])
    took = clock.monotonic() - started
    indexer.stop()
    return took


def _bytes(database: Database, home: Path, size: int) -> dict[str, float]:
    """Bytes an entry, by part."""
    with database.reading(Principal.system()) as connection:
        query = "SELECT sum(length(cast(text AS blob))) FROM entry"
        text = int(connection.exec_driver_sql(query).scalar_one()) / size
    parts = {"text": text, "ledger": sum(path.stat().st_size for path in home.glob("everword.db*")) / size}
    for path in (home / "index").rglob("*"):
        if path.is_file():
            name = "words" if "words" in path.parts else path.name
            parts[name] = parts.get(name, 0.0) + path.stat().st_size / size
    parts["all"] = sum(value for name, value in parts.items() if name != "text")
    parts["goal"] = 1.5 * text + 600
    return parts


def _took(call: Any) -> float:
    started = clock.monotonic()
    call()
    return (clock.monotonic() - started) * 1000


def _percentiles(took: list[float]) -> dict[str, float]:
    cut = quantiles(took, n=100)
    return {"p50": cut[49], "p95": cut[94]}


def _print(results: list[dict[str, Any]]) -> None:
    print(
        "| entries | recall p50 / p95 | limit | search p50 / p95 | right after a start: first / p95 "
        "| after the machine's: first / p95 | just said | needles | indexed a second | bytes an entry (goal) "
        "| forget one | resident |"
    )
    print("|" + "---|" * 12)
    for of in results:
        print(
            f"| {of['entries']:,} | {of['warm']['p50']:.0f} / {of['warm']['p95']:.0f} ms | {of['limit_ms']:.1f} ms "
            f"| {of['search']['p50']:.0f} / {of['search']['p95']:.0f} ms "
            f"| {of['start']['first_median_ms']:.0f} / {of['start']['p95']:.0f} ms "
            f"| {of['cold']['first_median_ms']:.0f} / {of['cold']['p95']:.0f} ms | {of['fresh_ms']:.0f} ms "
            f"| {100 * of['needles']['in_ten']:.1f} % | {of['ingest_per_s']:,.0f} "
            f"| {of['bytes']['all']:.0f} ({of['bytes']['goal']:.0f}) | {of['forget_s']:.1f} s "
            f"| {of['resident_mb']:,.0f} MB |"
        )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
