"""How alike single words are in meaning, so that "vehicle" finds "car" where no letter agrees."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from everword.weights.embedders import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_KEPT = 16_384
_UNLIKE, _ALIKE = (
    0.25,
    0.75,
)  # cosines of word vectors: a hundredth of all pairs is above the first, synonyms near the last


class Likeness:
    """Word vectors, kept once made (8 MB at most). Safe to share between threads."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._lock = threading.Lock()
        self._places: dict[str, int] = {}
        self._vectors: Any = None

    def best(self, asked: Sequence[str], passages: Sequence[Sequence[str]]) -> "NDArray[np.float32]":
        """For each passage (a list of folded words) and each word asked, the likeness of the most alike word in it.

        Shape (len(passages), len(asked)); 1 for synonyms and the word itself, 0 for words that have nothing in common.
        """
        import numpy as np

        result = np.zeros((len(passages), len(asked)), dtype=np.float32)
        vocabulary = {word: place for place, word in enumerate(dict.fromkeys(w for words in passages for w in words))}
        if not vocabulary or not asked:
            return result
        given, wanted = self._of(list(vocabulary)), self._of(list(asked))
        cosines = np.einsum("ij,kj->ik", given, wanted)  # not BLAS, whose threads would wait for each other's core
        likeness = np.clip((cosines - _UNLIKE) / (_ALIKE - _UNLIKE), 0, 1).astype(np.float32)
        flat = np.array([vocabulary[word] for words in passages for word in words], dtype=np.int64)
        lengths = np.array([len(words) for words in passages])
        filled = lengths > 0
        starts = (np.cumsum(lengths) - lengths)[filled]
        result[filled] = np.maximum.reduceat(likeness[flat], starts, axis=0)
        return result

    def _of(self, words: list[str]) -> "NDArray[np.float32]":
        import numpy as np

        with self._lock:
            if self._vectors is None or len(self._places) + len(words) > _KEPT:
                self._vectors = np.zeros((max(_KEPT, len(words)), self._embedder.dimensions), dtype=np.float16)
                self._places = {}
            new = [word for word in words if word not in self._places]
            if new:
                first = len(self._places)
                self._vectors[first : first + len(new)] = self._embedder.embed(new)
                self._places.update({word: first + at for at, word in enumerate(new)})
            vectors: NDArray[np.float32] = self._vectors[[self._places[word] for word in words]].astype(np.float32)
            return vectors
