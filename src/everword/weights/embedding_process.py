"""Embedding many texts in a process of its own, so that whoever waits for a word here does not wait for them."""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from everword.weights.embedders import Embedder
from everword.weights.embedding_child import LENGTH
from everword.weights.errors import EmbeddingFailed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FEW = 16
_SILENCE_S = 300.0


class EmbeddingProcess:
    """An embedder that embeds a few texts itself and many in a supervised child process.

    The child is started by the first large batch and ends after `rest`, `close`, or with this process. A crash fails
    the batch at hand with EmbeddingFailed; the next one starts a new child. Safe to share between threads.
    """

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.dimensions = embedder.name, embedder.dimensions
        self._embedder = embedder
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors, shape (len(texts), dimensions), float32; a text without words gives zeros."""
        if len(texts) < _FEW:
            return self._embedder.embed(texts)
        with self._lock:
            child = self._child = self._child or self._start()
            watchdog = threading.Timer(_SILENCE_S, child.kill)
            watchdog.daemon = True
            watchdog.start()
            try:
                return self._ask(child, texts)
            except (OSError, ValueError) as error:
                self._end()
                raise EmbeddingFailed(why=str(error)) from error
            finally:
                watchdog.cancel()

    def rest(self) -> None:
        """Give back the child's memory until there is much to embed again."""
        with self._lock:
            self._end()

    def _ask(self, child: subprocess.Popen[bytes], texts: Sequence[str]) -> "NDArray[np.float32]":
        import numpy as np

        if child.stdin is None or child.stdout is None:
            raise ValueError("the process has no pipes")
        body = json.dumps(list(texts)).encode("ascii")
        child.stdin.write(LENGTH.pack(len(body)) + body)
        child.stdin.flush()
        header = child.stdout.read(LENGTH.size)
        expected = len(texts) * self.dimensions * 4
        answer = child.stdout.read(expected) if len(header) == LENGTH.size else b""
        if len(answer) < expected or LENGTH.unpack(header) != (expected,):
            raise ValueError(f"the process ended (status {child.poll()})")
        return cast("NDArray[np.float32]", np.frombuffer(answer, dtype="<f4").reshape(len(texts), self.dimensions))

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", "everword.weights.embedding_child", self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()
