"""Fixed-width records in one append-only file each, read through the page cache."""

import mmap
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SMALL_BYTES = 64 * 1024**2  # a file of which more than a little is in memory
IS_OLD_VERSION = 1
IS_GONE = 2  # its entry left the ledger; always with IS_OLD_VERSION, so that it is never found

#: One row per passage. Rows of one entry follow each other; `previous` and `next` are the first rows of the entry's
#: neighbours in its conversation (-1: none), `session` the first row of its sitting. `speaker` and `source` are
#: places in the space's list of names. Of a row that is gone only `position`, `part`, `parts` and `flags`
#: stay. 64 bytes, little-endian.
ROW: Any = {
    "names": [
        "position", "conversation", "said_at", "session", "previous", "next", "start", "end",
        "speaker", "source", "part", "parts", "words", "label", "kind", "flags",
    ],
    "formats": [
        "<i8", "<i8", "<i8", "<i4", "<i4", "<i4", "<i4", "<i4",
        "<u4", "<u4", "<u2", "<u2", "<u2", "u1", "u1", "u1",
    ],
    "itemsize": 64,
}  # fmt: skip


def table(dtype: Any, rows: Sequence[tuple[int, ...]]) -> "NDArray[Any]":
    """Records of those values; the bytes between fields are zeros, not whatever was in memory."""
    import numpy as np

    made: NDArray[Any] = np.zeros(len(rows), dtype=np.dtype(dtype))
    for field, values in zip(dtype["names"], zip(*rows, strict=True), strict=True) if rows else ():
        made[field] = values
    return made


class Records:
    """A file of fixed-width records. One writer; readers hold views that stay valid while it grows.

    `advice` (the name of one of `mmap`'s) says how it is read: all of it, or here and there.
    """

    def __init__(self, path: Path, dtype: Any, width: int = 1, *, advice: str = "") -> None:
        import numpy as np

        self.path = path
        self.dtype = np.dtype(dtype)
        self.width = width
        self.bytes_each = self.dtype.itemsize * width
        self.count = path.stat().st_size // self.bytes_each if path.exists() else 0
        self._advice = getattr(mmap, advice, None)  # where the system takes any
        self._is_read_ahead = advice == "MADV_WILLNEED"  # which is done once
        self._mapped: Any = None
        self._file: mmap.mmap | None = None

    def view(self) -> "NDArray[Any]":
        """All records: shape (count,), or (count, width) where a record has several values. Read only."""
        import numpy as np

        count = self.count
        mapped: NDArray[Any] | None = self._mapped
        if mapped is None or len(mapped) != count:
            shape = (count, self.width) if self.width > 1 else (count,)
            mapped = (
                np.frombuffer(self._map(count), self.dtype).reshape(shape) if count else np.zeros(shape, self.dtype)
            )
            self._mapped = mapped
        return mapped

    def _map(self, count: int) -> mmap.mmap:
        with self.path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), count * self.bytes_each, access=mmap.ACCESS_READ)
        if self._advice is not None:
            mapped.madvise(self._advice)
            self._advice = None if self._is_read_ahead else self._advice
        self._file = mapped
        return mapped

    def read_ahead(self, at: "NDArray[np.int64]") -> None:
        """Have the system read those records all at once: where they are touched one by one, it reads one by one."""
        import numpy as np

        self.view()
        advice, file = getattr(mmap, "MADV_WILLNEED", None), self._file
        if advice is None or file is None or self.count * self.bytes_each < _SMALL_BYTES:
            return
        for page in np.unique(at * self.bytes_each // mmap.PAGESIZE).tolist():
            file.madvise(advice, page * mmap.PAGESIZE, 1)

    def append(self, records: "NDArray[Any]") -> None:
        """Write records behind the last one; on disk when this returns."""
        with self.path.open("r+b" if self.path.exists() else "w+b") as file:
            file.seek(self.count * self.bytes_each)
            file.write(records.astype(self.dtype, copy=False).tobytes())
            file.flush()
            os.fsync(file.fileno())
        self.count += len(records)

    def write(self, first: int, records: "NDArray[Any]") -> None:
        """Write records from place `first` on, over what is there or behind it; on disk when this returns.

        Places that are passed over read as zeros, and take no disk where the file system knows holes.
        """
        with self.path.open("r+b" if self.path.exists() else "w+b") as file:
            file.seek(first * self.bytes_each)
            file.write(records.astype(self.dtype, copy=False).tobytes())
            file.flush()
            os.fsync(file.fileno())
        self.count = max(self.count, first + len(records))

    def set(self, field: str, at: "NDArray[Any]", values: "NDArray[Any]") -> None:
        """Overwrite one field of records that are there."""
        import numpy as np

        if len(at):
            mapped = np.memmap(self.path, dtype=self.dtype, mode="r+", shape=(self.count,))
            mapped[field][at] = values
            mapped.flush()

    def put(self, at: "NDArray[Any]", records: "NDArray[Any] | int") -> None:
        """Overwrite records that are there; on disk when this returns."""
        import numpy as np

        if len(at):
            shape = (self.count, self.width) if self.width > 1 else (self.count,)
            mapped = np.memmap(self.path, dtype=self.dtype, mode="r+", shape=shape)
            mapped[at] = records
            mapped.flush()

    def truncate(self, count: int) -> None:
        """Forget all but the first `count` records."""
        if count < self.count:
            self._mapped = None
            os.truncate(self.path, count * self.bytes_each)
            self.count = count
