"""Embedders: texts in, unit vectors out. The one that needs no download reads the data files of a locked dependency."""

import json
import threading
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 256
_LONGEST_TOKENS = 2048


class Embedder(Protocol):
    """Turns texts into vectors whose dot product says how alike their meaning is."""

    name: str
    dimensions: int

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors, shape (len(texts), dimensions), float32; a text without words gives zeros."""
        ...

    def rest(self) -> None:
        """Let go of what only embedding much needs."""
        ...


class StaticEmbedder:
    """WordLlama's token vectors, averaged (github.com/dleemiller/WordLlama, l2_supercat, 256 dimensions, MIT).

    Reads the package's data files without importing it. Loading takes about 0.2 s and 40 MB, once, at the first text;
    the table stays in its file. Safe to share between threads.
    """

    name = "wordllama-l2-supercat-256"
    dimensions = 256

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: tuple[Any, NDArray[np.float16]] | None = None

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors, shape (len(texts), 256), float32; a text without words gives zeros."""
        import numpy as np

        tokenizer, table = self._load()
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for first in range(0, len(texts), _BATCH):
            encoded = tokenizer.encode_batch_fast(list(texts[first : first + _BATCH]), add_special_tokens=False)
            tokens = [np.array(encoding.ids[:_LONGEST_TOKENS], dtype=np.int64) for encoding in encoded]
            if any(map(len, tokens)):
                known, places = np.unique(np.concatenate(tokens), return_inverse=True)
                rows = table[known].astype(np.float32)  # float16 is slow to convert: each token once a batch
                ends = np.cumsum([len(of_it) for of_it in tokens])
                for row, (of_it, end) in enumerate(zip(tokens, ends.tolist(), strict=True), first):
                    vectors[row] = rows[places[end - len(of_it) : end]].sum(axis=0)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        normalised: NDArray[np.float32] = vectors / np.maximum(lengths, 1e-9)
        return normalised

    def rest(self) -> None:
        """Nothing to let go of: the table is a file."""

    def _load(self) -> "tuple[Any, NDArray[np.float16]]":
        with self._lock:
            if self._loaded is None:
                self._loaded = _read(_package_folder())
            return self._loaded


@cache
def static_embedder() -> StaticEmbedder:
    """The one static embedder of this process."""
    return StaticEmbedder()


def _package_folder() -> Path:
    spec = find_spec("wordllama")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("wordllama is not installed; it is a dependency of everword")
    return Path(spec.origin).parent


def _read(folder: Path) -> "tuple[Any, NDArray[np.float16]]":
    """The tokenizer and the table of token vectors (safetensors: a JSON header, then one float16 matrix)."""
    import numpy as np
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    path = folder / "weights" / "l2_supercat_256.safetensors"
    with path.open("rb") as file:
        header_size = int.from_bytes(file.read(8), "little")
        shape = json.loads(file.read(header_size))["embedding.weight"]["shape"]
    stored = np.memmap(path, dtype=np.float16, mode="r", offset=8 + header_size, shape=tuple(shape))
    return tokenizer, stored


#: Every embedder, by the name that the indexes remember.
EMBEDDERS: "dict[str, Callable[[], Embedder]]" = {StaticEmbedder.name: static_embedder}
