"""Meaning: a code of 256 signs per passage, scanned, and the vector in four bits a number, to rescore the nearest."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everword.memory.index.columns import BLOCK as FILTERED
from everword.memory.index.columns import Fits
from everword.memory.index.rows import Records
from everword.memory.index.threads import AT_ONCE, share

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK = 1 << 16  # rows: few enough for the processor's cache, many enough that threads rarely wait for each other
_LARGE = 1 << 18  # from so many rows on two threads scan, half of each code first
_RESCORED = 400
_LARGEST = 7  # of a number in four bits with a sign
_WIDER = 16  # times as many rows are nearest by half a code as are kept by the whole


class MeaningIndex:
    """Three files beside each other, row for row: two halves of the signs, and the vector, a byte for two dimensions.

    Of 256 dimensions either half has 16 bytes; of 384 the first has 32 and the second 16, which are counted quicker.

    A scan is as quick as memory is read. The first half of an embedding is made to say most of it (Matryoshka), so in a
    large index the second is read of the nearest by the first alone.
    """

    def __init__(self, folder: Path, dimensions: int) -> None:
        words = dimensions // 64
        first = _first(words)
        self.codes = Records(folder / "codes.bin", "<u8", first, advice="MADV_WILLNEED")
        self.rest = Records(folder / "rest.bin", "<u8", words - first, advice="MADV_WILLNEED")
        self.vectors = Records(folder / "vectors.bin", "i1", dimensions // 2, advice="MADV_RANDOM")

    @property
    def count(self) -> int:
        """How many rows all of them have."""
        return min(self.codes.count, self.rest.count, self.vectors.count)

    def append(self, vectors: "NDArray[np.float32]") -> None:
        """Add unit vectors, one per row."""
        for file, part in zip(self.files, _stored(vectors), strict=True):
            file.append(part)

    def put(self, first: int, vectors: "NDArray[np.float32]") -> None:
        """Write unit vectors into the rows from `first` on; zeros leave a row empty. Codes last."""
        for file, part in reversed(list(zip(self.files, _stored(vectors), strict=True))):
            file.write(first, part)

    def put_copy(self, first: int, other: "MeaningIndex", rows: "NDArray[np.int64]") -> None:
        """The same with those rows of another index of the same embedder, as they are."""
        for ours, theirs in reversed(list(zip(self.files, other.files, strict=True))):
            ours.write(first, theirs.view()[rows])

    def copy(self, other: "MeaningIndex", rows: "NDArray[np.int64]") -> None:
        """Add those rows of another index of the same embedder, as they are."""
        for ours, theirs in zip(self.files, other.files, strict=True):
            ours.append(theirs.view()[rows])

    def truncate(self, count: int) -> None:
        """Forget all but the first `count` rows."""
        for file in self.files:
            file.truncate(count)

    def erase(self, rows: "NDArray[np.int64]") -> None:
        """Overwrite those rows with zeros; on disk when this returns."""
        for file in self.files:
            file.put(rows, 0)

    @property
    def files(self) -> tuple[Records, Records, Records]:
        """All that holds what texts mean."""
        return self.codes, self.rest, self.vectors

    def nearest(
        self, vector: "NDArray[np.float32]", count: int, wanted: Sequence[tuple[int, Fits | None]]
    ) -> "list[NDArray[np.int64]]":
        """For each limit and filter wanted, the rows nearest in meaning, best first: the closest codes, rescored.

        Of the first `count` rows, all on one way through the codes. A row said in the same minute as the end of a time
        may be among them: `Fits.of` tells.
        """
        is_large = count >= _LARGE
        halves = self.codes.view()[:count], self.rest.view()[:count]
        asked = [half[0] for half in _halves(vector[None, :])]
        limits = [max(2 * limit, _RESCORED) for limit, _ in wanted]

        def scan(of: tuple[int, int]) -> "list[_Pool]":
            pools = [
                _Pool(most * (_WIDER if is_large else 1), fits) for most, (_, fits) in zip(limits, wanted, strict=True)
            ]
            apart = [_Apart(code) for code in asked]
            for pool in pools:
                size = _BLOCK if pool.fits is None else FILTERED
                for first in range(*of, size):
                    end = min(first + size, of[1])
                    rows = slice(first, end) if pool.fits is None else pool.fits.within(first, end)
                    far = apart[0].of(halves[0][rows])
                    pool.take(rows, far if is_large else far + apart[1].of(halves[1][rows]))
            return pools

        step = -(-count // AT_ONCE // FILTERED) * FILTERED or FILTERED
        found = share(scan, _ranges(count, step)) if is_large else [scan((0, count))]
        nearest = []
        for parts, most, (limit, _) in zip(zip(*found, strict=True), limits, wanted, strict=True):
            rows, far = _Pool.together(parts)
            if is_large:
                far = far + _Apart(asked[1]).of(halves[1][rows])
            rows = _least(rows, far, most)
            nearest.append(rows[_order(self.cosines(vector, rows), limit)])
        return nearest

    def cosines(self, vector: "NDArray[np.float32]", rows: "NDArray[np.int64]") -> "NDArray[np.float32]":
        """The cosine between `vector` (of length 1) and each of `rows`."""
        import numpy as np

        self.vectors.read_ahead(rows)
        stored = _unpacked(self.vectors.view()[rows])
        lengths = np.maximum(np.linalg.norm(stored, axis=1), 1e-9)
        cosines: NDArray[np.float32] = np.einsum("ij,j->i", stored, vector) / lengths
        return cosines


def _stored(
    vectors: "NDArray[np.float32]",
) -> "list[NDArray[Any]]":
    """What each of the three files has of vectors; of one that is all zeros, zeros."""
    import numpy as np

    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-9)
    return [*_halves(vectors), _packed(np.rint(vectors * (_LARGEST / largest)).astype(np.int8))]


def _packed(numbers: "NDArray[np.int8]") -> "NDArray[np.int8]":
    """Two numbers of four bits (-7 to 7) in a byte: one of the first half of a row below, one of the second above."""
    middle = numbers.shape[1] // 2
    packed: NDArray[np.int8] = (numbers[:, :middle] & 15) | (numbers[:, middle:] << 4)
    return packed


def _unpacked(packed: "NDArray[np.int8]") -> "NDArray[np.float32]":
    import numpy as np

    return np.hstack([(packed << 4) >> 4, packed >> 4]).astype(np.float32)  # shifts keep the sign


def _halves(vectors: "NDArray[np.float32]") -> "tuple[NDArray[np.uint64], NDArray[np.uint64]]":
    """The signs of the first half of each vector, and of the second."""
    import numpy as np

    codes = np.packbits(vectors > 0, axis=1).view("<u8")
    middle = _first(codes.shape[1])
    return np.ascontiguousarray(codes[:, :middle]), np.ascontiguousarray(codes[:, middle:])


def _first(words: int) -> int:
    """How many of so many words of 64 signs are in the first half: an even number."""
    return (words // 2 + 1) // 2 * 2


def _ranges(count: int, step: int) -> list[tuple[int, int]]:
    return [(first, min(first + step, count)) for first in range(0, count, step)]


def _order(cosines: "NDArray[np.float32]", limit: int) -> "NDArray[np.int64]":
    import numpy as np

    return np.argsort(-cosines, kind="stable")[:limit]


def _least(rows: "NDArray[np.int64]", far: "NDArray[np.uint16]", limit: int) -> "NDArray[np.int64]":
    """The `limit` rows that are nearest, in no particular order."""
    import numpy as np

    return rows if len(rows) <= limit else rows[np.argpartition(far, limit - 1)[:limit]]


class _Pool:
    """The rows with the fewest signs that differ so far, of those that fit: `limit` of them, or a few times more."""

    def __init__(self, limit: int, fits: Fits | None) -> None:
        self.fits = fits
        self._limit = limit
        self._rows: list[NDArray[np.int64]] = []
        self._far: list[NDArray[np.uint16]] = []
        self._have = 0
        self._cut = -1  # once there are enough, only what is nearer than the farthest of the best

    def take(self, rows: "NDArray[np.int64] | slice", far: "NDArray[np.uint16]") -> None:
        """Look at those rows, all of which fit, and which are so far."""
        import numpy as np

        if self._cut >= 0:
            at = np.flatnonzero(far < self._cut)
            if len(at):
                self._add(at + rows.start if isinstance(rows, slice) else rows[at], far[at])
        elif len(far):
            self._add(np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows, far)

    def _add(self, rows: "NDArray[np.int64]", far: "NDArray[np.uint16]") -> None:
        import numpy as np

        self._rows.append(rows)
        self._far.append(far)
        self._have += len(rows)
        if self._have >= 2 * self._limit:
            every, distances = np.concatenate(self._rows), np.concatenate(self._far)
            best = np.argpartition(distances, self._limit - 1)[: self._limit]
            self._rows, self._far, self._have = [every[best]], [distances[best]], self._limit
            self._cut = int(self._far[0].max())

    @staticmethod
    def together(parts: "Sequence[_Pool]") -> "tuple[NDArray[np.int64], NDArray[np.uint16]]":
        """The rows of the pools of several ranges, at most `limit`, and how far they are; in no particular order."""
        import numpy as np

        rows = np.concatenate([np.zeros(0, dtype=np.int64), *(each for part in parts for each in part._rows)])
        far = np.concatenate([np.zeros(0, dtype=np.uint16), *(each for part in parts for each in part._far)])
        limit = parts[0]._limit
        if len(rows) <= limit:
            return rows, far
        best = np.argpartition(far, limit - 1)[:limit]
        return rows[best], far[best]


class _Apart:
    """How many signs differ from one code, for a block at a time; the arrays on the way are used again."""

    def __init__(self, code: "NDArray[np.uint64]") -> None:
        import numpy as np

        width = len(code)
        lane = np.dtype("<u4" if width % 4 == 0 else "<u2" if width % 2 == 0 else "u1")
        self._asked = np.tile(code, (_BLOCK, 1))  # as long as a block: broadcasting a few numbers is slow
        self._differing = np.empty_like(self._asked)
        self._counts = np.empty(self._asked.shape, dtype=np.uint8)
        self._sums = np.empty((_BLOCK, width // lane.itemsize), dtype=lane)
        self._ones = lane.type(int.from_bytes(b"\x01" * lane.itemsize, "little"))
        self._shift = lane.type(8 * (lane.itemsize - 1))

    def of(self, codes: "NDArray[np.uint64]") -> "NDArray[np.uint16]":
        """For each of `codes`."""
        import numpy as np

        if len(codes) <= len(self._asked):
            return self._of_block(codes)
        return np.concatenate([self._of_block(codes[first : first + _BLOCK]) for first in range(0, len(codes), _BLOCK)])

    def _of_block(self, codes: "NDArray[np.uint64]") -> "NDArray[np.uint16]":
        import numpy as np

        count = len(codes)
        np.bitwise_xor(codes, self._asked[:count], out=self._differing[:count])
        counts = np.bitwise_count(self._differing[:count], out=self._counts[:count])
        # the sum of a lane's bytes by one multiplication, in the highest of them; four bytes of 64 read as 0, but
        # what is the very opposite is put last by its cosine
        sums = np.multiply(counts.view(self._sums.dtype), self._ones, out=self._sums[:count])
        sums = np.right_shift(sums, self._shift, out=sums)
        apart: NDArray[np.uint16]
        apart = sums[:, 0].astype(np.uint16) if sums.shape[1] == 1 else sums.sum(axis=1, dtype=np.uint16)
        return apart
