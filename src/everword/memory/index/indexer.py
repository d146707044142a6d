"""Keeping the indexes in step with the ledger: behind every commit, after a crash, and when they are built anew."""

import contextlib
import ctypes
import json
import logging
import shutil
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from everword.core import clock
from everword.core.background import Background
from everword.core.ids import EntryId, PersonId, SpaceId
from everword.core.types import Principal
from everword.memory.index import feed_store
from everword.memory.index.feed_store import Fed
from everword.memory.index.rewriting import Draft, OutOfStep, ReadEntries, shards_to_write
from everword.memory.index.shelf import Shelf
from everword.memory.index.space_index import SpaceIndex, stamp_of
from everword.memory.index.transformer_index import FOLDER as TRANSFORMED
from everword.memory.index.word_index import SHARD_ROWS
from everword.memory.index.word_shard import WordShard
from everword.storage.database import Database
from everword.weights.embedders import Embedder, static_embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_log = logging.getLogger(__name__)
_AT_ONCE = 8_000
_BETWEEN_PAUSES = 200  # about 0.1 s of work, which a person may have to wait for
_MOST_BETWEEN_PAUSES = 3_200  # while nobody waits: a commit costs nearly the same for few as for many
_MOST_WAIT_S = 15.0
_MANY = 100
_MOMENT_S = 0.3
_POLL_S = 1.0  # for what other processes write
_REST_AFTER_S = 5.0
_SYSTEM = Principal.system()


class _LeftOff(Exception):
    """What only tidies has to make room."""


class Indexer(Background):
    """Feeds every space's index from the ledger, in its order.

    One global position says how far the ledger has been read; each space's index carries its own, so what is fed twice
    after a crash is passed over. `start` runs it in a thread of its own; `catch_up` may be called from any thread.

    While `should_yield()` gives more than zero, because a person waits, the thread puts off a backlog that many seconds
    at a time, 15 at most; what was said just now is indexed at once.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        embedder: Embedder | None = None,
        should_yield: Callable[[], float] = lambda: 0.0,
        shard_rows: int = SHARD_ROWS,
    ) -> None:
        super().__init__("indexer", after_failure_s=_POLL_S)
        self.database = database
        self.folder = folder
        self.embedder = embedder or static_embedder()
        self.shelf = Shelf(folder / "live", self.embedder, shard_rows)
        self.has_backlog = False
        """Whether the thread works through more than was said just now (an import); recall does not wait for it."""
        self._stamp = stamp_of(self.embedder)
        self._should_yield = should_yield
        self._lock = threading.Lock()
        self._rebuilding = threading.Lock()
        self._rebuilds_wanted = 0
        self._counting = threading.Lock()
        self._position: int | None = None
        self._size = _BETWEEN_PAUSES
        self._last_fed: float | None = None  # None: what feeding needs was let go of

    @property
    def position(self) -> int:
        """The ledger position that every index has reached."""
        if self._position is None:
            self._position = _read_position(self.shelf.folder, self._stamp)
        return self._position

    def stop(self) -> None:
        """Finish the batch at hand and end the thread."""
        super().stop()
        self.shelf.rest()
        self.embedder.rest()

    def catch_up(self, at_most: int | None = None) -> bool:
        """Index what the ledger has beyond our position, up to `at_most` entries; whether nothing is left.

        Raises what the database or the disk raises; whatever was indexed stays.
        """
        done = 0
        with self._lock:
            while at_most is None or done < at_most:
                size = _AT_ONCE if at_most is None else min(_AT_ONCE, at_most - done)
                fed = self._feed(self.shelf, self.position, size)
                if (
                    self.shelf.has_lost
                ):  # an index had to begin again: all are fed from the beginning, to be passed over
                    self.shelf.has_lost, self._position = False, 0
                    continue
                if fed is None:
                    return True
                self._position, count = fed
                _write_position(self.shelf.folder, self._position, self._stamp)
                done += count
        return False

    def catch_up_with(self, who: Principal) -> None:
        """Index what was said just now in the spaces of `who`, unless that would keep whoever asks waiting.

        It would where an import is behind, or where others' words are being indexed for longer than a moment.
        """
        if not self._lock.acquire(timeout=_MOMENT_S):
            return
        try:
            for space_id in sorted(who.spaces):
                owner = _owner(space_id)
                with self.shelf.holding(space_id) as index:
                    with self.database.reading(owner) as connection:
                        new = feed_store.entries_after(connection, owner, index.position, _BETWEEN_PAUSES + 1)
                    if 0 < len(new) <= _BETWEEN_PAUSES:
                        index.append(new, new[-1].position)
        finally:
            self._lock.release()

    def rebuild(self, tell: Callable[[int], None] | None = None) -> int:
        """Build every index anew beside the old ones, which answer meanwhile, then put them in place.

        `tell` hears the position reached from time to time. Returns the position at the end.
        """
        with self._alone():
            return self._rebuild(tell)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else builds or rewrites an index meanwhile; who only tidies leaves off."""
        with self._counting:
            self._rebuilds_wanted += 1
        try:
            with self._rebuilding:
                yield
        finally:
            with self._counting:
                self._rebuilds_wanted -= 1

    @property
    def is_rewrite_wanted(self) -> bool:
        """Whether somebody builds or rewrites an index, or waits to: who only tidies leaves off."""
        return self._rebuilds_wanted > 0

    def compact(self, may_go_on: Callable[[], bool]) -> bool:
        """Write a full shard of some open index anew, so that it is searched in one piece; whether one was.

        `may_go_on` is asked every fraction of a second: where it says no, or an index is to be rewritten, nothing has
        changed.
        """
        if not self._rebuilding.acquire(blocking=False):
            return False
        try:
            for space_id in self.shelf.opened():
                with self.shelf.holding(space_id) as index:
                    shard = index.words.scattered()
                    if shard is not None:
                        self._write_anew(index, shard, partial(self._few_entries, _owner(space_id), may_go_on))
                        _give_memory_back()
                        return True
        except _LeftOff:
            return False
        finally:
            self._rebuilding.release()
        return False

    def _few_entries(self, owner: Principal, may_go_on: Callable[[], bool], after: int) -> Sequence[Fed]:
        if not may_go_on() or self.is_rewrite_wanted:
            raise _LeftOff
        with self.database.reading(owner) as connection:
            return feed_store.entries_after(connection, owner, after, _BETWEEN_PAUSES)

    def _write_anew(self, index: SpaceIndex, shard: WordShard, entries: ReadEntries) -> None:
        draft = Draft(index, shard)
        try:
            draft.write(entries)
            with self._lock:
                draft.write(entries)  # what the last shard has got since
                draft.put()
        except BaseException:
            draft.drop()
            raise

    def transform(self, space_id: SpaceId, name: str, dimensions: int) -> None:
        """Let a space have vectors of the transformer called `name` beside its own, or of none where that is ""."""
        with self._lock, self.shelf.holding(space_id) as index:
            index.transform(name, dimensions)

    def put_transformed(
        self, space_id: SpaceId, known: SpaceIndex, name: str, first: int, vectors: "NDArray[np.float32]"
    ) -> None:
        """Keep a transformer's vectors of a space's rows from `first` on.

        Nothing happens where the index that they were made for, `known`, is not the space's any more.
        """
        with self._lock, self.shelf.holding(space_id) as index:
            if index is known:
                index.put_transformed(name, first, vectors)

    def rewrite(
        self, space_id: SpaceId, entry_ids: Collection[EntryId] | None = None, *, is_whole: bool = False
    ) -> None:
        """Take out of a space's index what left the ledger: `entry_ids`, or whatever it is where that is None.

        The shards concerned are written anew; a space that has only one, or one that must be (`is_whole`), is built
        anew beside the old one and put in its place. Done again after a crash, it ends the same.
        """
        with self._alone():
            for left in (self.folder / "next", self.folder / "live.old", self.folder / "rewritten"):
                shutil.rmtree(left, ignore_errors=True)
            with self._lock:  # whoever was feeding had read the ledger before
                pass
            with self.shelf.holding(space_id) as index:
                if not is_whole and len(index.words.shards) > 1:
                    try:
                        self._erase(index, space_id, entry_ids)
                        return
                    except OutOfStep:
                        _log.exception("an index and the ledger differ; it is built anew")
                self._build_anew(space_id, index)

    def _erase(self, index: SpaceIndex, space_id: SpaceId, entry_ids: Collection[EntryId] | None) -> None:
        owner = _owner(space_id)

        def entries(after: int) -> Sequence[Fed]:
            with self.database.reading(owner) as connection:
                return feed_store.entries_after(connection, owner, after, _AT_ONCE)

        def positions(first: int, last: int) -> list[int]:
            with self.database.reading(owner) as connection:
                return feed_store.positions_between(connection, owner, first, last)

        for shard in shards_to_write(index, entry_ids, positions):
            self._write_anew(index, shard, entries)
        with self._lock:
            index.forget_names()

    def _build_anew(self, space_id: SpaceId, known: SpaceIndex) -> None:
        beside = Shelf(self.folder / "rewritten", self.embedder, self.shelf.shard_rows)
        owner = _owner(space_id)
        position = 0
        while (fed := self._feed(beside, position, _AT_ONCE, owner, known)) is not None:
            position = fed[0]
        if known.transformer is not None and (beside.folder / space_id).exists():
            with beside.holding(space_id) as made:
                made.carry(known)
        with self._lock:
            while (fed := self._feed(beside, position, _AT_ONCE, owner, known)) is not None:
                position = fed[0]
            self.shelf.replace_one(space_id, beside)
        shutil.rmtree(beside.folder, ignore_errors=True)

    def _rebuild(self, tell: Callable[[int], None] | None) -> int:
        beside = Shelf(self.folder / "next", self.embedder, self.shelf.shard_rows)
        shutil.rmtree(beside.folder, ignore_errors=True)
        position = 0
        while (fed := self._feed(beside, position, _AT_ONCE)) is not None:
            position = fed[0]
            if tell is not None:
                tell(position)
        for path in self.shelf.folder.glob(f"*/{TRANSFORMED}"):
            space_id = SpaceId(path.parent.name)
            with self.shelf.holding(space_id) as known, beside.holding(space_id) as made:
                made.carry(known)
        with self._lock:
            while (fed := self._feed(beside, position, _AT_ONCE)) is not None:
                position = fed[0]
            _write_position(beside.folder, position, self._stamp)
            self.shelf.replace_by(beside)
            self._position = position
        return position

    def _feed(
        self, shelf: Shelf, position: int, size: int, whose: Principal = _SYSTEM, known: SpaceIndex | None = None
    ) -> tuple[int, int] | None:
        """Give the next entries to their indexes; the position reached and how many, or None when there are none."""
        with self.database.reading(whose) as connection:
            entries = feed_store.entries_after(connection, whose, position, size)
        if not entries:
            return None
        reached = entries[-1].position
        by_space = sorted(entries, key=_space)  # stable: the order recorded stays within each
        for space_id, of_it in groupby(by_space, key=_space):
            with shelf.holding(space_id) as index:
                index.append(list(of_it), reached, many=len(entries) >= _MANY, known=known)
        return reached, len(entries)

    def _round(self) -> float:
        """A batch; what fails is tried again in a moment, the ledger is unharmed and recall goes on."""
        before = self.position
        self.catch_up(at_most=self._size)
        fed = self.position - before
        self.has_backlog = fed >= _MANY
        if fed:
            self._last_fed = clock.monotonic()
            had_to_wait = self.has_backlog and self._give_way()
            self._size = _BETWEEN_PAUSES if had_to_wait else min(4 * self._size, _MOST_BETWEEN_PAUSES)
            return 0.0
        self._size = _BETWEEN_PAUSES
        if self._last_fed is not None and clock.monotonic() - self._last_fed > _REST_AFTER_S:
            self.shelf.rest()
            self.embedder.rest()
            _give_memory_back()
            self._last_fed = None
        return _POLL_S

    def _give_way(self) -> bool:
        """Wait while a person does; whether that was so."""
        until = clock.monotonic() + _MOST_WAIT_S
        waited = False
        while not self._stopping.is_set() and clock.monotonic() < until and (pause := self._should_yield()) > 0:
            waited = True
            self._stopping.wait(pause)
        return waited


def _give_memory_back() -> None:
    """Return what a large batch used to the system; glibc alone would keep about 50 MB of it."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def _owner(space_id: SpaceId) -> Principal:
    return Principal(PersonId(""), space_id, frozenset({space_id}))


def _space(entry: Fed) -> SpaceId:
    return entry.space_id


def _read_position(folder: Path, stamp: str) -> int:
    """The position that was reached; 0 where indexes of another format have reached it."""
    path = folder / "position.json"
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return int(stored["position"]) if stored.get("format") == stamp else 0


def _write_position(folder: Path, position: int, stamp: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / "position.json.new"
    beside.write_text(json.dumps({"position": position, "format": stamp}), encoding="utf-8")
    beside.replace(folder / "position.json")
