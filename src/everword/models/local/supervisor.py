"""Supervision of one model's child: a crash restarts it, with growing pauses and not for ever."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from everword.core import clock
from everword.models.errors import LocalEngineFailed
from everword.models.local.process import EngineProcess
from everword.models.local.types import Endpoint, EngineConfig, LocalModel

_log = logging.getLogger(__name__)
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 30.0
_CALM_S = 120.0  # a child that lived this long counts as sound again
_MOST_CRASHES = 6
_MOST_FAILED_LOADS = 2  # a file that did not load twice will not load a third time


class Watcher(Protocol):
    """Who is told what becomes of the child; called on the supervisor's thread."""

    def child_ready(self, supervisor: "Supervisor", endpoint: Endpoint) -> None:
        """A child has its model loaded."""

    def child_down(self, supervisor: "Supervisor", why: str) -> None:
        """A child crashed and is about to be started again."""

    def child_failed(self, supervisor: "Supervisor", error: LocalEngineFailed) -> None:
        """It crashes again and again; the supervisor has given up."""


class Supervisor:
    """Keeps one child with `model` alive on a thread of its own, until retired or given up.

    The thread lives as long as the child: on Linux the child's life hangs on the thread that started it.
    """

    def __init__(self, model: LocalModel, config: EngineConfig, watcher: Watcher) -> None:
        self.model = model
        self.restarts = 0
        self._was_ready = False
        self._config, self._watcher = config, watcher
        self._process: EngineProcess | None = None
        self._retired = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"engine-{model.name}", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def retire(self, is_idle: Callable[[], bool] = lambda: True, patience_s: float = 0.0) -> None:
        """End the child once it is idle, at the latest after `patience_s`; blocks until it is gone."""
        deadline = clock.monotonic() + patience_s
        while clock.monotonic() < deadline and not is_idle():
            clock.sleep(0.1)
        self._retired.set()
        with self._lock:
            process = self._process
        if process is not None:
            process.stop()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        crashes = 0
        while not self._retired.is_set():
            born = clock.monotonic()
            why = self._one_life()
            if self._retired.is_set():
                return
            crashes = 1 if clock.monotonic() - born > _CALM_S else crashes + 1
            if crashes >= (_MOST_CRASHES if self._was_ready else _MOST_FAILED_LOADS):
                self._watcher.child_failed(self, LocalEngineFailed(why=why))
                return
            self.restarts += 1
            _log.warning("The local model's process ended (%s); starting it again", why)
            self._watcher.child_down(self, why)
            self._retired.wait(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (crashes - 1)))

    def _one_life(self) -> str:
        """From a child's start to its end; why it ended."""
        with self._lock:
            if self._retired.is_set():
                return "retired"
            process = self._process = EngineProcess(self.model, self._config)
        try:
            endpoint = process.wait_ready()
        except LocalEngineFailed as error:
            return str(error.values["why"])
        self._was_ready = True
        self._watcher.child_ready(self, endpoint)
        status = process.wait()
        process.stop()
        return f"signal {-status}" if status < 0 else f"status {status}"
