"""The text in an attachment, read out of it in a process of its own."""

import tempfile
from dataclasses import dataclass
from typing import Any

from everword.intake.documents import kind_of
from everword.intake.errors import ParserCrashed
from everword.intake.supervise import Parser

MAX_BYTES = 20 * 1024 * 1024
_CPU_S = 60


@dataclass(frozen=True, slots=True)
class Extracted:
    """The words in a file. `why_not` says why there are none, or not all; `pages` where it has such."""

    text: str
    pages: int | None = None
    why_not: str | None = None


def can_extract(media_type: str, name: str) -> bool:
    """Whether there may be words to read in a file of this type or name."""
    return kind_of(media_type, name) is not None


def extract_text(content: bytes, media_type: str, name: str) -> Extracted:
    """The text of a PDF or text file. Blocks for up to a minute; never raises over what is in the file."""
    if not can_extract(media_type, name):
        return Extracted("", why_not="files of this type hold no words that can be read")
    if len(content) > MAX_BYTES:
        return Extracted("", why_not="it is larger than 20 MiB")
    return _read({"do": "extract", "media_type": media_type, "name": name, "cpu_s": _CPU_S}, content)


def extract_page(content: bytes, media_type: str, charset: str | None) -> Extracted:
    """The text of a page of the web, menus and forms left out. Blocks and raises as `extract_text`."""
    return _read({"do": "page", "media_type": media_type, "charset": charset, "cpu_s": _CPU_S}, content)


def _read(request: dict[str, Any], content: bytes) -> Extracted:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        try:
            with Parser(request, file) as parser:
                frame = next(parser.frames())
        except (ParserCrashed, StopIteration):
            return Extracted("", why_not="reading it took more memory or time than it may")
    return Extracted(str(frame["text"]), frame.get("pages"), frame.get("why_not"))
