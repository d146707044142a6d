"""Keeping the indexes in step with the ledger: behind every commit, after a crash, and when they are built anew."""

import contextlib
import ctypes
import json
import logging
import shutil
import sys
import threading
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

from everword.core import clock
from everword.core.ids import PersonId, SpaceId
from everword.core.types import Principal
from everword.memory import store
from everword.memory.index.shelf import Shelf
from everword.memory.index.space_index import SpaceIndex
from everword.memory.types import Entry
from everword.storage.database import Database
from everword.weights.embedders import Embedder, static_embedder

_log = logging.getLogger(__name__)
_AT_ONCE = 1000
_BETWEEN_PAUSES = 200  # about 0.1 s of work, which a person may have to wait for
_MOST_WAIT_S = 15.0
_MANY = 100
_POLL_S = 1.0  # for what other processes write
_REST_AFTER_S = 5.0
_SYSTEM = Principal.system()


class Indexer:
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
    ) -> None:
        self.database = database
        self.folder = folder
        self.embedder = embedder or static_embedder()
        self.shelf = Shelf(folder / "live", self.embedder)
        self.has_backlog = False
        """Whether the thread works through more than was said just now (an import); recall does not wait for it."""
        self._should_yield = should_yield
        self._lock = threading.Lock()
        self._rebuilding = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._position: int | None = None

    @property
    def position(self) -> int:
        """The ledger position that every index has reached."""
        if self._position is None:
            self._position = _read_position(self.shelf.folder)
        return self._position

    def notify(self) -> None:
        """Say that something was committed to the ledger. Returns at once."""
        self._wake.set()

    def start(self) -> None:
        """Follow the ledger in a thread, until `stop`."""
        self._thread = threading.Thread(target=self._follow, name="indexer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand and end the thread."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
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
                if fed is None:
                    return True
                self._position, count = fed
                _write_position(self.shelf.folder, self._position)
                done += count
        return False

    def rebuild(self, tell: Callable[[int], None] | None = None) -> int:
        """Build every index anew beside the old ones, which answer meanwhile, then put them in place.

        `tell` hears the position reached from time to time. Returns the position at the end.
        """
        with self._rebuilding:
            return self._rebuild(tell)

    def rewrite(self, space_id: SpaceId) -> None:
        """Build one space's index anew beside the old one, and put it in place: of what left the ledger nothing stays.

        Also removes whatever a rebuilding that a crash ended has left.
        """
        with self._rebuilding:
            for left in (self.folder / "next", self.folder / "live.old"):
                shutil.rmtree(left, ignore_errors=True)
            beside = Shelf(self.folder / "rewritten", self.embedder)
            shutil.rmtree(beside.folder, ignore_errors=True)
            owner = Principal(PersonId(""), space_id, frozenset({space_id}))
            known = self.shelf.of(space_id)
            position = 0
            while (fed := self._feed(beside, position, _AT_ONCE, owner, known)) is not None:
                position = fed[0]
            with self._lock:
                while (fed := self._feed(beside, position, _AT_ONCE, owner, known)) is not None:
                    position = fed[0]
                self.shelf.replace_one(space_id, beside)
            shutil.rmtree(beside.folder, ignore_errors=True)

    def _rebuild(self, tell: Callable[[int], None] | None) -> int:
        beside = Shelf(self.folder / "next", self.embedder)
        shutil.rmtree(beside.folder, ignore_errors=True)
        position = 0
        while (fed := self._feed(beside, position, _AT_ONCE)) is not None:
            position = fed[0]
            if tell is not None:
                tell(position)
        with self._lock:
            while (fed := self._feed(beside, position, _AT_ONCE)) is not None:
                position = fed[0]
            _write_position(beside.folder, position)
            self.shelf.replace_by(beside)
            self._position = position
        return position

    def _feed(
        self, shelf: Shelf, position: int, size: int, whose: Principal = _SYSTEM, known: SpaceIndex | None = None
    ) -> tuple[int, int] | None:
        """Give the next entries to their indexes; the position reached and how many, or None when there are none."""
        with self.database.reading(whose) as connection:
            entries = store.entries_after(connection, whose, position, size)
        if not entries:
            return None
        reached = entries[-1].position
        by_space = sorted(entries, key=_space)  # stable: the order recorded stays within each
        for space_id, of_it in groupby(by_space, key=_space):
            with shelf.writing(space_id) as index:
                index.append(list(of_it), reached, many=len(entries) >= _MANY, known=known)
        return reached, len(entries)

    def _follow(self) -> None:
        last_fed = clock.monotonic()
        is_resting = True
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                before = self.position
                self.catch_up(at_most=_BETWEEN_PAUSES)
                if self.position != before:
                    last_fed, is_resting = clock.monotonic(), False
                    self.has_backlog = self.position - before >= _MANY
                    if self.has_backlog:
                        self._give_way()
                    continue
                self.has_backlog = False
            except Exception:  # boundary: one failed batch is tried again; the ledger is unharmed and recall goes on
                _log.exception("indexing failed at position %s; trying again", self._position)
            if not is_resting and clock.monotonic() - last_fed > _REST_AFTER_S:
                self.shelf.rest()
                self.embedder.rest()
                _give_memory_back()
                is_resting = True
            self._wake.wait(_POLL_S)

    def _give_way(self) -> None:
        until = clock.monotonic() + _MOST_WAIT_S
        while not self._stopping.is_set() and clock.monotonic() < until and (pause := self._should_yield()) > 0:
            self._stopping.wait(pause)


def _give_memory_back() -> None:
    """Return what a large batch used to the system; glibc alone would keep about 50 MB of it."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def _space(entry: Entry) -> SpaceId:
    return entry.space_id


def _read_position(folder: Path) -> int:
    path = folder / "position.json"
    return int(json.loads(path.read_text(encoding="utf-8"))["position"]) if path.exists() else 0


def _write_position(folder: Path, position: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / "position.json.new"
    beside.write_text(json.dumps({"position": position}), encoding="utf-8")
    beside.replace(folder / "position.json")
