"""Running multilingual-e5-small (Wang et al. 2024; a BERT of 12 layers) from weights in four bits, in ONNX Runtime."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everword.weights import e5_file
from everword.weights.onnx_graph import Graph
from everword.weights.onnx_session import session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SPACES = re.compile(" {2,}")
_SPACE_SIGN = "▁"
_BLOCK = 32
_EIGHT_BITS = 4  # how exactly activations are multiplied with weights in four bits ("accuracy_level")


class E5Network:
    """Tokens in, hidden states out. Takes some 500 MB. The words' own vectors stay in the file."""

    def __init__(self, path: Path) -> None:
        file = self._file = e5_file.read(path)
        self._words = file.blocks("emb.word", file.hidden)
        self._places = file.floats("emb.pos").reshape(-1, file.hidden) + file.floats("emb.type")[: file.hidden]
        self._session = session(_graph(file))
        self._tokenizer = _tokenizer(file)
        file.pieces.clear()  # a quarter of a million, which the tokenizer has now

    def tokens(self, texts: Sequence[str], longest: int) -> "list[NDArray[np.int64]]":
        """See Network."""
        import numpy as np

        file = self._file
        plain = [_SPACES.sub(" ", text.translate(file.plain)) for text in texts]
        encoded = self._tokenizer.encode_batch_fast(plain, add_special_tokens=False)
        return [np.array([file.begin, *of_it.ids[: longest - 2], file.end], dtype=np.int64) for of_it in encoded]

    def hidden(self, ids: "NDArray[np.int64]", mask: "NDArray[np.int64]") -> "NDArray[np.float32]":
        """See Network."""
        import numpy as np

        words = e5_file.numbers(self._words[ids.reshape(-1)]).reshape(*ids.shape, -1)
        given = {"words": words + self._places[: ids.shape[1]], "mask": mask.astype(np.int32)}
        found: NDArray[np.float32] = self._session.run(None, given)[0]
        return found


def _graph(file: e5_file.E5File) -> bytes:
    """The layers, of ONNX Runtime's own operations for such networks."""
    graph = Graph()
    state = graph.step("LayerNormalization", ["words", *_pair(graph, file, "emb.ln")], "state", epsilon=file.epsilon)
    for layer in range(file.layers):
        state = _layer(graph, file, f"l{layer}", state)
    return graph.written(
        {"words": ("float32", ("texts", "tokens", file.hidden)), "mask": ("int32", ("texts", "tokens"))}, state
    )


def _layer(graph: Graph, file: e5_file.E5File, name: str, state: str) -> str:
    import numpy as np

    looks = [_product(graph, file, f"{name}.{part}", state) for part in ("q", "k", "v")]
    biases = np.concatenate([file.floats(f"{name}.{part}.b") for part in ("q", "k", "v")])
    bias = graph.constant(f"{name}.qkv.b", biases)
    attended = graph.step(
        "MultiHeadAttention", [*looks, bias, "mask"], f"{name}.attended", is_contrib=True, num_heads=file.heads
    )
    state = _add(graph, file, f"{name}.ao", f"{name}.aln", attended, state)
    wide = graph.step(
        "BiasGelu",
        [_product(graph, file, f"{name}.fi", state), graph.constant(f"{name}.fi.b", file.floats(f"{name}.fi.b"))],
        f"{name}.wide",
        is_contrib=True,
    )
    return _add(graph, file, f"{name}.fo", f"{name}.oln", wide, state)


def _add(graph: Graph, file: e5_file.E5File, dense: str, norm: str, given: str, state: str) -> str:
    """What a dense layer makes, added to the state, normed."""
    made = _product(graph, file, dense, given)
    bias = graph.constant(f"{dense}.b", file.floats(f"{dense}.b"))
    inputs = [made, state, *_pair(graph, file, norm), bias]
    return graph.step("SkipLayerNormalization", inputs, f"{norm}.out", is_contrib=True, epsilon=file.epsilon)


def _pair(graph: Graph, file: e5_file.E5File, name: str) -> list[str]:
    return [graph.constant(f"{name}.{part}", file.floats(f"{name}.{part}")) for part in ("w", "b")]


def _product(graph: Graph, file: e5_file.E5File, name: str, given: str) -> str:
    """Times a matrix in four bits. ONNX Runtime has two neighbours in each byte, the first in the low half."""
    import numpy as np

    outputs = len(file.floats(f"{name}.b"))
    inputs = file.numbers_in(f"{name}.w") // outputs
    values, scales = e5_file.apart(file.blocks(f"{name}.w", inputs))
    packed = values[..., 0::2] | values[..., 1::2] << 4
    weights = graph.constant(f"{name}.w", np.ascontiguousarray(packed))
    scale = graph.constant(f"{name}.scales", np.ascontiguousarray(scales.reshape(-1)))
    about = {"K": inputs, "N": outputs, "bits": 4, "block_size": _BLOCK, "accuracy_level": _EIGHT_BITS}
    return graph.step("MatMulNBits", [given, weights, scale], f"{name}.out", is_contrib=True, **about)


def _tokenizer(file: e5_file.E5File) -> Any:
    """Pieces of words by their likelihood (Kudo 2018), with a sign for each space."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.Unigram(file.pieces, file.unknown, False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(_SPACE_SIGN, prepend_scheme="always")
    return tokenizer
