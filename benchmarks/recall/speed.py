"""How quick recall and indexing are as a ledger grows: `python -m benchmarks.recall.speed --words FILE --entries N...`.

The ledger is made up: pieces of the sentences in FILE (JSON Lines with `text`), recombined, a few words exchanged for
ones made up so that the vocabulary grows as it does in life (Heaps), in conversations of forty entries over years. The
questions are sentences that were said, cut short. "Whole" is from the question to entries in hand, ledger included.
"""

import argparse
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from benchmarks.recall.ledger import person, read
from everword.core import clock
from everword.core.ids import ConversationId
from everword.core.types import Label, Principal
from everword.memory import conversation_store, store
from everword.memory.index.indexer import Indexer
from everword.memory.recall import Recaller
from everword.memory.types import NewEntry
from everword.storage.database import Database
from everword.storage.migrate import migrate

_CONVERSATION = 40
_BATCH = 2000
_SPEAKERS = ["", "Anna", "Ben", "Carla", "Deniz", "Elif", "Farid"]
_SYLLABLES = [
    "ka",
    "lo",
    "mi",
    "ren",
    "ta",
    "vo",
    "sel",
    "du",
    "pri",
    "an",
    "or",
    "zem",
    "bal",
    "ti",
    "gru",
    "ne",
    "fa",
    "sho",
]


def main() -> None:
    """Print one line for each size."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--words", type=Path, required=True)
    arguments.add_argument("--entries", type=int, nargs="+", default=[10_000, 100_000])
    arguments.add_argument("--questions", type=int, default=200)
    options = arguments.parse_args()
    texts = [line["text"] for line in read(options.words)]
    print(f"{'entries':>10}{'indexed/s':>11}{'recall p50':>12}{'p95 ms':>9}{'search p50':>12}{'p95 ms':>9}{'MB':>10}")
    for size in options.entries:
        _measure(texts, size, options.questions)


def _measure(texts: list[str], size: int, count: int) -> None:
    chance = random.Random(size)
    with TemporaryDirectory() as home:
        database = Database(f"sqlite:///{home}/everword.db")
        migrate(database)
        who = person(database)
        _fill(database, who, texts, size, chance)
        indexer = Indexer(database, Path(home) / "index")
        started = clock.monotonic()
        indexer.catch_up()
        indexer.shelf.rest()
        rate = size / (clock.monotonic() - started)
        recaller = Recaller(database, indexer)
        questions = [_question(chance.choice(texts), chance) for _ in range(count)]
        for question in questions[:10]:
            recaller.recall(who, question)
        recall_ms = [_took(lambda question=question: recaller.recall(who, question)) for question in questions]
        search_ms = [_took(lambda question=question: recaller.search(who, question[:12])) for question in questions]
        disk = sum(path.stat().st_size for path in (Path(home) / "index").rglob("*") if path.is_file()) / 1e6
        of_recall, of_search = quantiles(recall_ms, n=100), quantiles(search_ms, n=100)
        print(
            f"{size:10,}{rate:11,.0f}{of_recall[49]:12.1f}{of_recall[94]:9.1f}"
            f"{of_search[49]:12.1f}{of_search[94]:9.1f}{disk:10.1f}"
        )
        database.close()


def _took(call) -> float:  # type: ignore[no-untyped-def]
    started = clock.monotonic()
    call()
    return (clock.monotonic() - started) * 1000


def _fill(database: Database, who: Principal, texts: list[str], size: int, chance: random.Random) -> None:
    at = datetime(2015, 1, 1, tzinfo=UTC)
    conversation: ConversationId | None = None
    batch: list[NewEntry] = []
    for number in range(size):
        with database.writing(who) as connection:
            while len(batch) < min(_BATCH, size):
                if len(batch) % _CONVERSATION == 0:
                    conversation = conversation_store.create(connection, who, who.own_space, source="made up").id
                    at += timedelta(hours=chance.randint(1, 60))
                at += timedelta(seconds=chance.randint(10, 200))
                speaker = chance.choice(_SPEAKERS)
                batch.append(
                    NewEntry(
                        space_id=who.own_space,
                        conversation_id=conversation,
                        label=Label.STRANGER if speaker else Label.OWNER,
                        speaker=speaker,
                        said_at=at,
                        text=_text(texts, chance),
                    )
                )
            store.append_many(connection, who, batch)
        if (number + 1) * len(batch) >= size:
            return
        batch = []


def _text(texts: list[str], chance: random.Random) -> str:
    pieces = []
    for _ in range(chance.randint(1, 3)):
        words = chance.choice(texts).split()[:40]
        start = chance.randint(0, max(len(words) - 4, 0))
        pieces += words[start : start + chance.randint(4, 14)]
    if chance.random() < 0.3:
        pieces[chance.randrange(len(pieces))] = "".join(chance.choices(_SYLLABLES, k=4))
    return " ".join(pieces)


def _question(text: str, chance: random.Random) -> str:
    words = text.split()[:30]
    start = chance.randint(0, max(len(words) - 6, 0))
    return f"What did {chance.choice(_SPEAKERS[1:])} say about {' '.join(words[start : start + 7])}?"


if __name__ == "__main__":
    main()
