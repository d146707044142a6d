"""The rows whose signs differ least from a question's: columns of 64 signs each, counted a block of rows at a time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from everword.memory.index.columns import Fits
from everword.memory.index.threads import AT_ONCE, share

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK = 1 << 18  # rows: what is made of them on the way stays in cache, and threads rarely wait for each other
_SHARED = 1 << 18  # from so many rows on threads share a scan

Nearest = tuple["NDArray[np.int64]", "NDArray[np.unsignedinteger]"]
"""Rows in no particular order, and of each how many signs differ."""


def nearest(
    columns: "Sequence[NDArray[np.uint64]]",
    asked: "NDArray[np.uint64]",
    wanted: Sequence[tuple[int, Fits | None]],
) -> list[Nearest]:
    """For each limit and filter wanted, the `limit` rows of all `columns` with the fewest signs unlike `asked`.

    At most three columns: 255 signs are counted. Each row is read once, however much is wanted. A row said in the same
    minute as the end of a time may be among them: `Fits.of` tells.
    """
    count = len(columns[0])
    step = -(-count // AT_ONCE // _BLOCK) * _BLOCK or _BLOCK
    ranges = [(first, min(first + step, count)) for first in range(0, count, step)]

    def scan(of: tuple[int, int]) -> list[_Pool]:
        pools = [_Pool(limit, fits) for limit, fits in wanted]
        differing = _Differing(asked)
        for first in range(*of, _BLOCK):
            end = min(first + _BLOCK, of[1])
            asking = [pool for pool in pools if pool.fits is None or pool.fits.may_be_within(first, end)]
            if asking:
                far = differing.of([column[first:end] for column in columns])
                for pool in asking:
                    pool.take(first, far)
        return pools

    found = share(scan, ranges) if count >= _SHARED else [scan((0, count))]
    return [_Pool.together(parts) for parts in zip(*found, strict=True)]


def least(rows: "NDArray[np.int64]", far: "NDArray[np.unsignedinteger]", limit: int) -> Nearest:
    """The `limit` rows that differ least, in no particular order."""
    import numpy as np

    if len(rows) <= limit:
        return rows, far
    best = np.argpartition(far, limit - 1)[:limit]
    return rows[best], far[best]


class _Pool:
    """The rows with the fewest signs that differ so far, of those that fit: `limit` of them, or a few times more."""

    def __init__(self, limit: int, fits: Fits | None) -> None:
        self.fits = fits
        self._limit = limit
        self._rows: list[NDArray[np.int64]] = []
        self._far: list[NDArray[np.unsignedinteger]] = []
        self._have = 0
        self._cut: int | None = None  # once there are enough, only what is nearer than the farthest of the best

    def take(self, first: int, far: "NDArray[np.uint8]") -> None:
        """Look at the rows from `first` on, which are so far."""
        import numpy as np

        if self._cut is not None:
            at = np.flatnonzero(far < self._cut)
            at = at if self.fits is None else at[self.fits.roughly(at + first)]
        elif self.fits is not None:
            at = np.flatnonzero(self.fits.roughly(slice(first, first + len(far))))
        else:
            at = np.arange(len(far))
        if not len(at):
            return
        self._rows.append(at + first)
        self._far.append(far[at])
        self._have += len(at)
        if self._have >= 2 * self._limit:
            rows, distances = least(np.concatenate(self._rows), np.concatenate(self._far), self._limit)
            self._rows, self._far, self._have = [rows], [distances], self._limit
            self._cut = int(distances.max())

    @staticmethod
    def together(parts: "Sequence[_Pool]") -> Nearest:
        """The best of several ranges."""
        import numpy as np

        rows = np.concatenate([np.zeros(0, dtype=np.int64), *(each for part in parts for each in part._rows)])
        far = np.concatenate([np.zeros(0, dtype=np.uint8), *(each for part in parts for each in part._far)])
        return least(rows, far, parts[0]._limit)


class _Differing:
    """How many signs differ from those asked, for a block at a time; the arrays on the way are used again."""

    def __init__(self, asked: "NDArray[np.uint64]") -> None:
        import numpy as np

        self._asked = asked
        self._signs = np.empty(_BLOCK, dtype=np.uint64)
        self._counts = np.empty(_BLOCK, dtype=np.uint8)
        self._sums = np.empty(_BLOCK, dtype=np.uint8)

    def of(self, columns: "Sequence[NDArray[np.uint64]]") -> "NDArray[np.uint8]":
        """For each row of a block; good until the next one is asked for."""
        import numpy as np

        count = len(columns[0])
        signs, counts, sums = self._signs[:count], self._counts[:count], self._sums[:count]
        np.bitwise_count(np.bitwise_xor(columns[0], self._asked[0], out=signs), out=sums)
        for column, asked in zip(columns[1:], self._asked[1:], strict=True):
            np.bitwise_count(np.bitwise_xor(column, asked, out=signs), out=counts)
            np.add(sums, counts, out=sums)
        return sums
