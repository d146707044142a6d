"""Bytes to text: which encoding a file has, and what of a text the ledger cannot hold."""

import codecs
from dataclasses import dataclass

MAX_TEXT_BYTES = 4 * 1024 * 1024
"""The longest text of one entry, in UTF-8; about 1,500 pages."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = frozenset(range(32)) - {0x09, 0x0A, 0x0C, 0x0D, 0x1B}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and the encoding it had."""

    text: str
    encoding: str


def encoding_of(head: bytes) -> str | None:
    """The encoding of a text that begins with `head`: by its mark, by its zeros, by trying. None: it is no text.

    Anything that is not UTF-8 or UTF-16 and holds no control characters is taken for Windows-1252, the usual successor
    of Latin-1.
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if zeros := head.count(0):
        return _utf16_without_mark(head, zeros)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return None if any(byte in _CONTROLS for byte in head) else "cp1252"
    return "utf-8"


def _utf16_without_mark(head: bytes, zeros: int) -> str | None:
    """Latin text in UTF-16 has a zero in every second place, and none in the others."""
    if zeros < len(head) // 4:
        return None
    if not any(head[0::2]):
        return "utf-16-be"
    return "utf-16-le" if not any(head[1::2]) else None


def decode(content: bytes) -> Decoded | None:
    """`content` as text, or None where it is none."""
    encoding = encoding_of(content[:65536])
    if encoding is None:
        return None
    try:
        return Decoded(content.decode(encoding), encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            return None
    return Decoded(content.decode("cp1252", errors="replace"), "cp1252") if b"\0" not in content else None


def storable(text: str) -> str:
    """`text` as any database can hold it: U+0000 becomes its picture (U+2400), half of a pair becomes U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "\u2400")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def is_too_long(text: str) -> bool:
    """Whether `text` is more than one entry holds."""
    return len(text) > MAX_TEXT_BYTES // 4 and len(text.encode()) > MAX_TEXT_BYTES
