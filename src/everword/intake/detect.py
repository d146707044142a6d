"""Which format a file has, found by looking into it; its name is only a hint between text and text."""

import io
import zipfile
from datetime import datetime
from typing import Any

from everword.intake.archive import Archive
from everword.intake.errors import Damaged, UnknownFormat
from everword.intake.formats import chatgpt, claude, entries, everword, files
from everword.intake.formats.lines import objects
from everword.intake.json_stream import first_element
from everword.intake.source import Part, PlainFile, Reading, Source
from everword.intake.text import encoding_of

_HEAD_BYTES = 65536


def open_source(
    name: str, stream: io.BufferedIOBase, size_bytes: int, modified_at: datetime | None, reading: Reading
) -> Source:
    """The stream as a source: an archive where its first bytes say so. Raises Bomb or UnknownFormat."""
    head = stream.read(4)
    stream.seek(0)
    if not size_bytes:
        raise UnknownFormat(why="the file is empty")
    if head.startswith(b"PK\x03\x04") or zipfile.is_zipfile(stream):
        return Archive(name, stream, reading.time_zone)
    return PlainFile(name, stream, size_bytes, modified_at)


def detect(source: Source) -> str:
    """The name of the format. Raises UnknownFormat, saying what was seen."""
    parts = source.parts()
    if not parts:
        raise UnknownFormat(why="the archive holds no file that can be read")
    ours = [part for part in parts if part.name == everword.LEDGER]
    talks = [part for part in parts if part.name.lower().startswith("conversations") and part.name.endswith(".json")]
    for part in (*ours, *sorted(talks, key=lambda part: part.path), *(parts if len(parts) == 1 else ())):
        found = _by_content(source, part)
        if found is not None:
            return found
    if any(files.is_document(part) for part in parts):
        return "files"
    if all(part.path.lower().endswith((".jsonl", ".ndjson")) for part in parts):
        return "entries"
    if len(parts) == 1:
        return _plain_text(source, parts[0])
    endings = sorted({part.name.rpartition(".")[2].lower()[:12] for part in parts})[:6]
    raise UnknownFormat(why=f"an archive of {len(parts)} files ({', '.join(endings)})")


def _by_content(source: Source, part: Part) -> str | None:
    """What the first object in a file shows."""
    if part.path.lower().endswith(files.ENDINGS):
        return None
    for element in (_first_line(source, part), first_element(_start(source, part), part.path)):
        for name, recognises in (
            ("everword", everword.recognises),
            ("chatgpt", chatgpt.recognises),
            ("claude", claude.recognises),
            ("entries", entries.recognises),
        ):
            if recognises(element):
                return name
    return None


def _first_line(source: Source, part: Part) -> Any:
    """The object in the first lines that hold one; a whole array on one line is not waited for."""
    head = _start(source, part).read(_HEAD_BYTES)
    try:
        for line in objects(io.BytesIO(head), part.path):
            if isinstance(line, tuple):
                return line[1]
    except Damaged:
        return None
    return None


def _start(source: Source, part: Part) -> io.BufferedIOBase:
    try:
        return source.open(part)
    except Damaged:
        return io.BytesIO()


def _plain_text(source: Source, part: Part) -> str:
    """A single file of any name that reads as text is a document."""
    try:
        head = _start(source, part).read(_HEAD_BYTES)
    except Damaged:
        head = b"\0"
    if head.lstrip()[:1] in (b"{", b"[") and part.path.lower().endswith((".json", ".jsonl", ".ndjson")):
        raise UnknownFormat(why="JSON of another shape")
    if encoding_of(head) is None:
        raise UnknownFormat(why="a file that is neither text nor a zip")
    return "files"
