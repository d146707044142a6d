"""JSON Lines: one object a line, each read on its own, so that a bad line costs only itself."""

import codecs
import json
from collections.abc import Iterator
from io import BufferedIOBase
from typing import Any

from everword.intake.errors import Damaged
from everword.intake.records import Skipped
from everword.intake.text import encoding_of

_MAX_LINE_BYTES = 64 * 1024 * 1024
_MAX_WIDE_BYTES = 64 * 1024 * 1024


def objects(stream: BufferedIOBase, what: str) -> Iterator[tuple[int, dict[str, Any]] | Skipped]:
    """The number and the object of each line, or why there is none. Empty lines are passed over. Raises Damaged."""
    head = stream.readline(_MAX_LINE_BYTES)
    encoding = encoding_of(head[:65536])
    if encoding is None:
        raise Damaged(what=what, why="it holds bytes that are no text")
    if encoding.startswith(("utf-16", "utf-32")):
        yield from _recoded(head + stream.read(_MAX_WIDE_BYTES), encoding, what)
        return
    number, line = 1, head.removeprefix(codecs.BOM_UTF8)
    while line:
        if len(line) >= _MAX_LINE_BYTES and not line.endswith(b"\n"):
            raise Damaged(what=what, why=f"line {number} is longer than 64 MiB")
        if not line.isspace():
            yield _object(line, number, what)
        number, line = number + 1, stream.readline(_MAX_LINE_BYTES)


def _recoded(content: bytes, encoding: str, what: str) -> Iterator[tuple[int, dict[str, Any]] | Skipped]:
    """The same for UTF-16, which some editors on Windows write; such a file is read whole."""
    if len(content) > _MAX_WIDE_BYTES:
        raise Damaged(what=what, why="it is UTF-16 and longer than 64 MiB; save it as UTF-8")
    for number, line in enumerate(content.decode(encoding, "replace").splitlines(), 1):
        if line and not line.isspace():
            yield _object(line.encode("utf-8", "replace") + b"\n", number, what)


def _object(line: bytes, number: int, what: str) -> tuple[int, dict[str, Any]] | Skipped:
    where = f"{what}, line {number}"
    try:
        text = line.decode()
    except UnicodeDecodeError:
        if encoding_of(line) != "cp1252":
            return Skipped(where, "it holds bytes that are no text")
        text = line.decode("cp1252", "replace")
    try:
        value = json.loads(text)
    except RecursionError:
        return Skipped(where, "it is nested too deeply")
    except ValueError:
        cut = not line.endswith(b"\n")
        return Skipped(where, "it breaks off" if cut else "it is no JSON")
    return (number, value) if isinstance(value, dict) else Skipped(where, "it is no JSON object")
