"""Zip files from anywhere: read in memory only, within limits that hold whatever the file declares.

Names inside are labels and never become paths. Archives inside are not opened. What a file declares about its sizes is
checked first and what really comes out is checked again. An archive that was cut short is read from its beginning as
far as it goes.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from everword.intake.errors import Bomb, Damaged
from everword.intake.records import Skipped
from everword.intake.salvage import Salvaged, salvage
from everword.intake.source import Part

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_UNPACKED_BYTES = 16 * 1024**3
MAX_RATIO = 200
_RATIO_FROM_BYTES = 64 * 1024**2  # small files may be as repetitive as they like
_EXTENDED_TIMESTAMP = 0x5455  # Info-ZIP's extra field: modification time in seconds of UTC


class Archive:
    """A source that is a zip. `stream` can seek."""

    def __init__(self, name: str, stream: io.BufferedIOBase, time_zone: ZoneInfo) -> None:
        self.name = name
        self.skipped: list[Skipped] = []
        self.damage: Damaged | None = None
        self._stream = stream
        self._unpacked = 0
        self._size = stream.seek(0, io.SEEK_END)
        self._members: dict[str, zipfile.ZipInfo | Salvaged] = {}
        self._parts: list[Part] = []
        self._zip: zipfile.ZipFile | None = None
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            self.damage = Damaged(what=name, why="its table of contents is missing, as in a download that broke off")
            self._add_salvaged()
        else:
            self._check_declared(self._zip.infolist())
            for member in self._zip.infolist():
                self._add(member, time_zone)

    def parts(self) -> Sequence[Part]:
        """The files in it that may be read."""
        return self._parts

    def open(self, part: Part) -> io.BufferedIOBase:
        """The bytes of `part`, unpacked as they are read."""
        member = self._members[part.path]
        try:
            if isinstance(member, Salvaged):
                raw: io.BufferedIOBase = member.open(self._stream)
                packed = member.packed_bytes or self._size
            else:
                raw, packed = _opened(self._zip, member), max(member.compress_size, 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise Damaged(what=part.path, why=str(error)) from error
        return io.BufferedReader(_Limited(raw, part.path, packed, self), buffer_size=1 << 18)

    def count_unpacked(self, size: int) -> None:
        """Add to what came out of this archive in all. Raises Bomb when it is too much."""
        self._unpacked += size
        if self._unpacked > MAX_UNPACKED_BYTES:
            raise Bomb(what=self.name, why=f"more than {MAX_UNPACKED_BYTES >> 30} GiB")

    def _check_declared(self, members: list[zipfile.ZipInfo]) -> None:
        total = sum(member.file_size for member in members)
        if total > MAX_UNPACKED_BYTES:
            raise Bomb(what=self.name, why=f"{total >> 30} GiB by its own account")

    def _add(self, member: zipfile.ZipInfo, time_zone: ZoneInfo) -> None:
        if member.is_dir() or member.filename in self._members:
            return
        if member.flag_bits & 0x1:
            self.skipped.append(Skipped(member.filename, "it is encrypted"))
            return
        self._members[member.filename] = member
        self._parts.append(Part(member.filename, member.file_size, _modified_at(member, time_zone)))

    def _add_salvaged(self) -> None:
        for member in salvage(self._stream):
            if member.path.endswith("/") or member.path in self._members:
                continue
            self._members[member.path] = member
            self._parts.append(Part(member.path, None, None))


def _opened(archive: zipfile.ZipFile | None, member: zipfile.ZipInfo) -> io.BufferedIOBase:
    if archive is None:
        raise Damaged(what=member.filename, why="its archive could not be read")
    return archive.open(member)  # type: ignore[return-value]


class _Limited(io.RawIOBase):
    """A stream that stops when more comes out of it than can honestly have been in it."""

    def __init__(self, raw: io.BufferedIOBase, what: str, packed: int, archive: Archive) -> None:
        self._raw = raw
        self._what = what
        self._packed = packed
        self._archive = archive
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        try:
            chunk = self._raw.read1(len(view))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise Damaged(what=self._what, why=str(error) or "it ends too early") from error
        view[: len(chunk)] = chunk
        self._size += len(chunk)
        self._archive.count_unpacked(len(chunk))
        if self._size > _RATIO_FROM_BYTES and self._size > self._packed * MAX_RATIO:
            raise Bomb(what=self._what, why=f"more than {MAX_RATIO} times its size")
        return len(chunk)


def _modified_at(member: zipfile.ZipInfo, time_zone: ZoneInfo) -> datetime | None:
    """When the file was changed: exactly where the archive says so, else its local time taken in `time_zone`."""
    extra = member.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _EXTENDED_TIMESTAMP and size >= 5 and len(extra) >= 9 and extra[4] & 1:
            return datetime.fromtimestamp(struct.unpack_from("<i", extra, 5)[0], UTC)
        extra = extra[4 + size :]
    try:
        local = datetime(*member.date_time, tzinfo=time_zone)
    except ValueError:
        return None
    return local.astimezone(UTC) if local.year > 1980 else None


def extended_timestamp(modified_at: datetime) -> bytes:
    """The extra field that says in a zip we write when a file was changed, in UTC."""
    return struct.pack("<HHBi", _EXTENDED_TIMESTAMP, 5, 1, int(modified_at.timestamp()))
