"""Reading a JSON array of any length one element at a time.

The window that is decoded grows only as far as one element needs. A streaming parser from outside (ijson) was measured
against this: it is slower (69 against 92 MB/s) and takes memory quadratic in the depth of nesting, so that 200 kB of
brackets take every byte of the machine; here the decoder's own recursion limit ends that.
"""

import codecs
import json
import re
from collections.abc import Iterator
from io import BufferedIOBase
from typing import Any

from everword.intake.errors import Damaged
from everword.intake.text import encoding_of

_CHUNK_BYTES = 1 << 18
_MAX_ELEMENT_CHARS = 64 * 1024 * 1024
_DECODER = json.JSONDecoder(strict=False)  # some exporters leave control characters in texts
_BLANKS = re.compile(r"[ \t\r\n]*")
_BETWEEN = re.compile(r"[ \t\r\n,]*")


class _Window:
    """The part of the text that is in memory, from the element that is being read.

    It reads with `read1`, which gives what there is: `read` would lose it when the stream breaks off behind it.
    """

    def __init__(self, stream: BufferedIOBase, what: str) -> None:
        self._stream = stream
        self._what = what
        head = stream.read1(_CHUNK_BYTES)
        encoding = encoding_of(head)
        if encoding is None:
            raise Damaged(what=what, why="it holds bytes that are no text")
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self.text = self._decoder.decode(head, not head)
        self.at = 0
        self.is_complete = not head

    def grow(self, characters: int) -> None:
        """Forget what was read, and have at least `characters` more, if there are that many."""
        parts = [self.text[self.at :]]
        self.at = 0
        while characters > 0 and not self.is_complete:
            chunk = self._stream.read1(_CHUNK_BYTES)
            self.is_complete = not chunk
            parts.append(self._decoder.decode(chunk, self.is_complete))
            characters -= len(parts[-1])
        self.text = "".join(parts)

    def peek(self, skipping: re.Pattern[str]) -> str:
        """The next character behind what `skipping` matches; "" at the end."""
        while True:
            if (blanks := skipping.match(self.text, self.at)) is not None:
                self.at = blanks.end()
            if self.at < len(self.text):
                return self.text[self.at]
            if self.is_complete:
                return ""
            self.grow(1)

    def decode(self) -> Any:
        """The value that begins here. Raises Damaged."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except RecursionError:
                raise Damaged(what=self._what, why="it is nested too deeply") from None
            except ValueError as error:
                self._need_more(error)
            else:
                if isinstance(value, int | float) and self._may_go_on(end):
                    self.grow(_CHUNK_BYTES)
                    continue
                self.at = end
                return value

    def _may_go_on(self, end: int) -> bool:
        """Whether a number that ends here may be the beginning of a longer one."""
        return not self.is_complete and self.text[end : end + 1] not in tuple(",]} \t\r\n")

    def _need_more(self, error: ValueError) -> None:
        """Read on where the value may only be incomplete; raise Damaged where it is wrong."""
        rest = len(self.text) - self.at
        if self.is_complete:
            raise Damaged(what=self._what, why="it ends in the middle of an element") from None
        if not _may_be_incomplete(error, len(self.text)):
            raise Damaged(what=self._what, why=f"it is no JSON ({error})") from None
        if rest > _MAX_ELEMENT_CHARS:
            raise Damaged(what=self._what, why="one element of it is larger than 64 million characters") from None
        self.grow(max(rest, _CHUNK_BYTES))  # doubling: decoding again stays linear in all


def _may_be_incomplete(error: ValueError, length: int) -> bool:
    if not isinstance(error, json.JSONDecodeError):
        return False  # a number of thousands of digits
    return error.msg.startswith("Unterminated string") or error.pos >= length - 16


def elements(stream: BufferedIOBase, what: str) -> Iterator[Any]:
    """The elements of the JSON array in `stream`, each decoded when it is asked for.

    A single object is taken for an array of it. `what` names the stream in errors. Raises Damaged, after everything
    before the damage was given.
    """
    window = _Window(stream, what)
    first = window.peek(_BLANKS)
    if first == "{":
        yield window.decode()
        return
    if first != "[":
        raise Damaged(what=what, why="it is no JSON array")
    window.at += 1
    while (next_one := window.peek(_BETWEEN)) != "]":
        if not next_one:
            raise Damaged(what=what, why="it ends before its last element")
        yield window.decode()


def first_element(stream: BufferedIOBase, what: str) -> Any:
    """The first element, or None where there is none or it cannot be read."""
    try:
        return next(elements(stream, what), None)
    except Damaged:
        return None
