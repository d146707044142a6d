"""Requantizing a GGUF file from Q4_1 to Q8_0, for which llama.cpp has much faster kernels on processors.

The same input gives the same bytes on every machine: only operations that IEEE 754 defines to the last bit are used.
"""

import mmap
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from everword.weights import gguf
from everword.weights.gguf import ALL_Q8_0, NUMBER, Q4_1, Q8_0, TENSOR_ENTRY, BrokenGguf, Layout, Tensor

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK = 32  # elements
_BYTES = {Q4_1: 20, Q8_0: 34}  # of a block
_BLOCKS_AT_ONCE = 1 << 14  # half a million elements: they and what is made of them stay in the processor's cache

#: Called with how many bytes of the source are done.
OnBytes = Callable[[int], None]


def requantize_file(source: Path, target: Path, on_bytes: OnBytes = lambda _: None) -> None:
    """Write `target` whole and to the disk itself; whatever is raised meanwhile, nothing of it stays.

    Raises BrokenGguf, OSError, or what `on_bytes` raises. Needs some 10 MB of memory, and the pages of `source`.
    """
    try:
        with source.open("rb") as file, target.open("wb") as out:
            if not source.stat().st_size:
                raise BrokenGguf("it is empty")
            requantize(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)), out, on_bytes)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def requantize(source: memoryview, out: BinaryIO, on_bytes: OnBytes = lambda _: None) -> None:
    """Write `source` with each Q4_1 tensor as Q8_0; other tensors and the metadata are copied. Raises BrokenGguf."""
    layout = gguf.read(source)
    for tensor in layout.tensors:
        if tensor.type == Q4_1 and tensor.end - tensor.start < tensor.elements // _BLOCK * _BYTES[Q4_1]:
            raise BrokenGguf(f"it is cut short: bytes of {tensor.name} are missing")
    out.write(_header(source, layout))
    for tensor in layout.tensors:
        if tensor.type == Q4_1:
            _write_requantized(source, tensor, out, on_bytes)
        else:
            out.write(source[tensor.start : tensor.end])
        out.write(bytes(-_size_in_target(tensor) % layout.alignment))
        on_bytes(tensor.end)


def _header(source: memoryview, layout: Layout) -> bytearray:
    """The source's header with the types and offsets of the target: as long as it was."""
    header = bytearray(source[: layout.data_start])
    if layout.file_type_at is not None:
        NUMBER.pack_into(header, layout.file_type_at, ALL_Q8_0)
    offset = 0
    for tensor in layout.tensors:
        TENSOR_ENTRY.pack_into(header, tensor.entry_at, Q8_0 if tensor.type == Q4_1 else tensor.type, offset)
        size = _size_in_target(tensor)
        offset += size + -size % layout.alignment
    return header


def _size_in_target(tensor: Tensor) -> int:
    return tensor.elements // _BLOCK * _BYTES[Q8_0] if tensor.type == Q4_1 else tensor.end - tensor.start


def _write_requantized(source: memoryview, tensor: Tensor, out: BinaryIO, on_bytes: OnBytes) -> None:
    import numpy as np

    kind = np.dtype([("scale", "<f2"), ("least", "<f2"), ("packed", "u1", _BLOCK // 2)])
    blocks = np.frombuffer(source, kind, tensor.elements // _BLOCK, tensor.start)
    for first in range(0, len(blocks), _BLOCKS_AT_ONCE):
        out.write(q8_0_of(q4_1_values(blocks[first : first + _BLOCKS_AT_ONCE])).tobytes())
        on_bytes(tensor.start + min(first + _BLOCKS_AT_ONCE, len(blocks)) * kind.itemsize)


def q4_1_values(blocks: "NDArray[np.void]") -> "NDArray[np.float32]":
    """What Q4_1 blocks stand for, a row each: quant * scale + least (ggml's dequantize_row_q4_1)."""
    import numpy as np

    packed = blocks["packed"]
    quants = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32)
    quants *= blocks["scale"].astype(np.float32)[:, None]
    quants += blocks["least"].astype(np.float32)[:, None]
    return quants


def q8_0_of(values: "NDArray[np.float32]") -> "NDArray[np.void]":
    """Rows of 32 values as Q8_0 blocks: value / scale, so that the largest is 127 (ggml's quantize_row_q8_0_ref)."""
    import numpy as np

    blocks = np.empty(len(values), np.dtype([("scale", "<f2"), ("quants", "i1", _BLOCK)]))
    scale = np.abs(values).max(axis=1) / np.float32(127)
    inverse = np.divide(np.float32(1), scale, out=np.zeros_like(scale), where=scale > 0)
    blocks["scale"] = scale
    values = values * inverse[:, None]
    whole = np.trunc(values)
    whole += np.trunc(2 * (values - whole))  # C's roundf: halves away from zero, where np.rint goes to the even one
    blocks["quants"] = whole
    return blocks
