"""Embedders: texts in, unit vectors out. The one that needs no download reads the data files of a locked dependency."""

import json
import threading
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 256
_LONGEST_TOKENS = 2048
_WORDS_A_LINE = 30
_MARK = "\N{LOWER ONE EIGHTH BLOCK}"  # what the tokenizer puts before a word

_Loaded = tuple[Any, "NDArray[np.float16]", "NDArray[np.bool_]"]


class Embedder(Protocol):
    """Turns texts into vectors whose dot product says how alike their meaning is."""

    name: str
    dimensions: int

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors, shape (len(texts), dimensions), float32; a text without words gives zeros."""
        ...

    def embed_words(self, words: Sequence[str]) -> "NDArray[np.float32]":
        """The same of single words, without spaces: several times as quick, and it waits for nobody."""
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
        self._loaded: _Loaded | None = None

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors, shape (len(texts), 256), float32; a text without words gives zeros."""
        import numpy as np

        tokenizer, table, _ = self._load()
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for first in range(0, len(texts), _BATCH):
            encoded = tokenizer.encode_batch_fast(list(texts[first : first + _BATCH]), add_special_tokens=False)
            tokens = [encoding.ids[:_LONGEST_TOKENS] for encoding in encoded]
            flat = np.fromiter(chain.from_iterable(tokens), dtype=np.int64)
            _add_up(flat, np.array(list(map(len, tokens))), table, vectors[first : first + _BATCH])
        return _unit(vectors)

    def embed_words(self, words: Sequence[str]) -> "NDArray[np.float32]":
        """The same of single words: the tokenizer takes many as one text, in which each begins with a mark."""
        import numpy as np

        tokenizer, table, begins = self._load()
        lines = [" ".join(words[first : first + _WORDS_A_LINE]) for first in range(0, len(words), _WORDS_A_LINE)]
        encoded = tokenizer.encode_batch_fast(lines, add_special_tokens=False)
        flat = np.fromiter(chain.from_iterable(encoding.ids for encoding in encoded), dtype=np.int64)
        starts = np.flatnonzero(begins[flat])
        if len(starts) != len(words) or not all(map(str.isalnum, words)):
            return self.embed(words)
        vectors = np.zeros((len(words), self.dimensions), dtype=np.float32)
        _add_up(flat, np.diff(starts, append=len(flat)), table, vectors)
        return _unit(vectors)

    def rest(self) -> None:
        """Nothing to let go of: the table is a file."""

    def _load(self) -> "_Loaded":
        with self._lock:
            if self._loaded is None:
                self._loaded = _read(_package_folder())
            return self._loaded


def _add_up(
    tokens: "NDArray[np.int64]",
    lengths: "NDArray[np.int64]",
    table: "NDArray[np.float16]",
    sums: "NDArray[np.float32]",
) -> None:
    """Add to each of `sums` the vectors of its tokens, which follow each other: the first of each, then the second."""
    import numpy as np

    known, places = np.unique(tokens, return_inverse=True)
    vectors = table[known].astype(np.float32)  # float16 is slow to convert: each token once
    starts = np.cumsum(lengths) - lengths
    for step in range(int(lengths.max(initial=0))):
        longer = np.flatnonzero(lengths > step)
        sums[longer] += vectors[places[starts[longer] + step]]


def _unit(vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
    import numpy as np

    unit: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit


@cache
def static_embedder() -> StaticEmbedder:
    """The one static embedder of this process."""
    return StaticEmbedder()


def _package_folder() -> Path:
    spec = find_spec("wordllama")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("wordllama is not installed; it is a dependency of everword")
    return Path(spec.origin).parent


def _read(folder: Path) -> "_Loaded":
    """The tokenizer, the table of token vectors (safetensors: a JSON header, then one float16 matrix), and which tokens
    begin a word."""
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
    begins = np.zeros(len(stored), dtype=bool)
    begins[[number for token, number in tokenizer.get_vocab().items() if token.startswith(_MARK)]] = True
    return tokenizer, stored, begins


#: Every embedder, by the name that the indexes remember.
EMBEDDERS: "dict[str, Callable[[], Embedder]]" = {StaticEmbedder.name: static_embedder}
