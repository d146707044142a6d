"""When, who and where of every row, four bytes each: what filters read of millions of rows in place of the rows."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from everword.memory.index.filters import Filters, conversation_key, fitting, microseconds
from everword.memory.index.names import Names
from everword.memory.index.rows import Records, table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SPANS_KEPT = 1_000
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
        self.when = Records(folder / "when.bin", "<i4", advice="MADV_WILLNEED")
        self.who = Records(folder / "who.bin", "<u4", advice="MADV_WILLNEED")
        self.where = Records(folder / "where.bin", "<u4", advice="MADV_WILLNEED")
        self.files = (self.when, self.who, self.where)
        self._voices = Records(folder / "voices.bin", _VOICE)
        self._places = {voice: place for place, voice in enumerate(self._voices.view().tolist(), NOBODY + 1)}
        self._spans: dict[tuple[int, int], tuple[int, int]] = {}

    @property
    def count(self) -> int:
        """How many rows all of them have."""
        return min(file.count for file in self.files)

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
        for column in self.files:
            column.truncate(count)
        self._spans = {}

    def erase(self, rows: "NDArray[np.int64]") -> None:
        """Say nothing of those rows any more; on disk when this returns."""
        for column in (self.who, self.when, self.where):
            column.put(rows, 0)

    def may_have(self, first: int, end: int, filters: Filters) -> bool:
        """Whether anything in a range of rows was said at the time asked for, or may have been."""
        if first >= end:
            return False
        low, high = _minutes_asked(filters)
        if low is None and high is None:
            return True
        earliest, latest = self._span(first, end)
        return (low is None or latest >= low) and (high is None or earliest <= high)

    def _span(self, first: int, end: int) -> tuple[int, int]:
        """The first and the last minute of a range; kept, because the same few are asked for by every question."""
        span = self._spans.get((first, end))
        if span is None:
            when = self.when.view()[first:end]
            span = (int(when.min()), int(when.max()))
            self._spans = {**self._spans, (first, end): span} if len(self._spans) < _SPANS_KEPT else {}
        return span

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

    def may_be_within(self, first: int, end: int) -> bool:
        """Whether any row of a range may fit, by when things were said there."""
        return self._columns.may_have(first, end, self._filters)

    def roughly(self, rows: "slice | NDArray[np.int64]") -> "NDArray[np.bool_]":
        """Which of `rows` may fit, by the columns: all that do, and a few said in the same minute as a limit."""
        import numpy as np

        who = self._who[rows]
        fits = np.ones(len(who), dtype=bool) if self._voices is None else _spoken_by(who, self._voices)
        if self._filters.conversation_id is not None:
            fits &= self._where[rows] == np.uint32(self._key)
        low, high = _minutes_asked(self._filters)
        if low is not None:
            fits &= self._when[rows] >= low
        if high is not None:
            fits &= self._when[rows] <= high
        return fits

    def of(self, rows: "NDArray[np.int64]") -> "NDArray[np.bool_]":
        """Which of `rows` fit."""
        import numpy as np

        fits = fitting(self._rows[rows], self._names, self._filters)
        return np.ones(len(rows), dtype=bool) if fits is None else fits


def _spoken_by(who: "NDArray[np.uint32]", voices: "NDArray[np.bool_]") -> "NDArray[np.bool_]":
    """Which of these have a voice that fits; one is compared quicker than looked up."""
    import numpy as np

    wanted = np.flatnonzero(voices)
    return who == np.uint32(wanted[0]) if len(wanted) == 1 else np.asarray(voices[who])


def _minutes_asked(filters: Filters) -> tuple[int | None, int | None]:
    """The minutes of the limits in time; None where there is no such limit."""
    low, high = filters.since, filters.until
    return None if low is None else _minute(microseconds(low)), None if high is None else _minute(microseconds(high))


def _minute(at_us: int) -> int:
    return max(min(at_us // _MINUTE_US, (1 << 31) - 1), -(1 << 31))


def _minutes(at_us: "NDArray[np.int64]") -> "NDArray[np.int32]":
    import numpy as np

    return np.clip(at_us // _MINUTE_US, -(1 << 31), (1 << 31) - 1).astype(np.int32)
