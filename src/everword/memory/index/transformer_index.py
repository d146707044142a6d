"""A transformer's vectors beside a space's rows, made after them: row for row, and which rows have theirs by now."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from everword.memory.index.columns import Fits
from everword.memory.index.meaning_index import MeaningIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER = "transformer"
FORMAT = "3"
_SCANNED = 1 << 20  # up to so many rows their codes give candidates; of more they only rescore
_CARRIED = 16_384

Range = tuple[int, int]


class TransformerIndex:
    """Codes and four-bit vectors in files as long as the rows, filled from the newest row down.

    The ranges of rows that are done stand in a file of their own, written after the vectors: what a crash leaves
    beyond them is made again. A row that has no words, is an old version or went is done, and empty.
    """

    def __init__(self, folder: Path, name: str, dimensions: int) -> None:
        self.folder = folder
        self.name = name
        self.dimensions = dimensions
        folder.mkdir(parents=True, exist_ok=True)
        self._meaning = MeaningIndex(folder, dimensions)
        self._ranges = [(first, min(end, self._meaning.count)) for first, end in _read(folder)[2]]
        self._ranges = [(first, end) for first, end in self._ranges if first < end]
        if not (folder / "about.json").exists():
            self._write()

    @staticmethod
    def at(folder: Path) -> "TransformerIndex | None":
        """What there is in a folder; None where there is nothing of our format."""
        name, dimensions, _ = _read(folder)
        return TransformerIndex(folder, name, dimensions) if name else None

    @property
    def done(self) -> int:
        """How many rows are done."""
        return sum(end - first for first, end in self._ranges)

    def missing(self, count: int, most: int) -> Range | None:
        """The newest rows that are not done, of the first `count`: at most `most` of them, beside each other."""
        end = count
        for first, until in reversed(self._ranges):
            if until < end:
                return max(until, end - most), end
            end = first
        return (max(0, end - most), end) if end > 0 else None

    def put(self, first: int, vectors: "NDArray[np.float32]") -> None:
        """Keep the vectors of the rows from `first` on (zeros: none); on disk when this returns."""
        self._meaning.put(first, vectors)
        self._add(first, first + len(vectors))

    def carry(self, other: "TransformerIndex", rows: "NDArray[np.int64]") -> None:
        """Take over what another index of the same space has: for each of our first rows, which row it was there.

        -1 where it had none.
        """
        for first in range(0, len(rows), _CARRIED):
            some = rows[first : first + _CARRIED]
            for start, end in _runs(other.has(some)):
                self._meaning.put_copy(first + start, other._meaning, some[start:end])
                self._add(first + start, first + end)

    def truncate(self, count: int) -> None:
        """Forget all but the first `count` rows."""
        if self._ranges and self._ranges[-1][1] > count:
            self._ranges = [(first, min(end, count)) for first, end in self._ranges if first < count]
            self._write()
        self._meaning.truncate(count)

    def erase(self, rows: "NDArray[np.int64]") -> None:
        """Overwrite those rows with zeros; on disk when this returns."""
        for file in self._meaning.files:
            file.put(rows[rows < file.count], 0)

    def drop(self) -> None:
        """Remove all of it from the disk."""
        self._ranges = []
        shutil.rmtree(self.folder, ignore_errors=True)

    def has(self, rows: "NDArray[np.int64]") -> "NDArray[np.bool_]":
        """Which of `rows` are done."""
        import numpy as np

        edges = np.array(self._ranges, dtype=np.int64).reshape(-1)
        done: NDArray[np.bool_] = np.searchsorted(edges, rows, side="right") % 2 == 1
        return done

    def cosines(self, vector: "NDArray[np.float32]", rows: "NDArray[np.int64]") -> "NDArray[np.float32]":
        """The cosine between `vector` (of length 1) and each of `rows`; NaN where a row has no vector."""
        import numpy as np

        found = np.full(len(rows), np.nan, dtype=np.float32)
        at = np.flatnonzero(self.has(rows))
        try:
            near = self._meaning.cosines(vector, rows[at])
        except (OSError, ValueError):  # dropped meanwhile
            return found
        found[at] = np.where(near == 0, np.nan, near)  # only a row of zeros is so exactly across
        return found

    def nearest(
        self, vector: "NDArray[np.float32]", count: int, wanted: Sequence[tuple[int, Fits | None]]
    ) -> "list[NDArray[np.int64]]":
        """As `MeaningIndex.nearest`, of the rows that are done; nothing where there are too many to scan."""
        count = min(count, self._meaning.count)
        if not self._ranges or count > _SCANNED:
            return []
        try:
            found = self._meaning.nearest(vector, count, wanted)
        except (OSError, ValueError):  # dropped meanwhile
            return []
        return [rows[self.has(rows)] for rows in found]

    def _add(self, first: int, end: int) -> None:
        merged: list[Range] = []
        for start, until in sorted([*self._ranges, (first, end)]):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], until))
            else:
                merged.append((start, until))
        self._ranges = merged
        self._write()

    def _write(self) -> None:
        about = {"format": FORMAT, "name": self.name, "dimensions": self.dimensions, "ranges": self._ranges}
        beside = self.folder / "about.json.new"
        with beside.open("w", encoding="utf-8") as file:
            json.dump(about, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.folder / "about.json")


def _read(folder: Path) -> tuple[str, int, list[Range]]:
    """The embedder's name, its dimensions and the ranges done; an empty name where nothing can be used."""
    path = folder / "about.json"
    try:
        stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError:
        stored = {}
    if stored.get("format") != FORMAT:
        return "", 0, []
    return stored["name"], stored["dimensions"], [(first, end) for first, end in stored["ranges"]]


def _runs(mask: "NDArray[np.bool_]") -> Iterator[Range]:
    """Where `mask` is true: the beginning and end of each stretch."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
