"""A folder on this machine as a zip to be imported: what an import can take, and nothing else of it."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from everword.intake.formats.everword import LEDGER
from everword.intake.formats.files import is_document
from everword.intake.source import Part
from everword.intake.zip_stream import Member, zipped

_CHUNK_BYTES = 1 << 20


class Folder:
    """The files of a folder that an import takes, found by walking it once. Links are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        files = sorted(_walk(folder))
        is_export = any(_is_export(path.name) for path in files if path.parent == folder)
        self._paths = [path for path in files if is_export or is_document(self._part(path))]
        self.left_out = Counter(path.suffix.lower() or "no ending" for path in set(files) - set(self._paths))
        """How many files stay where they are, by their ending."""

    def __len__(self) -> int:
        return len(self._paths)

    def zip(self) -> Iterator[bytes]:
        """Their zip, in pieces."""
        return zipped(self._member(path) for path in self._paths)

    def _part(self, path: Path) -> Part:
        return Part(path.relative_to(self._folder).as_posix(), None, None)

    def _member(self, path: Path) -> Member:
        modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return self._part(path).path, _pieces(path), modified_at


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(root, name) for name in names)
        yield from (path for path in paths if path.is_file() and not path.is_symlink())


def _is_export(name: str) -> bool:
    return name == LEDGER or (name.startswith("conversations") and name.endswith(".json"))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK_BYTES):
            yield piece
