"""The folder: made with care, owned by one process at a time."""

import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from everword.core.errors import EverwordError
from everword.storage.errors import FolderInUse

if TYPE_CHECKING:
    from filelock import BaseFileLock


class FolderUnusable(EverwordError):
    """The folder {folder} cannot be used: {why}. Set EVERWORD_HOME to a folder of yours that can be written."""

    code = "folder_unusable"
    status = 503


class FolderLock:
    """Owning the folder: held from the start to the end of the process, also by a crash ended. Raises FolderInUse."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock: BaseFileLock | None = None

    def __enter__(self) -> "FolderLock":
        from filelock import FileLock, Timeout

        prepare(self._folder)
        self._lock = FileLock(self._folder / "everword.lock", mode=0o600)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise FolderInUse(folder=self._folder, pid=_owner(self._folder)) from error
        (self._folder / "everword.pid").write_text(str(os.getpid()))
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        (self._folder / "everword.pid").unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.release()


def prepare(folder: Path) -> None:
    """Make the folder, and let what this process makes be for its owner's eyes only. Raises FolderUnusable."""
    os.umask(0o077)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise FolderUnusable(folder=folder, why=error.strerror or str(error)) from error


def _owner(folder: Path) -> str:
    try:
        return (folder / "everword.pid").read_text().strip()
    except OSError:
        return "unknown"
