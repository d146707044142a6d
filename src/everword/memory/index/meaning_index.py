"""Meaning: a code of 256 signs per passage, scanned, and the vector in four bits a number, to rescore the nearest."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everword.memory.index import scan
from everword.memory.index.columns import Fits
from everword.memory.index.rows import Records

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RESCORED = 2  # times as many rows as are wanted
_LARGEST = 7  # of a number in four bits with a sign
_WIDER = 16  # times as many rows are nearest by half a code as are kept by the whole


class MeaningIndex:
    """Files beside each other, row for row: half of the signs in columns of 64, the other half, and the vector.

    A scan is as quick as memory is read, and columns are what one reads of it with the fewest steps between. The first
    half of an embedding is made to say most of it (Matryoshka), so the second is read of the nearest by the first
    alone. A byte of the vector is two dimensions.
    """

    def __init__(self, folder: Path, dimensions: int) -> None:
        words = dimensions // 64
        first = _first(words)
        self._columns = [Records(folder / f"codes-{at}.bin", "<u8", advice="MADV_WILLNEED") for at in range(first)]
        self._rest = Records(folder / "rest.bin", "<u8", words - first, advice="MADV_WILLNEED")
        self._vectors = Records(folder / "vectors.bin", "i1", dimensions // 2, advice="MADV_RANDOM")
        self.files = (*self._columns, self._rest, self._vectors)
        """All that holds what texts mean."""

    @property
    def count(self) -> int:
        """How many rows all of them have."""
        return min(file.count for file in self.files)

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

    def nearest(
        self, vector: "NDArray[np.float32]", count: int, wanted: Sequence[tuple[int, Fits | None]]
    ) -> "list[NDArray[np.int64]]":
        """For each limit and filter wanted, the rows nearest in meaning, best first: the closest codes, rescored.

        Of the first `count` rows. A row said in the same minute as the end of a time may be among them (see `Fits`).
        """
        import numpy as np

        *columns, rest = _codes(vector[None, :])
        limits = [_RESCORED * limit for limit, _ in wanted]
        pools = [(_WIDER * most, fits) for most, (_, fits) in zip(limits, wanted, strict=True)]
        found = scan.nearest([file.view()[:count] for file in self._columns], np.concatenate(columns), pools)
        nearest = []
        for (rows, far), most, (limit, _) in zip(found, limits, wanted, strict=True):
            differing = np.bitwise_count(self._rest.view()[rows].reshape(-1, rest.shape[1]) ^ rest)
            closest, _ = scan.least(rows, far + differing.sum(axis=1, dtype=np.uint16), most)
            nearest.append(closest[_order(self.cosines(vector, closest), limit)])
        return nearest

    def cosines(self, vector: "NDArray[np.float32]", rows: "NDArray[np.int64]") -> "NDArray[np.float32]":
        """The cosine between `vector` (of length 1) and each of `rows`."""
        import numpy as np

        self._vectors.read_ahead(rows)
        stored = _unpacked(self._vectors.view()[rows])
        lengths = np.maximum(np.linalg.norm(stored, axis=1), 1e-9)
        cosines: NDArray[np.float32] = np.einsum("ij,j->i", stored, vector) / lengths
        return cosines


def _stored(vectors: "NDArray[np.float32]") -> "list[NDArray[Any]]":
    """What each of the files has of vectors; of one that is all zeros, zeros."""
    import numpy as np

    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-9)
    return [*_codes(vectors), _packed(np.rint(vectors * (_LARGEST / largest)).astype(np.int8))]


def _packed(numbers: "NDArray[np.int8]") -> "NDArray[np.int8]":
    """Two numbers of four bits (-7 to 7) in a byte: one of the first half of a row below, one of the second above."""
    middle = numbers.shape[1] // 2
    packed: NDArray[np.int8] = (numbers[:, :middle] & 15) | (numbers[:, middle:] << 4)
    return packed


def _unpacked(packed: "NDArray[np.int8]") -> "NDArray[np.float32]":
    import numpy as np

    return np.hstack([(packed << 4) >> 4, packed >> 4]).astype(np.float32)  # shifts keep the sign


def _codes(vectors: "NDArray[np.float32]") -> "list[NDArray[np.uint64]]":
    """The signs of each vector: the columns of the first half, and the second half."""
    import numpy as np

    codes = np.packbits(vectors > 0, axis=1).view("<u8")
    first = _first(codes.shape[1])
    return [*np.ascontiguousarray(codes[:, :first].T), np.ascontiguousarray(codes[:, first:])]


def _first(words: int) -> int:
    """How many of so many words of 64 signs are in the first half: of 256 dimensions two, of 384 three."""
    return words // 2


def _order(cosines: "NDArray[np.float32]", limit: int) -> "NDArray[np.int64]":
    import numpy as np

    return np.argsort(-cosines, kind="stable")[:limit]
