"""A folder of Markdown and text: each file is one document, kept verbatim and split by nothing."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from everword.intake.errors import Damaged
from everword.intake.records import Message, Record, Role, Skipped
from everword.intake.source import Part, Reading, Source
from everword.intake.text import MAX_TEXT_BYTES, decode
from everword.intake.times import from_iso

SOURCE = "files"
ENDINGS = (".md", ".markdown", ".mdown", ".txt", ".text", ".rst", ".org")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([A-Za-z_-]+)[ \t]*:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_DATES = ("date", "created", "created_at", "updated")


def is_document(part: Part) -> bool:
    """Whether a file is one that this format keeps."""
    return part.path.lower().endswith(ENDINGS) and not is_hidden(part.path)


def is_hidden(path: str) -> bool:
    """Whether a file is a program's own: in a folder or with a name that begins with a dot, or a Mac's fork."""
    names = [name for name in path.split("/") if name not in (".", "..")]
    return any(name.startswith((".", "__MACOSX")) for name in names)


def parse(source: Source, reading: Reading) -> Iterator[Record]:
    """One document for each text file, in the order of their paths, and a note for every kind of other file."""
    parts = sorted(source.parts(), key=lambda part: part.path)
    root = _shared_folder(parts)
    others: Counter[str] = Counter()
    is_single = len(parts) == 1
    for part in parts:
        if is_document(part) or is_single:
            yield _document(source, part, part.path.removeprefix(root), reading)
        else:
            others[_kind(part)] += 1
    for kind, count in others.items():
        yield Skipped(kind, "only Markdown and text are taken from a folder", count)


def _document(source: Source, part: Part, path: str, reading: Reading) -> Record:
    try:
        with source.open(part) as stream:
            content = stream.read(MAX_TEXT_BYTES + 1)
    except Damaged as error:
        return Skipped(path, error.message)
    if len(content) > MAX_TEXT_BYTES:
        return Skipped(path, "its text is longer than 4 MiB")
    decoded = decode(content)
    if decoded is None:
        return Skipped(path, "it holds bytes that are no text")
    if not decoded.text.strip():
        return Skipped(path, "it is empty")
    fields = _front_matter(decoded.text)
    heading = _HEADING.search(decoded.text)
    title = fields.get("title") or (heading.group(1) if heading else part.name.rsplit(".", 1)[0])
    return Message(
        external_id=f"{path}#{hashlib.sha256(content).hexdigest()[:16]}",
        source=SOURCE,
        role=Role.PERSON,
        speaker=fields.get("author", ""),
        text=decoded.text,
        said_at=_written_at(fields, part, reading),
        kind="document",
        details={"title": title[:300], "path": path},
    )


def _front_matter(text: str) -> dict[str, str]:
    """The simple `name: value` lines of a block between `---` at the top; quotes around a value fall away."""
    block = _FRONT_MATTER.match(text[:16384])
    return {name.lower(): value.strip("'\"") for name, value in _FIELD.findall(block.group(1))} if block else {}


def _written_at(fields: dict[str, str], part: Part, reading: Reading) -> datetime | None:
    for name in _DATES:
        if (instant := from_iso(fields.get(name), reading.time_zone)) is not None:
            return instant
    return part.modified_at


def _shared_folder(parts: Sequence[Part]) -> str:
    """The one folder that everything lies in, so that a folder and a zip of it give the same paths."""
    tops = {part.path.partition("/")[0] for part in parts if not is_hidden(part.path)}
    return f"{tops.pop()}/" if len(tops) == 1 and all("/" in p.path for p in parts if not is_hidden(p.path)) else ""


def _kind(part: Part) -> str:
    if is_hidden(part.path):
        return "hidden files"
    name, dot, ending = part.name.rpartition(".")
    return f".{ending.lower()[:16]} files" if name and dot else "files without an ending"
