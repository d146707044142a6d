"""Housekeeping of the outbox: what was told long ago is removed; the rows it told of stay."""

from datetime import timedelta

from everword.core import clock
from everword.core.background import Background
from everword.core.types import Principal
from everword.storage import events
from everword.storage.database import Database

EVENTS_KEPT = timedelta(hours=24)
_EVERY_S = 3600.0


class Housekeeper(Background):
    """Prunes the outbox every hour, in a thread of its own."""

    def __init__(self, database: Database) -> None:
        super().__init__("housekeeping", after_failure_s=_EVERY_S)
        self._database = database

    def _round(self) -> float:
        self.prune()
        return _EVERY_S

    def prune(self) -> int:
        """Remove events older than a day. Returns how many."""
        system = Principal.system()
        with self._database.writing(system) as connection:
            return events.prune(connection, system, clock.now() - EVENTS_KEPT)
