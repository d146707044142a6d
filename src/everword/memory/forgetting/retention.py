"""Retention: once a day, what is older than its person wants it kept is forgotten, with a receipt."""

import logging
import threading
from collections.abc import Callable, Sequence

from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.types import Principal
from everword.memory.forgetting import keeping
from everword.memory.forgetting.service import Forgetter
from everword.memory.forgetting.types import Forgetting
from everword.storage.database import Database

_log = logging.getLogger(__name__)
_EVERY_S = 24 * 3600.0
_AGAIN_S = 600.0
_SETTLE_S = 60.0


class Retention:
    """Looks for what is due once a day, after each start, and when a span's day has come, in a thread of its own."""

    def __init__(self, database: Database, forgetter: Forgetter, people: Callable[[], Sequence[Principal]]) -> None:
        self._database = database
        self._forgetter = forgetter
        self._people = people
        self._next_look = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="retention", daemon=True)

    def start(self) -> None:
        """Begin, with a first look now."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is being forgotten goes on by itself."""
        self._stopping.set()

    def look(self) -> list[Forgetting]:
        """Put spans into effect whose day has come, and begin to forget what is due, for everybody; what was begun.

        It looks again in ten minutes where someone is answering or importing, or more is due than goes at once;
        otherwise in a day.
        """
        begun = []
        is_all = True
        for who in self._people():
            keeping.settle(self._database, who)
            with self._database.reading(who) as connection:
                due = keeping.selection_of(keeping.read(connection, who).keep, clock.now())
            if due is None:
                continue
            try:
                found = self._forgetter.begin_due(who, due)
            except EverwordError as error:
                _log.info("What is due cannot be forgotten now: %s", error.message)
                is_all = False
            else:
                if found:
                    keeping.began(self._database, who, found.id)
                    begun.append(found)
        self._next_look = clock.monotonic() + (_EVERY_S if is_all and not begun else _AGAIN_S)
        return begun

    def _work(self) -> None:
        self._next_look = clock.monotonic()
        while not self._stopping.is_set():
            try:
                settled = [who for who in self._people() if keeping.settle(self._database, who)]
                if settled or clock.monotonic() >= self._next_look:
                    self.look()
            except Exception:  # boundary: one look; the next may find the database back
                _log.exception("What is due could not be looked for; trying again in ten minutes.")
                self._next_look = clock.monotonic() + _AGAIN_S
            self._stopping.wait(_SETTLE_S)
