"""Many people with small memories on one server: `python -m benchmarks.life.people --home FOLDER --people 10000`.

Gives each of so many spaces a few entries of a made-up life (SQLite), indexes them all, and asks each question in one
of the spaces, drawn at random. Beside it, in the same run, one space that has as many entries as all of them together.
"""

import argparse
import random
import shutil
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

from benchmarks.life import fill, limit
from benchmarks.life.made_up import BATCH, Said, batch, questions
from everword.accounts import store as people
from everword.core import clock
from everword.core.ids import PersonId, SpaceId
from everword.core.types import Principal
from everword.memory.index.indexer import Indexer
from everword.memory.recall import Recaller
from everword.storage.database import Database
from everword.weights.embedders import static_embedder
from everword.weights.embedding_process import EmbeddingProcess

_SEED = 1


def main() -> None:
    """Print how quick both are, and how large this process became."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--home", type=Path, required=True)
    arguments.add_argument("--people", type=int, default=10_000)
    arguments.add_argument("--each", type=int, default=40, help="entries of each person")
    arguments.add_argument("--questions", type=int, default=200)
    options = arguments.parse_args()
    sizes = {"many": options.people, "one": 1}
    total = options.people * options.each
    for name, count in sizes.items():
        home = options.home / name
        database, owners = _fill(home, count, total)
        indexer = Indexer(database, home / "index", EmbeddingProcess(static_embedder()))
        started = clock.monotonic()
        indexer.catch_up()
        indexed = total / (clock.monotonic() - started)
        indexer.shelf.rest()
        indexer.embedder.rest()
        told = _ask(Recaller(database, indexer), owners, total, options.questions)
        size = sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / total
        print(
            f"{name}: {count:,} spaces, {total:,} entries; indexed {indexed:,.0f} a second; {size:,.0f} bytes an entry;"
            f" recall p50 {told[49]:.0f} ms, p95 {told[94]:.0f} ms; {limit.resident_mb():.0f} MB"
        )
        indexer.stop()
        database.close()
        shutil.rmtree(home)


def _fill(home: Path, count: int, total: int) -> tuple[Database, list[Principal]]:
    """A ledger of `total` entries, whose conversations are dealt out to so many spaces."""
    database, _ = fill.open_home(home, _SEED)
    spaces = [SpaceId(str(UUID(bytes=fill.made_id(_SEED, "space of", number)))) for number in range(count)]
    with database.writing(Principal.system()) as connection:
        for space_id in spaces:
            people.add_space(connection, Principal.system(), "personal", "life", space_id)
    raw = database.engine.raw_connection()
    try:
        for index in range(-(-total // BATCH)):
            by_space: dict[int, list[Said]] = {}
            for said in batch(_SEED, index):
                by_space.setdefault(said.conversation % count, []).append(said)
            raw.cursor().execute("BEGIN IMMEDIATE")
            for number, some in by_space.items():
                fill.write(raw.cursor(), _SEED, UUID(spaces[number]).bytes, some)
            raw.cursor().execute("COMMIT")
    finally:
        raw.close()
    return database, [
        Principal(PersonId(str(UUID(bytes=fill.made_id(_SEED, "person of", at)))), space_id, frozenset({space_id}))
        for at, space_id in enumerate(spaces)
    ]


def _ask(recaller: Recaller, owners: list[Principal], total: int, count: int) -> list[float]:
    """Percentiles in milliseconds."""
    recaller.warm()
    chance = random.Random(_SEED)
    took: list[float] = []
    for question in questions(_SEED, total, count):
        who = chance.choice(owners)
        started = clock.monotonic()
        recaller.recall(who, question)
        took.append((clock.monotonic() - started) * 1000)
    told: list[Any] = quantiles(took, n=100)
    return told


if __name__ == "__main__":
    main()
