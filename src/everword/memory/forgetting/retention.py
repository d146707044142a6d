"""Retention: once a day, what is older than its person wants it kept is forgotten, with a receipt."""

import logging
from collections.abc import Callable, Sequence

from everword.core import clock
from everword.core.background import Background
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


class Retention(Background):
    """Looks for what is due once a day, after each start, and when a span's day has come, in a thread of its own."""

    def __init__(self, database: Database, forgetter: Forgetter, people: Callable[[], Sequence[Principal]]) -> None:
        super().__init__("retention", after_failure_s=_SETTLE_S)
        self._database = database
        self._forgetter = forgetter
        self._people = people
        self._next_look = clock.monotonic()

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

    def _round(self) -> float:
        settled = [who for who in self._people() if keeping.settle(self._database, who)]
        if settled or clock.monotonic() >= self._next_look:
            self._next_look = clock.monotonic() + _AGAIN_S  # where the look fails
            self.look()
        return _SETTLE_S
