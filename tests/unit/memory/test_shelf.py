"""The open indexes: who opens one makes nobody wait who asks for another."""

import os
import threading
from pathlib import Path

from everword.core.ids import SpaceId
from everword.memory.index import shelf
from everword.memory.index.shelf import Shelf
from everword.memory.index.space_index import SpaceIndex
from everword.weights.embedders import static_embedder


def _beside(space_id: SpaceId) -> SpaceId:
    """A space that is opened by another lock."""
    place = hash(space_id) % shelf._OPENED_AT_ONCE
    names = (SpaceId(f"other-{number}") for number in range(1_000))
    return next(name for name in names if hash(name) % shelf._OPENED_AT_ONCE != place)


def test_an_index_that_is_slow_to_open_holds_up_no_other(tmp_path: Path) -> None:
    """While one index is read from a disk that does not answer, another opens; the slow one is opened once."""
    slow = SpaceId("slow")
    (tmp_path / slow).mkdir()
    os.mkfifo(tmp_path / slow / "about")  # to be read only once somebody writes
    opened = Shelf(tmp_path, static_embedder())
    found: list[SpaceIndex] = []
    other: list[SpaceIndex] = []
    waiting = [threading.Thread(target=lambda: found.append(opened.of(slow)), daemon=True) for _ in range(2)]
    beside = threading.Thread(target=lambda: other.append(opened.of(_beside(slow))), daemon=True)
    for thread in (*waiting, beside):
        thread.start()
    beside.join(30)
    assert len(other) == 1
    assert not found
    (tmp_path / slow / "about").write_text("an earlier format", encoding="utf-8")
    for thread in waiting:
        thread.join(30)
    assert len(found) == 2
    assert found[0] is found[1]
