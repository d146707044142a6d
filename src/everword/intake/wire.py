"""Frames between the parser's process and ours: a length, then JSON; never pickle, for it read a stranger's file."""

import json
import struct
from collections.abc import Iterator
from typing import IO, Any, BinaryIO

_LENGTH = struct.Struct(">I")
MAX_FRAME_BYTES = 48 * 1024 * 1024
"""Larger than any record: a file of 20 MiB in base64, and its text."""


def write_frame(stream: BinaryIO, frame: dict[str, Any]) -> None:
    """Send one frame."""
    body = json.dumps(frame, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def read_frames(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The frames until the other side closes. Raises ValueError for anything that is no frame."""
    while header := stream.read(_LENGTH.size):
        if len(header) < _LENGTH.size:
            raise ValueError("a frame broke off")
        (size,) = _LENGTH.unpack(header)
        if size > MAX_FRAME_BYTES:
            raise ValueError("a frame is too large")
        body = stream.read(size)
        if len(body) < size:
            raise ValueError("a frame broke off")
        frame = json.loads(body)
        if not isinstance(frame, dict):
            raise ValueError("a frame is no object")  # noqa: TRY004
        yield frame
