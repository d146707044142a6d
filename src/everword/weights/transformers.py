"""Transformers that embed: which there are, what each wants said before a text, and running one on the processor."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from everword.weights import catalogue
from everword.weights.catalogue import Weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_AT_ONCE = 16
_PAD = 0  # masked, so whatever stands there counts nothing


@dataclass(frozen=True, slots=True)
class Transformer:
    """A sentence transformer: its entry in the catalogue, and how it wants to be asked.

    `question` and `passage` are what it was trained to see before one.
    """

    name: str
    dimensions: int
    longest_tokens: int
    question: str = ""
    passage: str = ""

    @property
    def parts(self) -> tuple[Weights, ...]:
        """The catalogue's entries that it is made of: the network, and the tokenizer."""
        network = catalogue.find(self.name)
        return network, *(catalogue.find(name) for name in network.needs)

    def files(self, home: Path) -> list[Path] | None:
        """The verified files of its parts, the network's first; None while any has not been fetched."""
        found = [path for part in self.parts if (path := catalogue.locate(home, part)) is not None]
        return found if len(found) == len(self.parts) else None


#: all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019), English.
MINILM = Transformer("minilm-l6-v2", 384, 256)
#: multilingual-e5-small (Wang et al. 2024), about a hundred languages.
E5 = Transformer("multilingual-e5-small", 384, 512, question="query: ", passage="passage: ")
TRANSFORMERS = {each.name: each for each in (MINILM, E5)}


class Network(Protocol):
    """Texts to tokens, tokens to hidden states."""

    def tokens(self, texts: Sequence[str], longest: int) -> "list[NDArray[np.int64]]":
        """The tokens of each text, at most `longest` of them, those for its beginning and end included."""
        ...

    def hidden(self, ids: "NDArray[np.int64]", mask: "NDArray[np.int64]") -> "NDArray[np.float32]":
        """Shape (texts, tokens, dimensions); where `mask` is 0 there is no token."""
        ...


class OnnxNetwork:
    """A network in the ONNX format and its tokenizer, in that of the `tokenizers` library."""

    def __init__(self, network: Path, tokenizer: Path) -> None:
        from tokenizers import Tokenizer

        from everword.weights.onnx_session import session

        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._session = session(network)
        self._inputs = {put.name for put in self._session.get_inputs()}

    def tokens(self, texts: Sequence[str], longest: int) -> "list[NDArray[np.int64]]":
        """See Network."""
        import numpy as np

        self._tokenizer.enable_truncation(longest)
        return [np.array(encoded.ids, dtype=np.int64) for encoded in self._tokenizer.encode_batch_fast(list(texts))]

    def hidden(self, ids: "NDArray[np.int64]", mask: "NDArray[np.int64]") -> "NDArray[np.float32]":
        """See Network."""
        import numpy as np

        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        found: NDArray[np.float32]
        found = self._session.run(None, {name: each for name, each in given.items() if name in self._inputs})[0]
        return found


def network(name: str, files: Sequence[Path]) -> Network:
    """Load the network of the transformer called `name`."""
    if name == E5.name:
        from everword.weights.e5 import E5Network

        return E5Network(*files)
    return OnnxNetwork(*files)


class TransformerEmbedder:
    """Runs a transformer over texts that have their prefixes: the mean over the tokens, of length 1.

    Loads at the first text, and takes a few hundred megabytes then: made for a process of its own.
    """

    def __init__(self, transformer: Transformer, files: Sequence[Path]) -> None:
        self.name, self.dimensions = transformer.name, transformer.dimensions
        self._longest = transformer.longest_tokens
        self._files = files
        self._network: Network | None = None

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors, shape (len(texts), dimensions), float32. Texts of like length share a pass."""
        import numpy as np

        loaded = self._network = self._network or network(self.name, self._files)
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        tokens = loaded.tokens(texts, self._longest)
        by_length = sorted(range(len(texts)), key=lambda place: len(tokens[place]))
        for first in range(0, len(texts), _AT_ONCE):
            some = by_length[first : first + _AT_ONCE]
            vectors[some] = _mean(loaded, [tokens[place] for place in some])
        return vectors

    def rest(self) -> None:
        """Let go of the network."""
        self._network = None


def _mean(loaded: Network, tokens: "list[NDArray[np.int64]]") -> "NDArray[np.float32]":
    """The mean hidden state of each text's tokens, of length 1."""
    import numpy as np

    ids = np.full((len(tokens), max(map(len, tokens))), _PAD, dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, of_it in enumerate(tokens):
        ids[row, : len(of_it)], mask[row, : len(of_it)] = of_it, 1
    summed = np.einsum("btd,bt->bd", loaded.hidden(ids, mask), mask.astype(np.float32))
    lengths = np.linalg.norm(summed, axis=1, keepdims=True)
    normalised: NDArray[np.float32] = (summed / np.maximum(lengths, 1e-9)).astype(np.float32)
    return normalised
