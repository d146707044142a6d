"""Reading multilingual-e5-small from one file: its pieces of words, how characters are made plain, and its numbers.

The file ("E5S1") begins with the sizes, then has the pieces with their scores, a table of characters to replace, a
directory of tensors, and those: float32, or blocks of 32 numbers in four bits each with one float16 scale (Q4_0 as in
llama.cpp: the low halves of 16 bytes are the first 16 numbers, the high halves the others, 8 stands for 0).
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MAGIC = b"E5S1"
_SIZES = struct.Struct("<4sI7ifi")  # magic, version, seven sizes, epsilon, numbers a block
_PIECES = struct.Struct("<5iQ")  # how many, the four special ones, bytes of all together
_TENSOR = struct.Struct("<BIQQ")  # kind, numbers, where, bytes
_BLOCK = 32
_BLOCK_BYTES = 18


@dataclass(frozen=True, slots=True)
class E5File:
    """What is in the file; the tensors stay in it until they are asked for."""

    hidden: int
    layers: int
    heads: int
    epsilon: float
    pieces: list[tuple[str, float]]
    begin: int
    end: int
    unknown: int
    plain: dict[int, str]
    """What to write for a character before words are split."""
    _content: Any
    _places: dict[str, tuple[int, int]]

    def floats(self, name: str) -> "NDArray[np.float32]":
        """A tensor of float32, flat."""
        import numpy as np

        count, at = self._places[name]
        return np.frombuffer(self._content, dtype="<f4", count=count, offset=at)

    def numbers_in(self, name: str) -> int:
        """How many numbers a tensor has."""
        return self._places[name][0]

    def blocks(self, name: str, width: int) -> "NDArray[np.uint8]":
        """The bytes of a tensor's blocks, shape (rows, blocks a row, 18)."""
        import numpy as np

        count, at = self._places[name]
        flat = np.frombuffer(self._content, dtype=np.uint8, count=count // _BLOCK * _BLOCK_BYTES, offset=at)
        return flat.reshape(-1, width // _BLOCK, _BLOCK_BYTES)


def numbers(blocks: "NDArray[np.uint8]") -> "NDArray[np.float32]":
    """What blocks stand for: shape (rows, numbers a row)."""
    import numpy as np

    values, scales = apart(blocks)
    made: NDArray[np.float32] = (values.astype(np.float32) - 8) * scales[..., None]
    return made.reshape(len(blocks), -1)


def apart(blocks: "NDArray[np.uint8]") -> "tuple[NDArray[np.uint8], NDArray[np.float32]]":
    """The numbers of blocks, 0 to 15 where 8 stands for 0, and the scale of each block."""
    import numpy as np

    scales = np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)
    return np.concatenate([blocks[..., 2:] & 15, blocks[..., 2:] >> 4], axis=-1), scales[..., 0]


def read(path: Path) -> E5File:
    """Open the file. Raises ValueError for another one."""
    import numpy as np

    content: Any = np.memmap(path, dtype=np.uint8, mode="r")
    magic, _, hidden, layers, heads, *_, epsilon, block = _SIZES.unpack_from(content)
    if magic != _MAGIC or block != _BLOCK:
        raise ValueError(f"{path.name} is not a model of the kind that is read here")
    at = _SIZES.size
    count, begin, end, _, unknown, size = _PIECES.unpack_from(content, at)
    at += _PIECES.size
    places = np.frombuffer(content, dtype="<u4", count=count + 1, offset=at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(content, dtype="<f4", count=count, offset=at).tolist()
    at += 4 * count
    blob = content[at : at + size].tobytes()
    at += size
    pieces = [
        (blob[first:until].decode("utf-8", "replace"), score)
        for first, until, score in zip(places, places[1:], scores, strict=False)
    ]
    count, size = struct.unpack_from("<iI", content, at)
    at += 8
    plain = _replacements(content[at : at + size].tobytes(), count)
    return E5File(
        hidden, layers, heads, epsilon, pieces, begin, end, unknown, plain, content, _directory(content, at + size)
    )


def _replacements(table: bytes, count: int) -> dict[int, str]:
    """For each character: its number, a byte that says how many take its place, their numbers."""
    plain, at = {}, 0
    for _ in range(count):
        character, length = struct.unpack_from("<IB", table, at)
        plain[character] = "".join(map(chr, struct.unpack_from(f"<{length}I", table, at + 5)))
        at += 5 + 4 * length
    return plain


def _directory(content: Any, at: int) -> dict[str, tuple[int, int]]:
    """How many numbers each tensor has, and where they begin."""
    (count,) = struct.unpack_from("<i", content, at)
    at += 4
    places = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", content, at)
        name = bytes(content[at + 2 : at + 2 + length]).decode()
        _, numbers_in_it, where, _ = _TENSOR.unpack_from(content, at + 2 + length)
        places[name] = (numbers_in_it, where)
        at += 2 + length + _TENSOR.size
    return places
