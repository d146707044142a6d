"""Which rows have a transformer's vectors: filled from the newest down, cut, erased, taken over."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from everword.memory.index.transformer_index import TransformerIndex

WIDTH = 384


def vectors(first: int, count: int) -> NDArray[np.float32]:
    """Unit vectors, each its row's own."""
    made = np.random.default_rng(7).normal(size=(100, WIDTH)).astype(np.float32)[first : first + count]
    unit: NDArray[np.float32] = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


def filled(folder: Path, rows: int, block: int) -> tuple[TransformerIndex, list[tuple[int, int]]]:
    """An index of so many rows, and the blocks in the order they were asked for."""
    index, asked = TransformerIndex(folder, "t", WIDTH), []
    while (missing := index.missing(rows, block)) is not None:
        asked.append(missing)
        index.put(missing[0], vectors(missing[0], missing[1] - missing[0]))
    return index, asked


def test_the_newest_are_asked_for_first(tmp_path: Path) -> None:
    """Blocks come from the end; rows that are new come before what is left of the old."""
    index = TransformerIndex(tmp_path, "t", WIDTH)
    assert index.missing(10, 4) == (6, 10)
    index.put(6, vectors(6, 4))
    assert index.missing(13, 4) == (10, 13)
    index.put(10, vectors(10, 3))
    assert index.missing(13, 4) == (2, 6)
    assert index.done == 7
    assert index.has(np.array([1, 5, 6, 12, 13])).tolist() == [False, False, True, True, False]
    assert filled(tmp_path / "other", 10, 4)[1] == [(6, 10), (2, 6), (0, 2)]


def test_what_was_not_recorded_is_made_again(tmp_path: Path) -> None:
    """Vectors without their range, as a crash leaves them, count as missing; what was recorded is there afterwards."""
    index = TransformerIndex(tmp_path, "t", WIDTH)
    index.put(6, vectors(6, 4))
    index._meaning.put(2, vectors(2, 4))  # and then the power goes
    again = TransformerIndex.at(tmp_path)
    assert again is not None
    assert again.missing(10, 8) == (0, 6)
    cosines = again.cosines(vectors(7, 1)[0], np.array([3, 7]))
    assert np.isnan(cosines[0])
    assert cosines[1] > 0.99


def test_cut_and_erased_rows_have_none(tmp_path: Path) -> None:
    """What is cut off is missing again; what is erased is done, without a vector, and no byte of it stays."""
    index, _ = filled(tmp_path, 10, 4)
    kept = (tmp_path / "vectors.bin").read_bytes()[5 * WIDTH // 2 : 6 * WIDTH // 2]
    index.truncate(8)
    index.erase(np.array([5]))
    assert index.missing(10, 8) == (8, 10)
    assert np.isnan(index.cosines(vectors(5, 1)[0], np.array([5])))[0]
    assert any(kept)
    assert kept not in (tmp_path / "vectors.bin").read_bytes()
    assert not (tmp_path / "codes-0.bin").read_bytes()[5 * 8 : 6 * 8].strip(b"\0")


def test_the_nearest_are_found_among_those_that_have_one(tmp_path: Path) -> None:
    """A scan of half-filled codes gives the row itself first, and no row without a vector."""
    index = TransformerIndex(tmp_path, "t", WIDTH)
    index.put(6, vectors(6, 4))
    (found,) = index.nearest(vectors(8, 1)[0], 10, [(5, None)])
    assert found[0] == 8
    assert set(found.tolist()) <= {6, 7, 8, 9}


def test_another_index_takes_over_what_it_has_too(tmp_path: Path) -> None:
    """Rows that moved keep their vectors; those that the old index had not are left to be made."""
    old, _ = filled(tmp_path / "old", 10, 4)
    new = TransformerIndex(tmp_path / "new", "t", WIDTH)
    new.carry(old, np.array([0, 1, 4, 5, 6, -1, 9]))
    assert new.missing(7, 8) == (5, 6)
    assert new.cosines(vectors(4, 1)[0], np.array([2]))[0] > 0.99
    assert new.cosines(vectors(9, 1)[0], np.array([6]))[0] > 0.99
