"""The rows whose signs differ least from a question's: columns of 64 signs each, counted a block of rows at a time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from everword.memory.index.columns import Fits
from everword.memory.index.threads import AT_ONCE, share

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK = 1 << 18  # rows: what is made of them on the way stays in cache, and threads rarely wait for each other
_SHARED = 1 << 18  # from so many rows on threads share a scan, and a sample tells beforehand what is far
_STRETCH = 1 << 14  # rows: of each stretch the first `_SAMPLED` are the sample
_SAMPLED = 1 << 7

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
    cuts = _cuts(columns, asked, wanted) if count >= _SHARED else [None] * len(wanted)
    found = _scan(columns, asked, wanted, cuts)
    if any(
        cut is not None and len(rows) < limit for cut, (rows, _), (limit, _) in zip(cuts, found, wanted, strict=True)
    ):
        return _scan(columns, asked, wanted, [None] * len(wanted))
    return found


def _cuts(
    columns: "Sequence[NDArray[np.uint64]]", asked: "NDArray[np.uint64]", wanted: Sequence[tuple[int, Fits | None]]
) -> list[int | None]:
    """For each limit and filter, how many signs must differ at least for a row to be none of the nearest.

    By a sample, three standard deviations above what it lets one expect; None where the sample is too small to tell.
    """
    import numpy as np

    sampled = [column[: len(column) // _STRETCH * _STRETCH].reshape(-1, _STRETCH)[:, :_SAMPLED] for column in columns]
    far = sum(np.bitwise_count(part ^ sign) for part, sign in zip(sampled, asked, strict=True)).ravel()
    rows = (np.arange(len(sampled[0]))[:, None] * _STRETCH + np.arange(_SAMPLED)).ravel()
    cuts: list[int | None] = []
    for limit, fits in wanted:
        fitting = far if fits is None else far[fits.roughly(rows)]
        expected = limit * _SAMPLED / _STRETCH
        place = int(expected + 3 * expected**0.5) + 1
        cuts.append(int(np.partition(fitting, place)[place]) + 1 if place < len(fitting) else None)
    return cuts


def _scan(
    columns: "Sequence[NDArray[np.uint64]]",
    asked: "NDArray[np.uint64]",
    wanted: Sequence[tuple[int, Fits | None]],
    cuts: Sequence[int | None],
) -> list[Nearest]:
    count = len(columns[0])
    step = -(-count // AT_ONCE // _BLOCK) * _BLOCK or _BLOCK
    ranges = [(first, min(first + step, count)) for first in range(0, count, step)]

    def scan(of: tuple[int, int]) -> list[_Pool]:
        pools = [_Pool(limit, fits, cut) for (limit, fits), cut in zip(wanted, cuts, strict=True)]
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
    """The rows with the fewest signs that differ so far, of those that fit: `limit` of them, or a few times more.

    Only rows of which fewer than `cut` differ are looked at: where there are not `limit` of those, it has them all.
    """

    def __init__(self, limit: int, fits: Fits | None, cut: int | None) -> None:
        self.fits = fits
        self._limit = limit
        self._rows: list[NDArray[np.int64]] = []
        self._far: list[NDArray[np.unsignedinteger]] = []
        self._have = 0
        self._cut = cut  # once there are enough, only what is nearer than the farthest of the best

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
