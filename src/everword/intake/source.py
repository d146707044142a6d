"""What a format reads from: named streams of bytes, whether they lie in one file or in an archive."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BufferedIOBase
from typing import Protocol
from zoneinfo import ZoneInfo

from everword.intake.records import Skipped


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a source. `path` names it for people and is never opened or written as a path."""

    path: str
    size_bytes: int | None  # as declared; None where only unpacking tells
    modified_at: datetime | None

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]


class Source(Protocol):
    """The bytes of one import."""

    name: str
    skipped: list[Skipped]  # what the source itself could not offer, and why

    def parts(self) -> Sequence[Part]:
        """Its files, in the order they lie there."""

    def open(self, part: Part) -> BufferedIOBase:
        """A stream of the bytes of `part`. Reading raises Damaged or Bomb."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the person who imports says about the file."""

    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    """Where times without a zone were written down."""


class PlainFile:
    """A source that is one file, as it was handed over. `stream` can seek."""

    def __init__(self, name: str, stream: BufferedIOBase, size_bytes: int, modified_at: datetime | None = None) -> None:
        self.name = name
        self.skipped: list[Skipped] = []
        self._stream = stream
        self._part = Part(name, size_bytes, modified_at)

    def parts(self) -> Sequence[Part]:
        """The one file."""
        return [self._part]

    def open(self, part: Part) -> BufferedIOBase:
        """Its bytes, from the start."""
        self._stream.seek(0)
        return self._stream
