"""Background work in rounds: a thread that works now, when it is told of something, and when it has slept enough."""

import logging
import threading
from abc import ABC, abstractmethod
from typing import Protocol

_log = logging.getLogger(__name__)


class Turn(Protocol):
    """What only one of several processes has at a time."""

    def wait(self, giving_up: threading.Event) -> bool:
        """Block until it is ours; False when `giving_up` was set before."""

    def release(self) -> None:
        """Let another process have it."""


class Background(ABC):
    """A thread that does one round after the other, once this process has its `turn`.

    Being told (`notify`) ends the sleep between two rounds, after `gather_s`, because what tells comes in bursts. A
    round that fails is logged, and the next one follows after `after_failure_s`.
    """

    def __init__(self, name: str, *, after_failure_s: float, gather_s: float = 0.0, turn: Turn | None = None) -> None:
        self._name = name
        self._after_failure_s = after_failure_s
        self._gather_s = gather_s
        self._turn = turn
        self._told = threading.Event()
        self._stopping = threading.Event()  # a long round looks at it between two steps
        self._thread: threading.Thread | None = None

    @abstractmethod
    def _round(self) -> float:
        """Do what there is to do. Returns for how many seconds to sleep then."""

    def start(self) -> None:
        """Begin, with a first round now. Returns at once."""
        self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
        self._thread.start()

    def notify(self) -> None:
        """There is something to do. Returns at once."""
        self._told.set()

    def stop(self) -> None:
        """End after the round at hand, and let another process have its turn."""
        self._stopping.set()
        self._told.set()
        if self._thread is not None:
            self._thread.join()
        if self._turn is not None:
            self._turn.release()

    def _work(self) -> None:
        if self._turn is not None and not self._turn.wait(self._stopping):
            return
        while not self._stopping.is_set():
            self._told.clear()
            try:
                sleep_s = self._round()
            except Exception:  # boundary: one failed round must not end all rounds
                _log.exception("A round of %s failed; the next is in %s s.", self._name, self._after_failure_s)
                sleep_s = self._after_failure_s
            if self._told.wait(sleep_s):
                self._stopping.wait(self._gather_s)
