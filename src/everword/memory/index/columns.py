"""When, who and where of every row, four bytes each: what filters read of millions of rows in place of the rows."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from everword.memory.index.filters import Filters, conversation_key, fitting, microseconds
from everword.memory.index.names import Names
from everword.memory.index.rows import Records, table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK = 1 << 20
"""Rows that are looked at together, and passed over where nothing in them was said at the time asked for."""
_COMPARED = 8  # voices
_MINUTE_US = 60_000_000
_LOW_32 = (1 << 32) - 1
NOBODY = 0  # the voice of rows that are gone; it fits no filter
_VOICE: Any = {
    "names": ["speaker", "source", "label", "kind"],
    "formats": ["<u4", "<u4", "u1", "u1"],
    "itemsize": 12,
}


class Columns:
    """Three files beside the rows: the minute, the voice and half of the conversation's key.

    A voice is a speaker, source, label and kind that occur together: a filter on any of them is one look into a table
    that is as long as there are voices.
    """

    def __init__(self, folder: Path) -> None:
        self.when = Records(folder / "when.bin", "<i4")
        self.who = Records(folder / "who.bin", "<u4")
        self.where = Records(folder / "where.bin", "<u4")
        self._voices = Records(folder / "voices.bin", _VOICE)
        self._places = {voice: place for place, voice in enumerate(self._voices.view().tolist(), NOBODY + 1)}
        self._minutes: list[tuple[int, int]] = []  # the first and the last of each whole block

    @property
    def count(self) -> int:
        """How many rows all of them have."""
        return min(self.when.count, self.who.count, self.where.count)

    def append(self, rows: "NDArray[Any]") -> None:
        """Add what filters read of `rows`; on disk when this returns."""
        import numpy as np

        fields = ("speaker", "source", "label", "kind")
        voices = list(zip(*(rows[field].tolist() for field in fields), strict=True))
        new = [voice for voice in dict.fromkeys(voices) if voice not in self._places]
        if new:
            self._voices.append(table(_VOICE, new))
            self._places |= {voice: place for place, voice in enumerate(new, len(self._places) + NOBODY + 1)}
        self.who.append(np.array([self._places[voice] for voice in voices], dtype=np.uint32))
        self.when.append(_minutes(rows["said_at"]))
        self.where.append((rows["conversation"] & _LOW_32).astype(np.uint32))

    def truncate(self, count: int) -> None:
        """Forget all but the first `count` rows."""
        for column in (self.when, self.who, self.where):
            column.truncate(count)
        del self._minutes[count // BLOCK :]

    def erase(self, rows: "NDArray[np.int64]") -> None:
        """Say nothing of those rows any more; on disk when this returns."""
        for column in (self.who, self.when, self.where):
            column.put(rows, 0)

    def minutes_between(self, first: int, end: int) -> tuple[int, int]:
        """The first and the last minute of some rows of one block, or of all the block where it is whole."""
        block, when = first // BLOCK, self.when.view()
        if (block + 1) * BLOCK > len(when):
            return int(when[first:end].min()), int(when[first:end].max())
        while len(self._minutes) <= block:
            of_it = when[len(self._minutes) * BLOCK :][:BLOCK]
            self._minutes.append((int(of_it.min()), int(of_it.max())))
        return self._minutes[block]

    def is_gone(self, first: int, end: int) -> "NDArray[np.bool_]":
        """Which rows of a range were erased."""
        gone: NDArray[np.bool_] = self.who.view()[first:end] == NOBODY
        return gone

    def names_used(self, count: int) -> set[int]:
        """The places of names that any of the first `count` rows points to."""
        import numpy as np

        times = np.bincount(self.who.view()[:count], minlength=self._voices.count + 1)
        used = self._voices.view()[np.flatnonzero(times[NOBODY + 1 :] > 0)]
        return {*used["speaker"].tolist(), *used["source"].tolist()}

    def voices_that_fit(self, names: Names, filters: Filters) -> "NDArray[np.bool_] | None":
        """Which voices fit, by their number; None where filters ask nothing of them."""
        import numpy as np

        wanted = Filters(speaker=filters.speaker, source=filters.source, kind=filters.kind, label=filters.label)
        fits = fitting(self._voices.view(), names.all, wanted)
        return None if fits is None else np.concatenate([np.zeros(NOBODY + 1, dtype=bool), fits])


class Fits:
    """The rows of one moment that fit filters: roughly by the columns, exactly by the rows."""

    def __init__(self, rows: "NDArray[Any]", columns: Columns, names: Names, filters: Filters) -> None:
        self._rows = rows
        self._names = names.all
        self._filters = filters
        self._columns = columns
        self._voices = columns.voices_that_fit(names, filters)
        self._who, self._when, self._where = columns.who.view(), columns.when.view(), columns.where.view()
        self._key = conversation_key(filters.conversation_id) & _LOW_32

    def __len__(self) -> int:
        return len(self._rows)

    def within(self, first: int, end: int) -> "NDArray[np.int64]":
        """The rows of a range in one block that may fit, by the columns: all that do, and a few said in the same minute
        as a limit."""
        import numpy as np

        since, until = self._filters.since, self._filters.until
        low = None if since is None else _minute(microseconds(since))
        high = None if until is None else _minute(microseconds(until))
        if low is not None or high is not None:
            earliest, latest = self._columns.minutes_between(first, end)
            if (low is not None and latest < low) or (high is not None and earliest > high):
                return np.zeros(0, dtype=np.int64)
        fits = _spoken_by(self._who[first:end], self._voices)
        if self._filters.conversation_id is not None:
            fits &= self._where[first:end] == np.uint32(self._key)
        if low is not None:
            fits &= self._when[first:end] >= low
        if high is not None:
            fits &= self._when[first:end] <= high
        return np.flatnonzero(fits) + first

    def of(self, rows: "NDArray[np.int64]") -> "NDArray[np.bool_]":
        """Which of `rows` fit."""
        import numpy as np

        fits = fitting(self._rows[rows], self._names, self._filters)
        return np.ones(len(rows), dtype=bool) if fits is None else fits


def _spoken_by(who: "NDArray[np.uint32]", voices: "NDArray[np.bool_] | None") -> "NDArray[np.bool_]":
    """Which of these have a voice that fits, or all; a few voices are compared quicker than looked up."""
    import numpy as np

    if voices is None:
        return np.ones(len(who), dtype=bool)
    wanted = np.flatnonzero(voices)
    if len(wanted) > _COMPARED:
        return np.asarray(voices[who])
    fits = np.zeros(len(who), dtype=bool)
    for voice in wanted.astype(np.uint32):
        fits |= who == voice
    return fits


def _minute(at_us: int) -> int:
    return max(min(at_us // _MINUTE_US, (1 << 31) - 1), -(1 << 31))


def _minutes(at_us: "NDArray[np.int64]") -> "NDArray[np.int32]":
    import numpy as np

    return np.clip(at_us // _MINUTE_US, -(1 << 31), (1 << 31) - 1).astype(np.int32)
