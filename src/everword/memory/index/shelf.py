"""The open indexes: one folder per space, opened when first needed, the least used closed again."""

import shutil
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

from everword.core.ids import SpaceId
from everword.memory.index.space_index import SpaceIndex
from everword.memory.index.word_index import SHARD_ROWS
from everword.weights.embedders import Embedder

_OPEN_AT_MOST = 64
_OPEN_AHEAD = 4
_WRITTEN_AT_MOST = 8  # a writer has a thread, and 15 MB and more
_OPENED_AT_ONCE = 16


class Shelf:
    """Every space's index under one folder. Safe to share between threads."""

    def __init__(self, folder: Path, embedder: Embedder, shard_rows: int = SHARD_ROWS) -> None:
        self.folder = folder
        self.shard_rows = shard_rows
        self._embedder = embedder
        self._lock = threading.Lock()
        self._opening = [threading.Lock() for _ in range(_OPENED_AT_ONCE)]  # taken before the other
        self._open: OrderedDict[SpaceId, SpaceIndex] = OrderedDict()
        self._held: Counter[SpaceId] = Counter()
        self._written: OrderedDict[SpaceId, None] = OrderedDict()
        self.has_lost = False
        """Whether an index was opened that begins again from the ledger's beginning, while others have got further."""

    @contextmanager
    def holding(self, space_id: SpaceId) -> Iterator[SpaceIndex]:
        """The index of a space, kept open meanwhile: what is to be written to must not be opened a second time.

        Those written to before the last few let go of what writing needs.
        """
        with self._lock:
            self._held[space_id] += 1
        try:
            yield self.of(space_id)
        finally:
            with self._lock:
                self._held[space_id] -= 1
                for index in self._written_before(space_id):
                    index.rest()

    def _written_before(self, space_id: SpaceId) -> list[SpaceIndex]:
        self._written[space_id] = None
        self._written.move_to_end(space_id)
        old = [each for each in self._written if not self._held[each]][: max(len(self._written) - _WRITTEN_AT_MOST, 0)]
        for each in old:
            del self._written[each]
        return [self._open[each] for each in old if each in self._open]

    def of(self, space_id: SpaceId) -> SpaceIndex:
        """The index of a space; made, empty, where there is none. Who asks for others does not wait while it opens."""
        index = self._opened(space_id)
        if index is not None:
            return index
        with self._opening_of(space_id):
            index = self._opened(space_id)
            if index is not None:
                return index
            index = SpaceIndex(self.folder / space_id, self._embedder, self.shard_rows)
            with self._lock:
                self._open[space_id] = index
                self.has_lost = self.has_lost or index.has_lost
                self._close_the_least_used()
            return index

    def _opened(self, space_id: SpaceId) -> SpaceIndex | None:
        with self._lock:
            index = self._open.get(space_id)
            if index is not None:
                self._open.move_to_end(space_id)
            return index

    def _opening_of(self, space_id: SpaceId) -> threading.Lock:
        return self._opening[hash(space_id) % _OPENED_AT_ONCE]

    def opened(self) -> list[SpaceId]:
        """The spaces whose index is open, the least used first."""
        with self._lock:
            return list(self._open)

    def open_latest(self) -> None:
        """Open the indexes that were written to last, and have them read ahead: whoever asks next is likely theirs."""
        folders = [path for path in self.folder.iterdir() if path.is_dir()] if self.folder.exists() else []
        for folder in sorted(folders, key=_written_at)[-_OPEN_AHEAD:]:
            self.of(SpaceId(folder.name)).read_all_ahead()

    def _close_the_least_used(self) -> None:
        closable = (space_id for space_id in self._open if not self._held[space_id])
        for space_id in list(islice(closable, max(len(self._open) - _OPEN_AT_MOST, 0))):
            self._open.pop(space_id).rest()

    def rest(self) -> None:
        """Let every open index go of what only writing needs."""
        with self._lock:
            opened = list(self._open.values())
        for index in opened:
            index.rest()

    def replace_by(self, other: "Shelf") -> None:
        """Put the folder of `other` in the place of ours. Searches that run go on in what they have open."""
        other.rest()
        old = self.folder.with_name(f"{self.folder.name}.old")
        with ExitStack() as held:
            for lock in (*self._opening, *other._opening, self._lock, other._lock):
                held.enter_context(lock)
            shutil.rmtree(old, ignore_errors=True)
            for index in self._open.values():
                index.rest()
            self._open.clear()
            other._open.clear()
            if self.folder.exists():
                self.folder.rename(old)
            other.folder.rename(self.folder)
        shutil.rmtree(old, ignore_errors=True)

    def replace_one(self, space_id: SpaceId, other: "Shelf") -> None:
        """Put the index that `other` has of a space in the place of ours; where it has none, ours goes."""
        other.rest()
        ours, theirs = self.folder / space_id, other.folder / space_id
        old = other.folder / f"{space_id}.old"
        with self._opening_of(space_id), other._opening_of(space_id), self._lock, other._lock:
            index = self._open.pop(space_id, None)
            if index is not None:
                index.rest()
            other._open.pop(space_id, None)
            if ours.exists():
                old.parent.mkdir(parents=True, exist_ok=True)
                ours.rename(old)
            if theirs.exists():
                theirs.rename(ours)
        shutil.rmtree(old, ignore_errors=True)


def _written_at(folder: Path) -> float:
    """When an index was last written to: a commit makes files in the folder of its last shard."""
    shards = folder / "words"
    return max((path.stat().st_mtime for path in shards.iterdir()), default=0.0) if shards.exists() else 0.0
