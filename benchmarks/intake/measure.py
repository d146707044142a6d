"""Throughput and memory of an import: `python -m benchmarks.intake.measure [--megabytes N] [--plain] [--database URL]`.

The peer, in the same run, is the least that could be done: the whole file through `json.load`, its texts into a table
of one column by `executemany`, without ids, tree, labels, checks, idempotence or a bound on memory.
"""

import argparse
import json
import resource
import sqlite3
import tempfile
import zipfile
from pathlib import Path

from benchmarks.intake.made import make_export
from everword.accounts import people
from everword.core import clock
from everword.core.types import Principal
from everword.intake.service import Intake
from everword.intake.types import ImportJob, ImportOptions
from everword.storage.database import Database
from everword.storage.migrate import migrate


def main() -> None:
    """Measure, and print one line for each number."""
    options = argparse.ArgumentParser()
    options.add_argument("--megabytes", type=int, default=100)
    options.add_argument("--plain", action="store_true", help="the bare JSON file instead of its zip")
    options.add_argument("--database", help="postgresql://... (empty); default: SQLite in a temporary folder")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "export")
        messages = make_export(path, chosen.megabytes, packed=not chosen.plain)
        print(f"file: {path.stat().st_size / 1e6:.0f} MB for {chosen.megabytes} MB of JSON, {messages} messages")
        ours = measure(path, chosen.database or f"sqlite:///{folder}/everword.db", messages, chosen.megabytes)
        peer = measure_peer(path, Path(folder, "peer.db"), is_zip=not chosen.plain)
        print(f"peer: {messages / peer:,.0f} entries/s, {chosen.megabytes / peer:.1f} MB/s")
        print(f"time against the peer: {ours / peer:.1f} times")


def measure(path: Path, url: str, messages: int, megabytes: int) -> float:
    """Import the file. Returns the seconds from the first byte handed over to the end."""
    database = Database(url)
    migrate(database)
    people.ensure_installation(database)
    who = people.principal_for(database, people.create_person(database, "benchmark").id)
    intake = Intake(database, path.parent / "intake")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = clock.monotonic()
    ended = _run(intake, who, path)
    seconds = clock.monotonic() - start
    assert ended.counts.entries == messages, ended
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"import: {messages / seconds:,.0f} entries/s, {megabytes / seconds:.1f} MB/s of JSON")
    print(
        f"memory: this process grew by {(after - before) / 1024:.0f} MB, the parser had {child.ru_maxrss / 1024:.0f} MB"
    )
    print(f"parser: {child.ru_utime + child.ru_stime:.1f} s of CPU")
    start = clock.monotonic()
    again = _run(intake, who, path)
    print(f"again: {messages / (clock.monotonic() - start):,.0f} entries/s found to be there already")
    assert again.counts.already_there == messages, again
    database.close()
    return seconds


def _run(intake: Intake, who: Principal, path: Path) -> ImportJob:
    receiving = intake.receive(who, "export.zip", ImportOptions(owner_is_me=True), path.stat().st_size)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            receiving.write(chunk)
    job = receiving.finish()
    intake.run_queued()
    return intake.get(who, job.id)


def measure_peer(path: Path, database: Path, *, is_zip: bool) -> float:
    """The least that could be done with the same file, in seconds."""
    start = clock.monotonic()
    if is_zip:
        with zipfile.ZipFile(path) as archive, archive.open("conversations.json") as file:
            talks = json.load(file)
    else:
        talks = json.loads(path.read_bytes())
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE entry (text TEXT NOT NULL)")
    nodes = (node["message"] for talk in talks for node in talk["mapping"].values() if node["message"])
    connection.executemany("INSERT INTO entry VALUES (?)", ((node["content"]["parts"][0],) for node in nodes))
    connection.commit()
    connection.close()
    return clock.monotonic() - start


if __name__ == "__main__":
    main()
