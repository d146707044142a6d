"""This process among those that execute runs on one database: it beats, and sees whose beats stay away."""

import logging
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from everword.accounts.types import INSTALLATION_SPACE
from everword.core import clock
from everword.core.ids import ExecutorId, SegmentId
from everword.core.types import Principal
from everword.runs import executor_store
from everword.runs.executor_store import Executor
from everword.storage.database import Database
from everword.storage.errors import DatabaseUnreachable
from everword.storage.sessions import end_sessions

_log = logging.getLogger(__name__)
BEAT_S = 1.0
LEASE_S = 3.0
DEAD_AFTER_S = 5.0
"""A process stops by itself when it could not beat for LEASE_S; others take over after DEAD_AFTER_S, which is later."""
_SYSTEM = Principal.system()


class Membership:
    """Its row, from `join` to `leave`. Safe to share between threads.

    No clocks are compared: a process is taken for dead when this one has not seen its count of beats grow for
    DEAD_AFTER_S. The file `executor` in `folder` names who this folder's process was before; that one is dead for
    certain, for a folder has one process. On SQLite there is nobody else, and no beat.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._file = folder / "executor"
        self._seen: dict[ExecutorId, tuple[int, float]] = {}
        self._beaten_at = 0.0
        self._leaving = threading.Event()
        self._thread: threading.Thread | None = None
        self.id: ExecutorId | None = None

    @property
    def is_current(self) -> bool:
        """Whether this process may count on not having been taken for dead."""
        return self.id is not None and (self._database.is_sqlite or clock.monotonic() - self._beaten_at < LEASE_S)

    def join(self) -> list[SegmentId]:
        """Be one of them, under a new id. Returns the segments that this folder's process held before."""
        before = self._read()
        joined_at = clock.monotonic()
        with self._database.writing(_SYSTEM) as connection:
            self.id = executor_store.join(connection, _SYSTEM, INSTALLATION_SPACE, self._database.session)
        self._beaten_at = joined_at
        self._file.write_text(f"{self.id}\n{socket.gethostname()}\n", encoding="utf-8")
        if self._thread is None and not self._database.is_sqlite:
            self._thread = threading.Thread(target=self._beat_for_ever, name="beats", daemon=True)
            self._thread.start()
        with self._database.reading(_SYSTEM) as connection:
            known = executor_store.listed(connection, _SYSTEM)
        predecessor = next((each for each in known if each.id == before), None)
        return [] if predecessor is None else self.inherit(predecessor)

    def leave(self) -> None:
        """Be none of them any more. What this process held is free for the others at once."""
        self._leaving.set()
        if self._thread is not None:
            self._thread.join()
        if self.id is not None:
            with suppress(DatabaseUnreachable), self._database.writing(_SYSTEM) as connection:
                executor_store.bury(connection, _SYSTEM, self.id, None)
            self.id = None

    def dead(self) -> Sequence[Executor]:
        """The others whose beats have stayed away."""
        if self._database.is_sqlite:
            return ()
        with self._database.reading(_SYSTEM) as connection:
            others = [each for each in executor_store.listed(connection, _SYSTEM) if each.id != self.id]
        at = clock.monotonic()
        self._seen = {
            each.id: seen if (seen := self._seen.get(each.id)) and seen[0] == each.beats else (each.beats, at)
            for each in others
        }
        return [each for each in others if at - self._seen[each.id][1] >= DEAD_AFTER_S]

    def inherit(self, dead: Executor) -> list[SegmentId]:
        """Take over what a dead process held; which segments that were.

        It may only be stuck: its connections are ended, so that nothing it has begun is committed any more, and what it
        begins from now on finds that its segments are another's (`Segment.writing`).
        """
        end_sessions(self._database, dead.session)
        with self._database.writing(_SYSTEM) as connection:
            inherited = executor_store.bury(connection, _SYSTEM, dead.id, self.id)
        end_sessions(self._database, dead.session)
        return inherited

    def _read(self) -> str:
        """Who this process was before. A folder that was copied from another machine tells nothing of that."""
        with suppress(FileNotFoundError, ValueError):
            before, host = self._file.read_text(encoding="utf-8").splitlines()
            return before if host == socket.gethostname() else ""
        return ""

    def _beat_for_ever(self) -> None:
        while not self._leaving.wait(BEAT_S):
            me, at = self.id, clock.monotonic()
            try:
                with self._database.writing(_SYSTEM, is_heard=False) as connection:
                    is_known = me is not None and executor_store.beat(connection, _SYSTEM, me)
            except Exception:  # boundary: one beat; where more of them fail, the engine lets go of its runs
                _log.exception("This process could not tell the others that it lives.")
            else:
                if me == self.id:
                    self._beaten_at = at if is_known else at - LEASE_S
