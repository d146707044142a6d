"""Writing a zip in pieces, while it is read: nothing of it is gathered, on the disk or in memory."""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from everword.core import clock
from everword.intake.archive import extended_timestamp

_CHUNK_BYTES = 1 << 18

Member = tuple[str, Iterator[bytes], datetime | None]
"""A name, the content in pieces, and when it was changed."""


def zipped(members: Iterable[Member]) -> Iterator[bytes]:
    """The zip of those members, compressed, times in UTC."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, content, modified_at in members:
            with archive.open(_entry(name, modified_at or clock.now()), "w", force_zip64=True) as member:
                for piece in content:
                    member.write(piece)
                    if pipe.size >= _CHUNK_BYTES:  # allowed: nesting: an archive, its members, their pieces
                        yield pipe.take()
    yield pipe.take()


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    at = at.astimezone(UTC)
    place = (at.year, at.month, at.day, at.hour, at.minute, at.second) if at.year >= 1980 else (1980, 1, 1, 0, 0, 0)
    entry = zipfile.ZipInfo(name, place)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    if abs(at.timestamp()) < 1 << 31:
        entry.extra = extended_timestamp(at)
    return entry


class _Pipe:
    """What a zip writes into, until it is taken out."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self.size += len(piece)
        return len(piece)

    def flush(self) -> None:
        return None

    def take(self) -> bytes:
        """All that was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces, self.size = [], 0
        return taken
