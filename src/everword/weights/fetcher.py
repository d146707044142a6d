"""Downloads and conversions in the background, one at a time: start, pause, and how far each is."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from everword.weights.catalogue import Weights, is_settled, locate, part_path_of, remove
from everword.weights.convert import convert
from everword.weights.errors import FetchStopped, NotConverted, WeightsError
from everword.weights.fetch import Sources, fetch
from everword.weights.progress import OnProgress, Progress, State

_log = logging.getLogger(__name__)

OnWeights = Callable[[Weights, Path], None]


class Fetcher:
    """Fetches weights, and has them converted, on a thread of its own, where the callbacks are called.

    `on_ready` is for weights that were fetched, `on_converted` for those that were here and are faster now.
    """

    def __init__(
        self,
        home: Path,
        sources: Sources,
        on_progress: OnProgress = lambda _: None,
        on_ready: OnWeights = lambda _entry, _path: None,
        on_converted: OnWeights = lambda _entry, _path: None,
    ) -> None:
        self._home, self._sources = home, sources
        self._on_progress, self._on_ready, self._on_converted = on_progress, on_ready, on_converted
        self._lock = threading.Condition()
        self._waiting: list[Weights] = []
        self._current: Weights | None = None
        self._paused: set[str] = set()
        self._last: dict[str, Progress] = {}
        self._thread: threading.Thread | None = None

    def start(self, entry: Weights) -> None:
        """Fetch and convert `entry`, after those asked for before it; nothing happens if that is done or under way."""
        with self._lock:
            self._paused.discard(entry.name)
            if entry in (*self._waiting, self._current) or is_settled(self._home, entry):
                return
            self._waiting.append(entry)
            state = State.CONVERTING if locate(self._home, entry) else State.FETCHING
            self._last[entry.name] = replace(self._missing_so_far(entry), state=state)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="weights", daemon=True)
                self._thread.start()

    def pause(self, name: str) -> None:
        """Stop fetching `name`, keeping what has come. Weights that were being converted stay as they were fetched."""
        with self._lock:
            self._paused.add(name)
            for entry in [entry for entry in self._waiting if entry.name == name]:
                self._waiting.remove(entry)
                self._last[name] = replace(self._missing_so_far(entry), state=State.PAUSED)

    def remove(self, entry: Weights) -> None:
        """Delete the weights of `entry`, or what came of them so far; waits for a fetch of them to stop."""
        with self._lock:
            self.pause(entry.name)
            self._lock.wait_for(lambda: self._current is None or self._current.name != entry.name)
            remove(self._home, entry)
            self._last.pop(entry.name, None)

    def progress(self, entry: Weights) -> Progress:
        """How far `entry` is; after a restart, what an earlier fetch left counts as paused."""
        with self._lock:
            last, is_here = self._last.get(entry.name), locate(self._home, entry) is not None
            is_under_way = entry in (*self._waiting, self._current)
            if last is not None and (is_under_way or (last.state is State.READY) == is_here):
                return last
            if is_here:
                return Progress(entry.name, State.READY, entry.size_bytes, entry.size_bytes)
            return self._missing_so_far(entry)

    def close(self) -> None:
        """Stop all downloads and wait for the thread to end."""
        with self._lock:
            self._waiting.clear()
            if self._current:
                self._paused.add(self._current.name)
            thread = self._thread
        if thread:
            thread.join()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                self._current = self._waiting.pop(0)
            try:
                self._fetch(self._current)
            finally:
                with self._lock:
                    self._current = None
                    self._lock.notify_all()

    def _fetch(self, entry: Weights) -> None:
        def is_paused() -> bool:
            return entry.name in self._paused

        hand_over = self._on_converted if locate(self._home, entry) else self._on_ready
        try:
            path = fetch(self._home, entry, self._sources, self._tell, is_paused)
            try:
                path = convert(path, entry, self._tell, is_paused)
                self._end(entry, State.READY)
            except NotConverted as error:
                _log.warning("%s", error.message)
                self._end(entry, State.READY, error.message, error.code)
            hand_over(entry, path)
        except FetchStopped:
            self._end(entry, State.PAUSED)
        except WeightsError as error:
            self._end(entry, State.FAILED, error.message, error.code)
        except Exception as error:  # boundary: one download, its traceback is recorded and the small model goes on
            _log.exception("Fetching %s failed", entry.name)
            self._end(entry, State.FAILED, str(error), WeightsError.code)

    def _end(self, entry: Weights, state: State, error: str | None = None, code: str | None = None) -> None:
        done = self._last.get(entry.name, self._missing_so_far(entry)).done_bytes
        done = entry.size_bytes if state is State.READY else done
        self._tell(Progress(entry.name, state, done, entry.size_bytes, error=error, error_code=code))

    def _tell(self, progress: Progress) -> None:
        with self._lock:
            self._last[progress.name] = progress
        self._on_progress(progress)

    def _missing_so_far(self, entry: Weights) -> Progress:
        part = part_path_of(self._home, entry)
        done = part.stat().st_size if part.exists() else 0
        return Progress(entry.name, State.PAUSED if done else State.MISSING, done, entry.size_bytes)
