"""Housekeeping of the outbox: what was told long ago is removed; the rows it told of stay."""

import logging
import threading
from datetime import timedelta

from everword.core import clock
from everword.core.types import Principal
from everword.storage import events
from everword.storage.database import Database

_log = logging.getLogger(__name__)
EVENTS_KEPT = timedelta(hours=24)
_EVERY_S = 3600.0


class Housekeeper:
    """Prunes the outbox every hour, in a thread of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Begin, with a first round now."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round at hand."""
        self._stopping.set()

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                self.prune()
            except Exception:  # boundary: a failed round must not end all rounds
                _log.exception("Housekeeping failed; the next round is in an hour.")
            self._stopping.wait(_EVERY_S)

    def prune(self) -> int:
        """Remove events older than a day. Returns how many."""
        system = Principal.system()
        with self._database.writing(system) as connection:
            return events.prune(connection, system, clock.now() - EVENTS_KEPT)
