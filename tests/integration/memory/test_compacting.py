"""Shards that grew commit by commit are written anew in one piece; questions are answered the same before and after."""

import threading
from pathlib import Path

import pytest

from everword.core.types import Principal
from everword.memory.index import compacting
from everword.memory.index.compacting import Compacting
from everword.memory.index.indexer import Indexer
from everword.memory.recall import Recaller
from everword.storage.database import Database
from tests.integration.memory.test_index_shards import NOW, WORDS, fill


def _scattered(database: Database, who: Principal, folder: Path) -> Indexer:
    """An index of shards of 100 rows that grew by twenty entries at a time."""
    fill(database, who, 450)
    indexer = Indexer(database, folder, shard_rows=100)
    while not indexer.catch_up(at_most=20):
        pass
    indexer.shelf.rest()
    return indexer


def _answers(database: Database, who: Principal, indexer: Indexer) -> list[list[tuple[str, float]]]:
    recaller = Recaller(database, indexer)
    questions = (" ".join(WORDS[at : at + 3]) for at in range(80, 118, 4))
    found = (recaller.recall(who, question, now=NOW).hits for question in questions)
    return [[(hit.entry.id, round(hit.score, 2)) for hit in hits] for hits in found]


def test_a_full_shard_is_written_anew_in_one_piece(database: Database, anna: Principal, tmp_path: Path) -> None:
    """Each that is full and scattered is, once; the last, which grows, is left; what is found stays the same."""
    indexer = _scattered(database, anna, tmp_path)
    words = indexer.shelf.of(anna.own_space).words
    assert [shard.is_scattered for shard in words.shards[:-1]] == [True] * (len(words.shards) - 1)
    before = _answers(database, anna, indexer)
    written = 0
    while indexer.compact(lambda: True):
        written += 1
    assert written == len(words.shards) - 1 > 2
    assert [shard.searcher.num_segments for shard in words.shards[:-1]] == [1] * written
    assert words.shards[-1].generation == 1
    assert _answers(database, anna, indexer) == before
    again = Indexer(database, tmp_path, shard_rows=100)
    assert _answers(database, anna, again) == before
    assert not again.compact(lambda: True)


def test_who_waits_and_who_forgets_go_first(database: Database, anna: Principal, tmp_path: Path) -> None:
    """Told to leave off, or where an index is to be rewritten, it leaves everything as it was, at once."""
    indexer = _scattered(database, anna, tmp_path)
    words = indexer.shelf.of(anna.own_space).words
    before = [shard.folder.name for shard in words.shards]
    assert not indexer.compact(lambda: False)
    began, may_end = threading.Event(), threading.Event()

    def may_go_on() -> bool:
        began.set()
        return may_end.wait(30)

    compacted: list[bool] = []
    compacting = threading.Thread(target=lambda: compacted.append(indexer.compact(may_go_on)), daemon=True)
    compacting.start()
    assert began.wait(30)
    rewriting = threading.Thread(target=indexer.rewrite, args=(anna.own_space,), daemon=True)
    rewriting.start()
    while not indexer.is_rewrite_wanted:
        pass
    may_end.set()
    compacting.join(30)
    rewriting.join(30)
    assert compacted == [False]
    assert [shard.folder.name for shard in words.shards] == before
    assert sorted(path.name for path in words.folder.iterdir()) == sorted(before)


def test_forgetting_does_not_wait_for_a_conversation(
    database: Database, anna: Principal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only tidies rests for as long as a person talks; a rewriting that comes meanwhile goes ahead at once."""
    monkeypatch.setattr(compacting, "_LOOK_S", 0.01)
    indexer = _scattered(database, anna, tmp_path)
    talking = threading.Event()
    asked: list[bool] = []

    def should_yield() -> float:
        asked.append(True)
        if len(asked) > 1:  # the first shard has begun
            talking.set()
            return 3600.0
        return 0.0

    tidying = Compacting(indexer, should_yield)
    tidying.start()
    assert talking.wait(30)
    rewriting = threading.Thread(target=indexer.rewrite, args=(anna.own_space,), daemon=True)
    rewriting.start()
    rewriting.join(30)
    assert not rewriting.is_alive()
    tidying.stop()
