"""The morning: one thread of one process that makes each person's brief when its hour has come."""

import logging
from collections.abc import Callable, Sequence

from everword.attention.briefs import Briefs
from everword.attention.wording import Wording
from everword.core import clock
from everword.core.background import Background
from everword.core.types import Principal
from everword.storage.database import Database
from everword.storage.leadership import Leadership

_log = logging.getLogger(__name__)
_LONGEST_SLEEP_S = 20.0  # a person may set another hour, and a clock that was set wakes nobody
_SHORTEST_SLEEP_S = 0.2
_LEADER = 0x62726966  # "brif"


class Morning(Background):
    """Makes what is due for everybody, and has it worded. Everything it does is on record before it goes on."""

    def __init__(
        self, database: Database, people: Callable[[], Sequence[Principal]], briefs: Briefs, wording: Wording
    ) -> None:
        super().__init__("briefs", after_failure_s=_LONGEST_SLEEP_S, turn=Leadership(database, _LEADER))
        self._people = people
        self._briefs = briefs
        self._wording = wording

    def stop(self) -> None:
        """End between two people."""
        self._wording.stop()
        super().stop()

    def _round(self) -> float:
        sleep_s = _LONGEST_SLEEP_S
        for who in self._people():
            if not self._stopping.is_set():
                sleep_s = min(sleep_s, self._look(who))
        return max(sleep_s, _SHORTEST_SLEEP_S)

    def _look(self, who: Principal) -> float:
        """Make and word what is to be, for one person. Returns the seconds until their next brief."""
        try:
            self._briefs.make_due(who)
            self._wording.word(who)
            following = self._briefs.next_at(who)
        except Exception:  # boundary: one person's brief must not stop another's
            _log.exception("The brief of %s could not be made; trying again in %s s.", who.person_id, _LONGEST_SLEEP_S)
            return _LONGEST_SLEEP_S
        return _LONGEST_SLEEP_S if following is None else (following - clock.now()).total_seconds()
