"""The parser's own process: bytes come in on standard input, records go out on standard output, and that is all it has.

Started by `everword.intake.supervise` as `python -m everword.intake.child REQUEST`, with an empty environment. It never
opens the database, writes no file and starts no process.
"""

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BufferedIOBase
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

from everword.core.errors import EverwordError
from everword.intake.detect import detect, open_source
from everword.intake.documents import read_text
from everword.intake.fit import fitted
from everword.intake.formats.parsers import FORMATS
from everword.intake.limits import confine
from everword.intake.pages import read_page
from everword.intake.records import File, Message, Record, Skipped, to_wire
from everword.intake.source import Reading, Source
from everword.intake.wire import write_frame

_BATCH_RECORDS = 200  # a message that is sent meanwhile waits for one batch at most
_BATCH_BYTES = 1_000_000
_QUIET_BYTES = 8 * 1024 * 1024
"""How far it reads before it says that it is still there, where it finds nothing to send."""


def main() -> None:
    """Do the one thing that is asked, and end. What goes wrong is the last frame."""
    request = json.loads(sys.argv[1])
    output = sys.stdout.buffer
    try:
        confine(int(request["cpu_s"]))
        if request["do"] == "parse":
            _parse(request, cast(BufferedIOBase, sys.stdin.buffer), output)
        elif request["do"] == "page":
            write_frame(output, read_page(sys.stdin.buffer.read(), request["media_type"], request["charset"]))
        else:
            write_frame(output, read_text(sys.stdin.buffer.read(), request["media_type"], request["name"]))
    except EverwordError as error:
        write_frame(output, {"error": type(error).__name__, "values": {k: str(v) for k, v in error.values.items()}})
    except MemoryError:
        write_frame(output, {"error": "ParserCrashed", "values": {"why": "it asked for more memory than it may have"}})


def _parse(request: dict[str, Any], stream: BufferedIOBase, output: BinaryIO) -> None:
    """Send what the file holds in batches, passing over the first `skip` records, which were delivered before."""
    reading = Reading(ZoneInfo(request["time_zone"]))
    modified_at = datetime.fromtimestamp(request["modified_at"], UTC) if request["modified_at"] else None
    where = os.dup(stream.fileno())  # the same place in the file, also when a format closes the stream
    source = open_source(request["name"], stream, request["size_bytes"], modified_at, reading)
    found = request["format"] or detect(source)
    write_frame(output, {"format": found})
    sender = _Sender(output, where, int(request["skip"]))
    try:
        for record in _records(source, found, reading):
            sender.add(record)
    finally:
        sender.send()
    if (damage := getattr(source, "damage", None)) is not None:
        raise damage


def _records(source: Source, format: str, reading: Reading) -> Iterator[Record]:
    yield from fitted(FORMATS[format](source, reading))
    yield from source.skipped


class _Sender:
    """Gathers records into frames. Batches end at the same records whenever the same file is read."""

    def __init__(self, output: BinaryIO, where: int, skip: int) -> None:
        self._output = output
        self._where = where
        self._skip = skip
        self._number = 0
        self._said_at_byte = 0
        self._batch: list[dict[str, Any]] = []
        self._size = 0

    def add(self, record: Record) -> None:
        self._number += 1
        if self._number <= self._skip:
            if self._read_bytes() - self._said_at_byte > _QUIET_BYTES:
                self.send()
            return
        self._batch.append(to_wire(record))
        self._size += _size(record)
        if len(self._batch) >= _BATCH_RECORDS or self._size >= _BATCH_BYTES:
            self.send()

    def send(self) -> None:
        """Send what was gathered, and how far the file was read."""
        done = max(self._number, self._skip)
        self._said_at_byte = self._read_bytes()
        write_frame(self._output, {"records": self._batch, "done": done, "read_bytes": self._said_at_byte})
        self._batch, self._size = [], 0

    def _read_bytes(self) -> int:
        """How far the file is read, as its readers buffer it."""
        return os.lseek(self._where, 0, os.SEEK_CUR)


def _size(record: Record) -> int:
    match record:
        case Message():
            return len(record.text)
        case File():
            return len(record.content)
        case Skipped():
            return 100
    return 200


if __name__ == "__main__":
    main()
