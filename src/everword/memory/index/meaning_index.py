"""Meaning: a code of 256 signs per passage, scanned, and the vector in eight bits a number, to rescore the nearest."""

from pathlib import Path
from typing import TYPE_CHECKING

from everword.memory.index.rows import Records

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SCANNED_AT_ONCE = 1 << 20


class MeaningIndex:
    """Two files beside each other, row for row: 32 bytes of signs and 256 bytes of vector per passage."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self.codes = Records(folder / "codes.bin", "<u8", dimensions // 64)
        self.vectors = Records(folder / "vectors.bin", "i1", dimensions)

    def append(self, vectors: "NDArray[np.float32]") -> None:
        """Add unit vectors, one per row."""
        import numpy as np

        self.codes.append(_codes(vectors))
        largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-9)
        self.vectors.append(np.rint(vectors * (127 / largest)).astype(np.int8))

    def copy(self, other: "MeaningIndex", rows: "NDArray[np.int64]") -> None:
        """Add those rows of another index of the same embedder, as they are."""
        self.codes.append(other.codes.view()[rows])
        self.vectors.append(other.vectors.view()[rows])

    def truncate(self, count: int) -> None:
        """Forget all but the first `count` rows."""
        self.codes.truncate(count)
        self.vectors.truncate(count)

    def nearest(
        self, vector: "NDArray[np.float32]", limit: int, among: "NDArray[np.bool_] | None" = None
    ) -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
        """The rows nearest in meaning with their cosines, best first: the closest codes, rescored.

        `among` says which rows may be found; rows added since it was made are left out.
        """
        import numpy as np

        codes = self.codes.view()
        if among is None:
            places, chosen = None, codes
        else:
            places = np.flatnonzero(among)
            chosen = codes[places]
        nearest = _closest_codes(chosen, _codes(vector[None, :])[0], max(2 * limit, 400))
        rows = nearest if places is None else places[nearest]
        cosines = self.cosines(vector, rows)
        best = np.argsort(-cosines, kind="stable")[:limit]
        return rows[best], cosines[best]

    def cosines(self, vector: "NDArray[np.float32]", rows: "NDArray[np.int64]") -> "NDArray[np.float32]":
        """The cosine between `vector` (of length 1) and each of `rows`."""
        import numpy as np

        stored = self.vectors.view()[rows].astype(np.float32)
        lengths = np.maximum(np.linalg.norm(stored, axis=1), 1e-9)
        cosines: NDArray[np.float32] = np.einsum("ij,j->i", stored, vector) / lengths
        return cosines


def _codes(vectors: "NDArray[np.float32]") -> "NDArray[np.uint64]":
    import numpy as np

    return np.packbits(vectors > 0, axis=1).view("<u8")


def _closest_codes(codes: "NDArray[np.uint64]", code: "NDArray[np.uint64]", limit: int) -> "NDArray[np.int64]":
    """The places of the `limit` codes with the fewest signs that differ, in no particular order."""
    import numpy as np

    distances = np.empty(len(codes), dtype=np.uint16)
    for first in range(0, len(codes), _SCANNED_AT_ONCE):
        block = codes[first : first + _SCANNED_AT_ONCE]
        distances[first : first + len(block)] = np.bitwise_count(block ^ code).sum(axis=1, dtype=np.uint16)
    if len(distances) <= limit:
        return np.arange(len(distances))
    return np.argpartition(distances, limit)[:limit]
