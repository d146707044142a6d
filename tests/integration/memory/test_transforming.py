"""Embedding by a transformer in the background, with MiniLM itself, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from everword.core.ids import SpaceId
from everword.core.types import Principal
from everword.memory.forgetting.types import ForgettingState, Selection
from everword.memory.index.space_index import SpaceIndex
from everword.memory.index.transforming import Chosen, Transforming
from everword.memory.index.word_index import SHARD_ROWS
from everword.memory.recall import Recaller
from everword.storage.database import Database
from everword.weights.transformer_process import Transformers
from everword.weights.transformers import MINILM
from tests.integration.memory.forgetting.conftest import Stage, open_stage, say
from tests.integration.memory.forgetting.finding import files_with

pytestmark = [pytest.mark.model, pytest.mark.slow]
TEXTS = (
    "The physician looked at my knee on Monday",
    "We sold the old bicycle",
    "Granny's recipe takes four eggs",
    "The bells rang at noon",
    "It rained all week",
)
SECRET = "The cellar door opens with the blue key"
PATIENT_S = 60.0  # on a machine that does other things too


@pytest.fixture
def home(request: pytest.FixtureRequest, database: Database, anna: Principal, tmp_path: Path) -> Iterator[Stage]:
    """Anna's memory, indexed."""
    opened = open_stage(database, anna, tmp_path, getattr(request, "param", SHARD_ROWS))
    for text in (*TEXTS[:3], SECRET, *TEXTS[3:]):
        say(opened, text)
        opened.indexer.catch_up()
    yield opened
    opened.indexer.stop()


#: In shards that forgetting writes anew one by one, or in one, which it replaces.
in_shards = pytest.mark.parametrize("home", [2, SHARD_ROWS], indirect=True, ids=["many shards", "one shard"])


def worker(home: Stage, transformers: Transformers, chosen: dict[SpaceId, str]) -> Transforming:
    return Transforming(home.database, home.indexer, transformers, choices=lambda: chosen, should_yield=lambda: 0.0)


def index_of(home: Stage) -> SpaceIndex:
    return home.indexer.shelf.of(home.who.own_space)


@in_shards
def test_what_is_embedded_is_ranked_by_it_and_forgotten(home: Stage, minilm: Transformers) -> None:
    """Recall has a transformer's features once it has vectors; forgetting leaves none, and the others keep theirs."""
    chosen = {home.who.own_space: MINILM.name}
    recaller = Recaller(home.database, home.indexer, transformers=minilm, patience_s=PATIENT_S)
    assert "transformer_z" not in recaller.recall(home.who, "who examined my leg?").hits[0].features
    working = worker(home, minilm, chosen)
    working.catch_up()
    assert working.standing(home.who.own_space).done == index_of(home).count == 6
    found = recaller.recall(home.who, "who examined my leg?").hits[0]
    assert found.entry.text == TEXTS[0]
    assert "transformer_z" in found.features

    transformer = index_of(home).transformer
    assert transformer is not None
    secret = recaller.recall(home.who, "cellar door key").hits[0].entry
    vector = transformer._meaning.files[-1].view()[3].tobytes()
    assert secret.text == SECRET
    assert files_with(home.home, vector)
    preview, up_to = home.forgetter.preview(home.who, Selection(entry_ids=(secret.id,)))
    begun = home.forgetter.begin(home.who, Selection(entry_ids=(secret.id,)), up_to=up_to)
    home.forgetter.worker.run_unfinished()
    assert len(preview.entries) == 1
    assert home.forgetter.get(home.who, begun.id)[0].state is ForgettingState.DELIVERED
    assert files_with(home.home, vector) == set()
    index = index_of(home)
    assert index.transformer is not None
    assert index.transformer.missing(index.count, 100) is None, "the others are embedded still"

    home.indexer.rebuild()
    index = index_of(home)
    assert index.transformer is not None
    assert index.count == index.transformer.done == 5, "also after a rebuild"


@in_shards
def test_a_vector_made_before_a_forgetting_is_not_written_after_it(home: Stage, minilm: Transformers) -> None:
    """What was being embedded while its entry went comes too late: its row stays empty."""
    home.indexer.transform(home.who.own_space, MINILM.name, MINILM.dimensions)
    process = minilm.process(MINILM.name)
    assert process is not None
    known = index_of(home)
    vectors = process.passages([SECRET] * 6)
    (entry_id,) = [hit.entry.id for hit in Recaller(home.database, home.indexer).recall(home.who, "cellar").hits[:1]]
    _, up_to = home.forgetter.preview(home.who, Selection(entry_ids=(entry_id,)))
    home.forgetter.begin(home.who, Selection(entry_ids=(entry_id,)), up_to=up_to)
    home.forgetter.worker.run_unfinished()
    home.indexer.put_transformed(home.who.own_space, known, MINILM.name, 0, vectors)
    transformer = index_of(home).transformer
    if known is index_of(home):  # its rows stay, and one of them is empty
        assert transformer is not None
        assert [bool(row.any()) for row in transformer._meaning.files[-1].view()] == [True] * 3 + [False] + [True] * 2
    else:  # built anew, so that what was made for the old one is of no use
        assert transformer is None or not transformer.done


def test_choosing_another_way_takes_the_files_away(home: Stage, minilm: Transformers) -> None:
    """Back to static vectors nothing of the transformer is on the disk, and recall does without it."""
    chosen = {home.who.own_space: MINILM.name}
    heard: list[tuple[Chosen, Chosen]] = []
    working = Transforming(
        home.database,
        home.indexer,
        minilm,
        choices=lambda: chosen,
        should_yield=lambda: 0.0,
        on_change=lambda now, before: heard.append((now, before)),
    )
    working.catch_up()
    folder = index_of(home).folder / "transformer"
    assert folder.exists()
    chosen.clear()
    working.catch_up()
    assert not folder.exists()
    assert index_of(home).transformer is None
    assert [(len(now), len(before)) for now, before in heard] == [(1, 0), (0, 1)]
