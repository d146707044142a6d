"""The embedder's own process: texts come in on standard input, vectors go out on standard output.

Started by `everword.weights.embedding_process` as `python -m everword.weights.embedding_child NAME [FILE...]`: a
transformer comes with its files. It ends when its input does, and so with its parent, however that ended.
"""

import json
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from everword.weights.embedders import EMBEDDERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LENGTH = struct.Struct(">I")  # before each request (JSON, a list of texts) and each answer (float32, row by row)
_NICE = 10


def main() -> None:
    """Embed what comes until nothing more does."""
    if sys.platform != "win32":
        os.nice(_NICE)
    embed = _embedder(*sys.argv[1:])
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while len(header := requests.read(LENGTH.size)) == LENGTH.size:
        (size,) = LENGTH.unpack(header)
        vectors = embed(json.loads(requests.read(size))).astype("<f4").tobytes()
        answers.write(LENGTH.pack(len(vectors)) + vectors)
        answers.flush()


def _embedder(name: str, *files: str) -> "Callable[[list[str]], NDArray[np.float32]]":
    if not files:
        return EMBEDDERS[name]().embed
    from everword.weights.transformers import TRANSFORMERS, TransformerEmbedder

    return TransformerEmbedder(TRANSFORMERS[name], [Path(file) for file in files]).embed


if __name__ == "__main__":
    main()
