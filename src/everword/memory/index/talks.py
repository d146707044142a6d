"""How rows of one conversation hang together: who follows whom, which sitting it is, and what becomes of a gap."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from everword.memory.index.rows import IS_GONE, IS_OLD_VERSION, Records
from everword.memory.index.word_index import WordIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SITTING = timedelta(hours=2) // timedelta(microseconds=1)  # a longer silence begins another sitting
_REMEMBERED = 20_000


class Talks:
    """The last entry of each conversation, to link the next one to: looked up once, then remembered for a while."""

    def __init__(self, words: WordIndex, rows: "NDArray[Any]") -> None:
        self._words = words
        self._rows = rows
        self._since: dict[int, tuple[int, int, int]] = {}

    def follow(self, key: int, head: int, said_at: int) -> tuple[int, int]:
        """Put `head` at the end of conversation `key`; returns the row it follows (-1: none) and its sitting."""
        if key == 0:
            return -1, head
        previous, previous_said_at, session = self._since.pop(key) if key in self._since else self._stored(key)
        if previous < 0 or abs(said_at - previous_said_at) > _SITTING:
            session = head
        self._since[key] = (head, said_at, session)
        return previous, session

    def commit(self, rows: "NDArray[Any]") -> None:
        """What was followed is in the word index: of many conversations those that rested longest need no memory."""
        self._rows = rows
        for key in list(self._since)[: max(len(self._since) - _REMEMBERED, 0)]:
            del self._since[key]

    def _stored(self, key: int) -> tuple[int, int, int]:
        last = self._words.last_row(key)
        if not 0 <= last < len(self._rows):
            return -1, 0, -1
        head = last - int(self._rows["part"][last])
        return head, int(self._rows["said_at"][head]), int(self._rows["session"][head])


def link(records: Records, followed: dict[int, int]) -> None:
    """Tell earlier entries who follows them. A link to a row that a crash took away counts as none."""
    import numpy as np

    before = records.view()
    at: list[int] = []
    to: list[int] = []
    for previous, head in followed.items():
        parts = int(before["parts"][previous])
        at += range(previous, previous + parts)
        to += [head] * parts
    records.set("next", np.array(at, dtype=np.int64), np.array(to, dtype=np.int32))


def close_gaps(records: Records, gone: "NDArray[np.int64]", count: int) -> None:
    """Leave of the rows `gone` only where they were, and let their neighbours follow each other.

    Done twice, it changes nothing more: a crash in the middle is made good by doing it again.
    """
    import numpy as np

    rows = np.memmap(records.path, dtype=records.dtype, mode="r+", shape=(records.count,))
    heads = gone[(rows["part"][gone] == 0) & (rows["flags"][gone] & IS_GONE == 0)]
    for head in heads.tolist():
        before, after = int(rows["previous"][head]), int(rows["next"][head])
        if before >= 0:
            _set(rows, "next", before, after)
        if 0 <= after < count:
            _set(rows, "previous", after, before)
    rows.flush()
    blank = np.zeros(len(gone), dtype=records.dtype)
    for field in ("position", "part", "parts"):
        blank[field] = rows[field][gone]
    for field in ("previous", "next", "session"):
        blank[field] = -1
    blank["flags"] = IS_GONE | IS_OLD_VERSION
    rows[gone] = blank
    rows.flush()


def _set(rows: "NDArray[Any]", field: str, head: int, value: int) -> None:
    rows[field][head : head + max(int(rows["parts"][head]), 1)] = value
