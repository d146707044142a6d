"""The folder where files wait for their import: written as they arrive, read by the parser, removed when delivered."""

import errno
import hashlib
import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from everword.core.ids import ImportId
from everword.intake.errors import ImportTooLarge, NoRoom

_RESERVE_BYTES = 256 * 1024**2
_BUFFER_BYTES = 1 << 20


class Spool:
    """The files of imports, by the ids of their jobs."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def path(self, job: ImportId) -> Path:
        """Where the file of a job lies."""
        return self._folder / job

    def has(self, job: ImportId) -> bool:
        """Whether the file of a job lies here: of several processes, the one that took it has it."""
        return self.path(job).exists()

    def receive(self, job: ImportId, announced_bytes: int | None) -> "Arriving":
        """Begin to write the file of a job. Raises ImportTooLarge or NoRoom, early where the size was announced."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if announced_bytes is not None and announced_bytes > self._max_bytes:
            raise ImportTooLarge(limit=_in_words(self._max_bytes))
        free = shutil.disk_usage(self._folder).free
        needed = 2 * (announced_bytes or 0) + _RESERVE_BYTES  # the file, and what it becomes in the ledger
        if free < needed:
            raise NoRoom(needed=_in_words(needed), free=_in_words(free))
        return Arriving(self.path(job), self._max_bytes)

    def remove(self, job: ImportId) -> None:
        """Forget the file of a job, if it is there."""
        self.path(job).unlink(missing_ok=True)

    def keep_only(self, jobs: Collection[ImportId]) -> None:
        """Remove every file but those of `jobs`: what a crash left behind."""
        if self._folder.is_dir():
            for path in self._folder.iterdir():
                if path.name not in jobs:
                    path.unlink(missing_ok=True)


class Arriving:
    """A file that is being received. It has its final name only once it is whole and on the disk."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._max_bytes = max_bytes
        self._digest = hashlib.sha256()
        self.size_bytes = 0
        self._file: BinaryIO = self._part.open("wb", buffering=_BUFFER_BYTES)

    def write(self, chunk: bytes) -> None:
        """Add to the file. Raises ImportTooLarge or NoRoom, and then nothing is left of it."""
        self.size_bytes += len(chunk)
        if self.size_bytes > self._max_bytes:
            self.abandon()
            raise ImportTooLarge(limit=_in_words(self._max_bytes))
        self._digest.update(chunk)
        try:
            self._file.write(chunk)
        except OSError as error:
            raise self._no_room(error) from error

    def finish(self) -> bytes:
        """Put it in its place. Returns its SHA-256."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise self._no_room(error) from error
        self._part.replace(self._path)
        return self._digest.digest()

    def abandon(self) -> None:
        """Leave nothing of it."""
        try:
            self._file.close()
        except OSError:
            self._file = self._part.open("ab")  # what was buffered found no room and is given up
            self._file.close()
        self._part.unlink(missing_ok=True)

    def _no_room(self, error: OSError) -> Exception:
        self.abandon()
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            free = shutil.disk_usage(self._path.parent).free
            return NoRoom(needed=_in_words(self.size_bytes), free=_in_words(free))
        return error


def _in_words(size: int) -> str:
    for unit, factor in (("GB", 10**9), ("MB", 10**6)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size // 1000} kB"
