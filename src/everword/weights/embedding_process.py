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


class Child:
    """A supervised child process that embeds; one caller at a time.

    Started by the first texts; ends with `end`, or with this process. A crash fails the texts at hand with
    EmbeddingFailed; the next ones start it anew.
    """

    def __init__(self, arguments: Sequence[str], dimensions: int) -> None:
        self._arguments, self._dimensions = arguments, dimensions
        self.process: subprocess.Popen[bytes] | None = None

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """What the child's embedder makes of `texts`. Raises EmbeddingFailed."""
        process = self.process = self.process or self._start()
        watchdog = threading.Timer(_SILENCE_S, process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            return self._ask(process, texts)
        except (OSError, ValueError) as error:
            self.end()
            raise EmbeddingFailed(why=str(error)) from error
        finally:
            watchdog.cancel()

    def end(self) -> None:
        """Give its memory back."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _ask(self, process: subprocess.Popen[bytes], texts: Sequence[str]) -> "NDArray[np.float32]":
        import numpy as np

        if process.stdin is None or process.stdout is None:
            raise ValueError("the process has no pipes")
        body = json.dumps(list(texts)).encode("ascii")
        process.stdin.write(LENGTH.pack(len(body)) + body)
        process.stdin.flush()
        header = process.stdout.read(LENGTH.size)
        expected = len(texts) * self._dimensions * 4
        answer = process.stdout.read(expected) if len(header) == LENGTH.size else b""
        if len(answer) < expected or LENGTH.unpack(header) != (expected,):
            raise ValueError(f"the process ended (status {process.poll()})")
        return cast("NDArray[np.float32]", np.frombuffer(answer, dtype="<f4").reshape(len(texts), self._dimensions))

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", "everword.weights.embedding_child", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )


class EmbeddingProcess:
    """An embedder that embeds a few texts itself and many in a child process, which ends after `rest`.

    Safe to share between threads. Raises EmbeddingFailed where a child crashed under the texts at hand.
    """

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.dimensions = embedder.name, embedder.dimensions
        self._embedder = embedder
        self._lock = threading.Lock()
        self._child = Child([embedder.name], embedder.dimensions)

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors, shape (len(texts), dimensions), float32; a text without words gives zeros."""
        if len(texts) < _FEW:
            return self._embedder.embed(texts)
        with self._lock:
            return self._child.embed(texts)

    def embed_words(self, words: Sequence[str]) -> "NDArray[np.float32]":
        """The same of single words, here: a question waits for them."""
        return self._embedder.embed_words(words)

    def rest(self) -> None:
        """Give back the child's memory until there is much to embed again."""
        with self._lock:
            self._child.end()
