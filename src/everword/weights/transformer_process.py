"""A transformer in a process of its own: passages by and by, and a question in between, which never waits long."""

import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from everword.core import clock
from everword.weights.embedding_process import Child
from everword.weights.errors import EmbeddingFailed
from everword.weights.transformers import TRANSFORMERS, Transformer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BUSY_S = 0.025  # what a batch should take: a question may have to wait for one
_MOST_AT_ONCE = 32


class TransformerProcess:
    """Passages go in batches so small that a question waits for one at most; batches wait while a question does.

    Safe to share between threads. The child takes a few hundred megabytes until `rest`.
    """

    def __init__(self, transformer: Transformer, files: Sequence[Path]) -> None:
        self.transformer = transformer
        self._child = Child([transformer.name, *map(str, files)], transformer.dimensions)
        self._lock = threading.Lock()
        self._asked = threading.Condition()
        self._waiting = 0
        self._at_once = 1
        self.is_warm = False

    def warm(self) -> None:
        """Load the network, so that a question finds it ready. Raises EmbeddingFailed."""
        self.passages([""])

    def passages(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors of at most as many texts as `batch` says, shape (len(texts), dimensions).

        Raises EmbeddingFailed.
        """
        with self._asked:
            self._asked.wait_for(lambda: not self._waiting)
        with self._lock:
            started = clock.monotonic()
            vectors = self._embed([f"{self.transformer.passage}{text}" for text in texts])
            took_s = clock.monotonic() - started
            if self.is_warm and len(texts) == self._at_once:
                self._at_once = max(1, min(round(len(texts) * _BUSY_S / max(took_s, 1e-4)), 2 * len(texts)))
            self.is_warm = True
        return vectors

    @property
    def batch(self) -> int:
        """How many passages take about as long as a question may wait."""
        return min(self._at_once, _MOST_AT_ONCE)

    def question(self, text: str, patience_s: float) -> "NDArray[np.float32] | None":
        """The unit vector of a question; None where the child is not ready, or busy for longer than `patience_s`."""
        if not self.is_warm:
            return None
        with self._asked:
            self._waiting += 1
        try:
            if not self._lock.acquire(timeout=patience_s):
                return None
            try:
                vector: NDArray[np.float32] = self._embed([f"{self.transformer.question}{text}"])[0]
                return vector
            except EmbeddingFailed:
                return None
            finally:
                self._lock.release()
        finally:
            with self._asked:
                self._waiting -= 1
                self._asked.notify_all()

    def rest(self) -> None:
        """Give the child's memory back; the next passages start it again."""
        with self._lock:
            self.is_warm = False
            self._child.end()

    def _embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        try:
            return self._child.embed(texts)
        except EmbeddingFailed:
            self.is_warm = False
            raise


class Transformers:
    """The transformers of a home folder, each in a process that starts when it is first wanted."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._processes: dict[str, TransformerProcess] = {}

    def process(self, name: str) -> TransformerProcess | None:
        """The process of the transformer called `name`; None while its weights are not here."""
        with self._lock:
            process = self._processes.get(name)
            if process is None and (files := TRANSFORMERS[name].files(self._home)) is not None:
                process = self._processes[name] = self._started(TRANSFORMERS[name], files)
            return process

    def _started(self, transformer: Transformer, files: Sequence[Path]) -> TransformerProcess:
        return TransformerProcess(transformer, files)

    def question(self, name: str, text: str, patience_s: float) -> "NDArray[np.float32] | None":
        """The unit vector of a question; None where that transformer is not ready, or busy for longer."""
        with self._lock:
            process = self._processes.get(name)
        return None if process is None else process.question(text, patience_s)

    def end(self, keeping: Collection[str] = ()) -> None:
        """End all processes but those of the names in `keeping`."""
        with self._lock:
            ended = [self._processes.pop(name) for name in set(self._processes) - set(keeping)]
        for process in ended:
            process.rest()
