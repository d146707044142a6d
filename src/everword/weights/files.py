"""Files of weights on disk: their hash, and names that appear only with the whole file behind them."""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

CHUNK_BYTES = 1 << 20


def sha256_of(path: Path, check_stop: Callable[[], None] = lambda: None) -> str:
    """The SHA-256 of a file, in hex. `check_stop` is called with each chunk and may raise."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            check_stop()
            digest.update(chunk)
    return digest.hexdigest()


def link_or_copy(source: Path, target: Path) -> None:
    """A second name for the same bytes where the disk allows it, else a copy that appears whole."""
    draft = target.with_name(f"{target.name}.link.part")
    draft.unlink(missing_ok=True)
    try:
        os.link(source.resolve(), draft)
    except OSError:
        shutil.copyfile(source, draft)
    draft.replace(target)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder outlive a power cut. Does nothing on Windows, which has no such call."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def in_words(count: int) -> str:
    """A number of bytes for a person."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
