"""Forgetting in an index of many shards: only those concerned are written anew, and of what went nothing stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from everword.core.ids import EntryId
from everword.core.types import Principal
from everword.memory import store
from everword.memory.forgetting.following import Follower
from everword.memory.forgetting.types import Forgetting, ForgettingState, Selection
from everword.memory.index import feed_store
from everword.memory.index.feed_store import Fed
from everword.memory.index.filters import NO_FILTERS
from everword.memory.index.indexer import Indexer
from everword.memory.index.rewriting import Draft
from everword.memory.index.rows import IS_GONE
from everword.memory.index.space_index import SpaceIndex
from everword.memory.recall import Recaller
from everword.memory.types import Entry
from everword.storage.database import Database
from tests.conftest import add_person
from tests.integration.memory.forgetting.conftest import WORD, Planted, begin_talk, open_stage, plant, say
from tests.integration.memory.forgetting.conftest import Stage as Home
from tests.integration.memory.forgetting.finding import places

SHARD_ROWS = 5


@pytest.fixture
def home(database: Database, anna: Principal, tmp_path: Path) -> Iterator[Home]:
    """Anna's memory with tiny shards; what is planted stands in the middle of several."""
    opened = open_stage(database, anna, tmp_path, SHARD_ROWS)
    yield opened
    opened.indexer.stop()


def fill(home: Home, first: int, count: int) -> list[Entry]:
    """Entries of one conversation, each indexed by itself, so that shards fill."""
    talk = begin_talk(home)
    said = []
    for number in range(first, first + count):
        said.append(say(home, f"Plum number {number} is ripe. " * (1 + number % 3 * 20), talk=talk, speaker="Olga"))
        home.indexer.catch_up()
    return said


def planted_in_the_middle(home: Home) -> Planted:
    fill(home, 0, 12)
    planted = plant(home)
    home.indexer.catch_up()
    fill(home, 12, 12)
    return planted


def index_of(home: Home) -> SpaceIndex:
    return home.indexer.shelf.of(home.who.own_space)


def generations(home: Home) -> list[str]:
    return [shard.folder.name for shard in index_of(home).words.shards]


def forget(home: Home, planted: Planted) -> Forgetting:
    """The planted entry with everything that repeats it, to the receipt."""
    selection = Selection(entry_ids=(planted.secret.id,))
    preview, up_to = home.forgetter.preview(home.who, selection)
    redact = {repeat.entry.id for repeat in preview.repeats}
    begun = home.forgetter.begin(home.who, selection, up_to=up_to, redact=redact)
    home.forgetter.worker.run_unfinished()
    return home.forgetter.get(home.who, begun.id)[0]


def remove_from_ledger(home: Home, planted: Planted) -> list[EntryId]:
    """Only the ledger's part: what the index is to follow."""
    selection = Selection(entry_ids=(planted.secret.id,))
    preview, up_to = home.forgetter.preview(home.who, selection)
    redact = {repeat.entry.id for repeat in preview.repeats}
    begun = home.forgetter.begin(home.who, selection, up_to=up_to, redact=redact)
    worker = home.forgetter.worker
    worker._remove_rows(worker.step(begun))
    return list(map(EntryId, home.forgetter.targets(home.who, begun.id)))


def test_words_vectors_and_names_go_and_other_shards_stay(home: Home) -> None:
    """Planted words are found in the dictionaries first and nowhere after; shards without them keep their folder."""
    planted = planted_in_the_middle(home)
    before = generations(home)
    assert len(before) > 4
    assert {place for place in places(home.home, home.database, WORD) if place.startswith("index terms")}
    assert "Ben" in index_of(home).names.all
    receipt = forget(home, planted)
    assert receipt.state is ForgettingState.DELIVERED, receipt.error
    assert places(home.home, home.database, WORD) == set()
    after = generations(home)
    written = [name for name in before if name not in after]
    assert written
    assert len(written) < len(before) / 2
    rows, index = index_of(home).rows(), index_of(home)
    gone = np.flatnonzero(rows["flags"] & IS_GONE)
    assert len(gone)
    assert not any(file.view()[gone].any() for file in index.meaning.files)
    assert not any(rows[field][gone].any() for field in ("conversation", "said_at", "start", "end", "words", "speaker"))


def test_what_stays_is_what_an_index_built_anew_has(home: Home) -> None:
    """Rows, their neighbours, names, codes, vectors and finds are those of an index that never knew what went."""
    planted = planted_in_the_middle(home)
    forget(home, planted)
    fill(home, 24, 3)
    kept, finds = _described(index_of(home)), _finds(home)
    home.indexer.rebuild()
    assert not (index_of(home).rows()["flags"] & IS_GONE).any()
    assert _described(index_of(home)) == kept
    assert _finds(home) == finds


def _described(index: SpaceIndex) -> list[tuple[Any, ...]]:
    """Every row that is not gone, with what it points to by ledger position or name."""
    rows, names = index.rows(), index.names.all

    def position(row: int) -> int:
        return int(rows["position"][row]) if row >= 0 else -1

    own = ("position", "conversation", "said_at", "start", "end", "part", "parts", "words", "label", "kind", "flags")
    return [
        (
            *(int(row[field]) for field in own),
            position(int(row["previous"])),
            position(int(row["next"])),
            names[row["speaker"]],
            names[row["source"]],
            *(file.view()[at].tobytes() for file in index.meaning.files),
            int(index.columns.when.view()[at]),
            int(index.columns.where.view()[at]),
        )
        for at, row in enumerate(rows)
        if not row["flags"] & IS_GONE
    ]


def _finds(home: Home) -> list[int]:
    index = index_of(home)
    found, _, _ = index.words.matching([("plum", [])], NO_FILTERS, 100)
    return sorted(index.rows()["position"][found].tolist())


@pytest.mark.parametrize("is_told", [True, False])
def test_a_crash_between_rows_and_words_is_made_good(home: Home, is_told: bool) -> None:
    """Killed after the rows were erased and before the words were exchanged, or before either, or after both."""
    planted = planted_in_the_middle(home)
    gone = remove_from_ledger(home, planted)
    index = index_of(home)

    def read(after: int) -> Sequence[Fed]:
        with home.database.reading(home.who) as connection:
            return feed_store.entries_after(connection, home.who, after, 3)

    with home.database.reading(home.who) as connection:
        assert store.by_ids(connection, home.who, [planted.secret.id]) == {}
    hit = next(shard for shard in index.words.shards if _has_word(shard))
    draft = Draft(index, hit)
    draft.write(read)
    index.erase(np.concatenate(draft._gone))
    home.indexer.stop()
    again = home.reopen()
    assert any(map(_has_word, index_of(again).words.shards))
    again.indexer.rewrite(home.who.own_space, gone if is_told else None)
    again.indexer.stop()
    once_more = home.reopen()
    once_more.indexer.rewrite(home.who.own_space, gone if is_told else None)
    assert not any(map(_has_word, index_of(once_more).words.shards))
    assert not list((home.home / "index").rglob("*.draft"))
    assert "Ben" not in index_of(once_more).names.all
    once_more.indexer.rebuild()
    once_more.indexer.stop()


def _has_word(shard: Any) -> bool:
    return bool(shard.searcher.terms_with_prefix("word", "quetzal", limit=1))


def test_what_a_crash_left_of_generations_is_removed(home: Home) -> None:
    """Of two generations of a shard the later counts and the earlier goes; a draft counts for nothing."""
    planted = planted_in_the_middle(home)
    index = index_of(home)
    old = next(shard for shard in index.words.shards if _has_word(shard)).folder
    shutil.copytree(old, home.home / "kept")
    shutil.copytree(old, old.with_name(f"{old.name[:-1]}7.draft"))
    forget_ids = remove_from_ledger(home, planted)
    home.indexer.rewrite(home.who.own_space, forget_ids)
    shutil.copytree(home.home / "kept", old)
    home.indexer.stop()
    again = home.reopen()
    assert generations(again) == generations(home)
    assert not old.exists()
    assert not any(map(_has_word, index_of(again).words.shards))
    again.indexer.stop()


def test_said_while_a_shard_is_written_anew(home: Home) -> None:
    """Forgetting what the last shard has, too: what is said and indexed next is found, and links skip the gap."""
    fill(home, 0, 12)
    planted = plant(home)
    home.indexer.catch_up()
    forget(home, planted)
    said = say(home, "The marmot sleeps until April", talk=planted.talk)
    recaller = Recaller(home.database, home.indexer)
    hits = recaller.recall(home.who, "when does the marmot wake up?").hits
    assert hits[0].entry.id == said.id
    index = index_of(home)
    rows = index.rows()
    row = int(np.flatnonzero(rows["position"] == said.position)[0])
    assert rows["flags"][int(rows["previous"][row])] & IS_GONE == 0
    assert int(rows["next"][int(rows["previous"][row])]) == row


def test_another_process_follows_in_its_own_shards(postgres_database: Database, tmp_path: Path) -> None:
    """A second process with shards of its own writes those concerned anew, told by the receipt alone."""
    (tmp_path / "home").mkdir()
    home = open_stage(postgres_database, add_person(postgres_database, "Anna"), tmp_path / "home", SHARD_ROWS)
    planted = planted_in_the_middle(home)
    other = Indexer(home.database, tmp_path / "elsewhere", shard_rows=SHARD_ROWS)
    other.catch_up()
    fill(home, 24, 6)
    other.catch_up()
    assert places(tmp_path / "elsewhere", home.database, WORD) - places(tmp_path / "none", home.database, WORD)
    assert forget(home, planted).state is ForgettingState.DELIVERED
    Follower(home.database, other).catch_up()
    assert places(tmp_path / "elsewhere", home.database, WORD) == set()
    assert (other.shelf.of(home.who.own_space).rows()["flags"] & IS_GONE).any()
    other.stop()
    home.indexer.stop()
