"""Retention: once a day, what is older than its person wants it kept is forgotten, with a receipt."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.types import Principal
from everword.memory.forgetting.service import Forgetter
from everword.memory.forgetting.types import Forgetting, Selection

_log = logging.getLogger(__name__)
_EVERY_S = 24 * 3600.0
_AGAIN_S = 600.0

Rules = Callable[[], Sequence[tuple[Principal, timedelta]]]
"""Who wants their words kept for how long; those who keep them for ever are not in it."""


class Retention:
    """Looks for what is due once a day and after each start, in a thread of its own."""

    def __init__(self, forgetter: Forgetter, rules: Rules) -> None:
        self._forgetter = forgetter
        self._rules = rules
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="retention", daemon=True)

    def start(self) -> None:
        """Begin, with a first look now."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is being forgotten goes on by itself."""
        self._stopping.set()

    def look(self) -> list[Forgetting]:
        """Begin to forget what is due, the oldest first, for everybody who wants that; what was begun.

        Whoever is answering or importing is left for the next look.
        """
        begun = []
        for who, kept in self._rules():
            try:
                found = self._forgetter.begin_due(who, Selection(until=clock.now() - kept))
            except EverwordError as error:
                _log.info("What is due cannot be forgotten now: %s", error.message)
            else:
                begun += [found] if found else []
        return begun

    def _work(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            pause = _EVERY_S
            try:
                self.look()
            except Exception:  # boundary: one look; the next may find the database back
                _log.exception("What is due could not be looked for; trying again in ten minutes.")
                pause = _AGAIN_S
