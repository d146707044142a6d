"""GGUF files, as far as converting their tensors needs them: where each tensor is, and where the header says so.

The format is documented at github.com/ggml-org/ggml, docs/gguf.md; versions 2 and 3, little-endian.
"""

import struct
from dataclasses import dataclass
from math import prod

Q4_1, Q8_0 = 3, 8  # ggml_type
ALL_Q8_0 = 7  # llama_ftype: what `general.file_type` says of a file that is mostly Q8_0
TENSOR_ENTRY = struct.Struct("<IQ")  # type, offset from the beginning of the data
NUMBER = struct.Struct("<I")
_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_STRING, _ARRAY = 8, 9
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_USUAL_ALIGNMENT = 32


class BrokenGguf(Exception):
    """The file is no GGUF file, or is cut short; the message says which."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor: its bytes, padding included, are `start` to `end` of the file; its TENSOR_ENTRY is at `entry_at`."""

    name: str
    elements: int
    type: int
    entry_at: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's tensors in the order of their bytes. `file_type_at`: where NUMBER says its quantization, if it does."""

    tensors: tuple[Tensor, ...]
    data_start: int
    alignment: int
    file_type_at: int | None


def read(file: memoryview) -> Layout:
    """Where everything is in `file`. Raises BrokenGguf."""
    reader = _Reader(file)
    if reader.take(4) != _MAGIC:
        raise BrokenGguf("it is no GGUF file")
    if (version := reader.number("I")) not in _VERSIONS:
        raise BrokenGguf(f"it is GGUF of version {version}, which is not known here")
    tensor_count, value_count = reader.number("Q"), reader.number("Q")
    values_at = {}
    for _ in range(value_count):
        name, kind = reader.text(), reader.number("I")
        values_at[name] = reader.at
        reader.skip(kind)
    alignment = _USUAL_ALIGNMENT
    if "general.alignment" in values_at:
        (alignment,) = NUMBER.unpack_from(file, values_at["general.alignment"])
    entries = [_entry(reader) for _ in range(tensor_count)]
    data_start = reader.at + -reader.at % alignment
    return Layout(_tensors(entries, data_start, len(file)), data_start, alignment, values_at.get("general.file_type"))


def _entry(reader: "_Reader") -> tuple[int, str, int, int, int]:
    """Offset, name, elements, type and place of the next tensor's entry."""
    name = reader.text()
    elements = prod(reader.number("Q") for _ in range(reader.number("I")))
    entry_at = reader.at
    kind, offset = reader.number("I"), reader.number("Q")
    return offset, name, elements, kind, entry_at


def _tensors(entries: list[tuple[int, str, int, int, int]], data_start: int, file_end: int) -> tuple[Tensor, ...]:
    entries = sorted(entries)
    starts = [data_start + offset for offset, *_ in entries]
    tensors = tuple(
        Tensor(name, elements, kind, entry_at, start, end)
        for (_, name, elements, kind, entry_at), start, end in zip(
            entries, starts, [*starts[1:], file_end], strict=False
        )
    )
    if any(tensor.end <= tensor.start for tensor in tensors):
        raise BrokenGguf("it is cut short: the bytes of a tensor are missing")
    return tensors


class _Reader:
    """Reads a header from its beginning; every method goes on where the last one ended."""

    def __init__(self, file: memoryview) -> None:
        self._file = file
        self.at = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        start = self._pass(count)
        return bytes(self._file[start : self.at])

    def number(self, format: str) -> int:
        """One unsigned number: I has 4 bytes, Q has 8."""
        start = self._pass(struct.calcsize(format))
        value: int = struct.unpack_from(f"<{format}", self._file, start)[0]
        return value

    def text(self) -> str:
        """A string behind its length."""
        return self.take(self.number("Q")).decode("utf-8", "replace")

    def skip(self, kind: int) -> None:
        """Pass a metadata value of this type."""
        if kind == _STRING:
            self._pass(self.number("Q"))
        elif kind == _ARRAY:
            kind, count = self.number("I"), self.number("Q")
            if kind in _SIZES:
                self._pass(_SIZES[kind] * count)
            else:
                for _ in range(count):
                    self.skip(kind)
        elif kind in _SIZES:
            self._pass(_SIZES[kind])
        else:
            raise BrokenGguf(f"its header has a value of type {kind}, which is not known here")

    def _pass(self, count: int) -> int:
        """Go on by `count` bytes; where they begin."""
        start, self.at = self.at, self.at + count
        if self.at > len(self._file):
            raise BrokenGguf("it is cut short: its header ends too early")
        return start
