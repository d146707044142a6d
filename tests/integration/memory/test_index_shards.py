"""An index of many shards answers as one shard does, and begins again where what is there cannot be used."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from everword.core.ids import ConversationId
from everword.core.types import Label, Principal
from everword.memory import conversation_store, store
from everword.memory.index import meaning_index, scan, space_index
from everword.memory.index.filters import NO_FILTERS, Filters, fitting
from everword.memory.index.indexer import Indexer
from everword.memory.index.shelf import Shelf
from everword.memory.index.space_index import SpaceIndex
from everword.memory.recall import Recaller
from everword.memory.types import Entry, NewEntry
from everword.storage.database import Database

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
WORDS = [f"word{number}" for number in range(120)]
SPEAKERS = ["", "Anna", "Ben", "Ben Carter"]


def fill(database: Database, who: Principal, count: int) -> list[ConversationId]:
    """Entries of many lengths, by several speakers over a year, in three conversations."""
    chance = random.Random(7)
    with database.writing(who) as connection:
        talks = [conversation_store.create(connection, who, who.own_space).id for _ in range(3)]
        new = []
        for number in range(count):
            speaker = chance.choice(SPEAKERS)
            texts = chance.choices(WORDS, weights=range(1, 121), k=chance.randint(3, 12))
            new.append(
                NewEntry(
                    space_id=who.own_space,
                    label=Label.STRANGER if speaker else Label.OWNER,
                    speaker=speaker,
                    text=" ".join(texts),
                    said_at=NOW - timedelta(hours=count - number),
                    conversation_id=talks[number % 3],
                )
            )
        store.append_many(connection, who, new)
    return talks


@pytest.fixture
def both(database: Database, anna: Principal, tmp_path: Path) -> Iterator[tuple[Indexer, Indexer]]:
    """The same ledger in one shard and in many."""
    one, many = Indexer(database, tmp_path / "one"), Indexer(database, tmp_path / "many", shard_rows=150)
    yield one, many
    one.stop()
    many.stop()


def catch_up(indexer: Indexer) -> None:
    """In small batches, so that shards are small."""
    while not indexer.catch_up(at_most=50):
        pass


def test_many_shards_find_what_one_does(database: Database, anna: Principal, both: tuple[Indexer, Indexer]) -> None:
    """The best by words, their scores nearly, counts, frequencies, beginnings and the last said are the same."""
    fill(database, anna, 2000)
    for indexer in both:
        catch_up(indexer)
    one, many = (indexer.shelf.of(anna.own_space).words for indexer in both)
    assert len(one.shards) == 1
    assert len(many.shards) > 10
    for stems in (["word3", "word80"], ["word119"], ["word1", "word2", "word5"], ["nothing", "word60"]):
        ((rows, scores),) = one.search(stems, [(NO_FILTERS, 40)])
        ((other_rows, other_scores),) = many.search(stems, [(NO_FILTERS, 40)])
        assert other_scores == pytest.approx(scores, rel=0.05)
        assert len(set(rows[:20].tolist()) & set(other_rows.tolist())) >= 18
        assert [one.frequency(stem) for stem in stems] == [many.frequency(stem) for stem in stems]
    groups = [("word100", []), ("word11", one.with_prefix("word11", 60))]
    assert one.matching(groups, NO_FILTERS, 10)[2] == many.matching(groups, NO_FILTERS, 10)[2] > 10
    assert set(one.with_prefix("word1", 60)) == set(many.with_prefix("word1", 60))
    by_ben = Filters(speaker="ben")
    assert many.latest(by_ben, 30).tolist() == one.latest(by_ben, 30).tolist()
    assert many.has_term("word7")
    assert not many.has_term("word7777")


def test_a_shard_with_all_the_best_is_asked_again(
    database: Database, anna: Principal, both: tuple[Indexer, Indexer]
) -> None:
    """Where one shard has more of the best than it was first asked for, none of them is lost."""
    fill(database, anna, 600)
    with database.writing(anna) as connection:
        new = NewEntry(space_id=anna.own_space, label=Label.OWNER, text="kumquat " * 3, said_at=NOW)
        store.append_many(connection, anna, [new] * 140)
    fill(database, anna, 600)
    for indexer in both:
        catch_up(indexer)
    one, many = (indexer.shelf.of(anna.own_space).words for indexer in both)
    ((of_many, _),), ((of_one, _),) = (words.search(["kumquat"], [(NO_FILTERS, 140)]) for words in (many, one))
    assert set(of_many.tolist()) == set(of_one.tolist())


@pytest.mark.parametrize(
    "filters",
    [
        Filters(speaker="ben"),
        Filters(label=Label.OWNER, since=NOW - timedelta(hours=90, minutes=30)),
        Filters(until=NOW - timedelta(hours=990, seconds=20)),
        Filters(source="chat", speaker="carter"),
        Filters(speaker="nobody"),
    ],
)
def test_the_nearest_among_those_that_fit(
    database: Database, anna: Principal, both: tuple[Indexer, Indexer], filters: Filters
) -> None:
    """A scan with filters finds what comparing every row that fits would find, read from the rows themselves."""
    fill(database, anna, 1000)
    catch_up(both[0])
    index = both[0].shelf.of(anna.own_space)
    vector = both[0].embedder.embed(["word3 word80 word7"])[0]
    rows = index.rows()
    of_all, found = index.meaning.nearest(vector, len(rows), [(200, None), (200, index.fits(rows, filters))])
    everything = np.sort(index.meaning.cosines(vector, np.arange(len(rows))))[::-1][:20]
    assert index.meaning.cosines(vector, of_all[:20]).tolist() == pytest.approx(everything.tolist(), abs=0.02)
    fits = fitting(rows, index.names.all, filters)
    assert fits is not None
    wanted = np.flatnonzero(fits)
    best = np.sort(index.meaning.cosines(vector, wanted))[::-1][:20]
    found = found[fits[found]][:20]
    cosines = index.meaning.cosines(vector, found)
    assert cosines.tolist() == pytest.approx(best[: len(cosines)].tolist())
    assert len(found) >= min(len(wanted), 19)


@pytest.mark.parametrize("filters", [NO_FILTERS, Filters(speaker="ben")])
def test_half_a_code_first(
    database: Database,
    anna: Principal,
    both: tuple[Indexer, Indexer],
    filters: Filters,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a large index finds by half of each code and then the whole, on two threads, is what the whole finds."""
    fill(database, anna, 3000)
    both[0].catch_up()
    index = both[0].shelf.of(anna.own_space)
    vector = both[0].embedder.embed(["word3 word80 word7"])[0]
    rows = index.rows()
    wanted = [(10, index.fits(rows, filters))]
    monkeypatch.setattr(scan, "_BLOCK", 1024)
    monkeypatch.setattr(scan, "_SHARED", 100)
    (by_halves,) = index.meaning.nearest(vector, len(rows), wanted)
    monkeypatch.setattr(meaning_index, "_WIDER", 1_000)
    (whole,) = index.meaning.nearest(vector, len(rows), wanted)
    assert len(set(by_halves.tolist()) & set(whole.tolist())) >= 9
    nearest, of_whole = index.meaning.cosines(vector, np.array([by_halves[0], whole[0]])).tolist()
    assert nearest == pytest.approx(of_whole, abs=0.02)


def test_a_conversation_alone(database: Database, anna: Principal, both: tuple[Indexer, Indexer]) -> None:
    """Within one conversation recall finds nothing of the others, in shards too, and what it finds without them."""
    talks = fill(database, anna, 700)
    for indexer in both:
        catch_up(indexer)
    found = [
        [hit.entry.id for hit in Recaller(database, indexer).recall(
            anna, "word110 word90?", filters=Filters(conversation_id=talks[1]), now=NOW
        ).hits]
        for indexer in both
    ]  # fmt: skip
    assert found[0][0] == found[1][0]
    assert len(set(found[0][:5]) & set(found[1][:5])) >= 4  # nearly equal ones may change places: see `WordIndex`
    with database.reading(anna) as connection:
        said = {entry.id for entry in store.of_conversation(connection, anna, talks[1])}
    assert set(found[1]) <= said
    assert found[1]


def test_an_edit_ends_versions_in_earlier_shards(
    database: Database, anna: Principal, both: tuple[Indexer, Indexer]
) -> None:
    """Versions of one entry that stand in different shards: only the newest is found."""
    indexer = both[1]
    versions: list[Entry] = []
    for text in ("The meeting is on Tuesday", "The meeting is on Thursday", "The meeting is on Friday"):
        new = NewEntry(
            space_id=anna.own_space, label=Label.OWNER, text=text, said_at=NOW,
            version_of=versions[0].id if versions else None,
        )  # fmt: skip
        with database.writing(anna) as connection:
            versions.append(store.append(connection, anna, new))
        fill(database, anna, 200)
        catch_up(indexer)
    assert len(indexer.shelf.of(anna.own_space).words.shards) >= 3
    recaller = Recaller(database, indexer)
    assert [hit.entry.id for hit in recaller.search(anna, "meeting").hits] == [versions[2].id]
    assert recaller.recall(anna, "when is the meeting?", now=NOW).hits[0].entry.id == versions[2].id


def test_neighbours_are_linked_across_shards_and_openings(
    database: Database, anna: Principal, tmp_path: Path, both: tuple[Indexer, Indexer]
) -> None:
    """Rows of a conversation follow each other, though shards and processes lie between them."""
    fill(database, anna, 400)
    catch_up(both[1])
    both[1].stop()
    fill(database, anna, 100)
    again = Indexer(database, tmp_path / "many", shard_rows=150)
    catch_up(again)
    catch_up(both[0])
    one, many = (indexer.shelf.of(anna.own_space).rows() for indexer in (both[0], again))
    assert one.tobytes() == many.tobytes()
    assert not one.view("u1").reshape(len(one), 64)[:, 61:].any()
    again.stop()


def test_another_format_is_built_again(
    database: Database, anna: Principal, tmp_path: Path, both: tuple[Indexer, Indexer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that an earlier version wrote is fed from the ledger's beginning by the first that catches up."""
    fill(database, anna, 60)
    monkeypatch.setattr(space_index, "FORMAT", "0")
    old = Indexer(database, tmp_path / "old")
    old.catch_up()
    old.stop()
    monkeypatch.undo()
    new = Indexer(database, tmp_path / "old")
    assert new.position == 0
    new.catch_up()
    assert new.shelf.of(anna.own_space).count == 60
    new.stop()


@pytest.mark.parametrize("lost", ["who.bin", "vectors.bin", "rows.bin", "words"])
def test_what_was_lost_is_fed_again(
    database: Database, anna: Principal, ben: Principal, tmp_path: Path, lost: str
) -> None:
    """A file of one space that a disk has lost: the space begins again, and another keeps what it has."""
    fill(database, anna, 60)
    fill(database, ben, 60)
    indexer = Indexer(database, tmp_path / "index")
    indexer.catch_up()
    indexer.stop()
    path = tmp_path / "index" / "live" / anna.own_space / lost
    path.rename(tmp_path / "away")
    again = Indexer(database, tmp_path / "index")
    assert again.shelf.of(anna.own_space).count == 0
    again.catch_up()
    assert [again.shelf.of(who.own_space).count for who in (anna, ben)] == [60, 60]
    assert isinstance(again.shelf.of(ben.own_space), SpaceIndex)
    again.stop()


def test_a_start_opens_what_was_used_last(database: Database, anna: Principal, both: tuple[Indexer, Indexer]) -> None:
    """Whoever asks first finds them open; a folder that is not there yet is no matter."""
    shelf = Shelf(both[0].shelf.folder, both[0].embedder)
    shelf.open_latest()
    assert not shelf._open
    fill(database, anna, 20)
    catch_up(both[0])
    shelf.open_latest()
    assert list(shelf._open) == [anna.own_space]
