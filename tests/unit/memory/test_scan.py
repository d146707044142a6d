"""The scan of codes finds what counting every row finds."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from everword.memory.index import scan

if TYPE_CHECKING:
    from numpy.typing import NDArray


def columns(rows: int, width: int) -> "list[NDArray[np.uint64]]":
    """Random signs."""
    random = np.random.default_rng(7)
    return [random.integers(0, 1 << 63, rows, dtype=np.uint64) for _ in range(width)]


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("rows", [0, 5, 3_000, 600_000])
def test_the_rows_that_differ_least_are_found(rows: int, width: int) -> None:
    """Small and large, on one thread and on several, the distances are those of the nearest rows, and right."""
    signs = columns(rows, width)
    asked = np.array([np.uint64(0x0F0F_1234_5678_9ABC)] * width)
    ((found, far),) = scan.nearest(signs, asked, [(500, None)])
    every = sum(np.bitwise_count(column ^ asked[0]).astype(np.int64) for column in signs)
    assert sorted(far.tolist()) == np.sort(every)[:500].tolist()
    assert (every[found] == far).all()
    assert len(set(found.tolist())) == min(rows, 500)


def test_rows_that_the_sample_did_not_show_are_found() -> None:
    """Where what is near stands between the rows that are sampled, or these alone are near, the answer is the same."""
    rows, asked = 600_000, np.array([np.uint64(0)])
    sampled = np.arange(rows) % (1 << 14) < (1 << 7)
    for near in (sampled, ~sampled & (np.arange(rows) % 100 == 99)):
        signs = np.where(near, np.uint64(1), np.uint64(0xFFFF_FFFF))
        ((found, far),) = scan.nearest([signs], asked, [(5_500, None)])
        every = np.bitwise_count(signs)
        assert sorted(far.tolist()) == np.sort(every)[:5_500].tolist()
        assert (every[found] == far).all()
