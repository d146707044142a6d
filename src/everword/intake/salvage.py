"""Reading a zip from its beginning, without the table of contents at its end that a broken download never got.

The layout is PKWARE's APPNOTE.TXT, section 4.3.7: a local header before each file.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zlib import _Decompress as Inflater

    from _typeshed import WriteableBuffer

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_SIGNATURE = b"PK\x03\x04"
_DESCRIPTOR = b"PK\x07\x08"
_STORED, _DEFLATED = 0, 8
_ZIP64_EXTRA = 1
_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A file found by its local header. `packed_bytes` is None where only unpacking tells."""

    path: str
    method: int
    offset: int
    packed_bytes: int | None

    def open(self, stream: io.BufferedIOBase) -> io.BufferedIOBase:
        """Its bytes as far as they go. Reading past the break raises EOFError."""
        return io.BufferedReader(_Unpacked(stream, self), buffer_size=_CHUNK_BYTES)


def salvage(stream: io.BufferedIOBase) -> Iterator[Salvaged]:
    """The files of a zip in the order they lie there, until something is no file's header."""
    at = 0
    while True:
        stream.seek(at)
        header = stream.read(_LOCAL.size)
        if len(header) < _LOCAL.size or not header.startswith(_SIGNATURE):
            return
        _, _, flags, method, _, _, _, packed, unpacked, name_size, extra_size = _LOCAL.unpack(header)
        name, extra = stream.read(name_size), stream.read(extra_size)
        if flags & 0x1 or method not in (_STORED, _DEFLATED):
            return
        offset = at + _LOCAL.size + name_size + extra_size
        size = None if flags & 0x8 else _packed_size(packed, unpacked, extra)
        if size is None and method == _STORED:
            return  # its end cannot be told from its content
        found = Salvaged(name.decode("utf-8" if flags & 0x800 else "cp437", "replace"), method, offset, size)
        yield found
        end = offset + size if size is not None else _end_of_deflated(stream, offset)
        if end is None:
            return
        at = end


def _packed_size(packed: int, unpacked: int, extra: bytes) -> int:
    """The size in the header, or in its zip64 extra field where the header's is full."""
    if packed != 0xFFFFFFFF:
        return packed
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _ZIP64_EXTRA:
            place = 12 if unpacked == 0xFFFFFFFF else 4
            return int(struct.unpack_from("<Q", extra, place)[0]) if len(extra) >= place + 8 else packed
        extra = extra[4 + size :]
    return packed


def _end_of_deflated(stream: io.BufferedIOBase, offset: int) -> int | None:
    """Where the file after this one begins; None when the data breaks off before."""
    stream.seek(offset)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    at = offset
    try:
        while not inflate.eof:
            chunk = inflate.unconsumed_tail or stream.read(_CHUNK_BYTES)
            if not chunk:
                return None
            inflate.decompress(chunk, _CHUNK_BYTES * 4)
            at = stream.tell() - len(inflate.unconsumed_tail)
    except zlib.error:
        return None
    end = at - len(inflate.unused_data)
    stream.seek(end)
    after = stream.read(24)
    start = 4 if after.startswith(_DESCRIPTOR) else 0
    for size in (start + 12, start + 20):  # CRC and two sizes, of 4 bytes each or of 8 in zip64
        if after[size : size + 2] == b"PK" or len(after) <= size:
            return end + size
    stream.seek(end + start + 20)
    return end + (start + 20 if stream.read(2) == b"PK" else start + 12)


class _Unpacked(io.RawIOBase):
    """The content of one salvaged file."""

    def __init__(self, stream: io.BufferedIOBase, member: Salvaged) -> None:
        self._stream = stream
        self._at = member.offset
        self._left = member.packed_bytes
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == _DEFLATED else None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        content = _inflated(self._inflate, self._packed, len(view)) if self._inflate else self._packed(len(view))
        if not content and self._left and not self._inflate:
            raise EOFError("it ends too early")
        view[: len(content)] = content
        return len(content)

    def _packed(self, most: int) -> bytes:
        if self._left is not None:
            most = min(most, self._left)
        self._stream.seek(self._at)
        chunk = self._stream.read(most)
        self._at += len(chunk)
        if self._left is not None:
            self._left -= len(chunk)
        return chunk


def _inflated(inflate: Inflater, packed: Callable[[int], bytes], most: int) -> bytes:
    """The next bytes, at most `most`; none at the end."""
    while not inflate.eof:
        given = inflate.unconsumed_tail or packed(_CHUNK_BYTES)
        if not given:
            raise EOFError("it ends too early")
        if content := inflate.decompress(given, most):
            return content
    return b""
