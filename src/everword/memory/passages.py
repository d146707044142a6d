"""Splitting long texts into passages, so that the part that answers is found and the rest does not hide it."""

import re

LONGEST = 900
_TARGET = 650
_BREAK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*#>]|\d+[.)]))|(?<=[.!?。！？…])[\"'”’)\]]*\s+|(?<=[。！？])|\n")


def passages(text: str) -> list[tuple[int, int]]:
    """Spans that cover `text` in order: the whole of it up to 900 characters, otherwise pieces of about 650.

    Pieces end where a paragraph, list item or sentence does; a sentence longer than a piece is cut at a space.
    """
    if len(text) <= LONGEST:
        return [(0, len(text))]
    spans: list[tuple[int, int]] = []
    start = 0
    for _, end in _pieces(text):
        if end - start >= _TARGET:
            spans.append((start, end))
            start = end
    if start < len(text):
        if spans and len(text) - start < _TARGET // 3:
            spans[-1] = (spans[-1][0], len(text))
        else:
            spans.append((start, len(text)))
    return spans


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences and lines of `text`, without the space around them; none is empty."""
    spans = []
    for start, end in _split(text):
        piece = text[start:end]
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        if right > left:
            spans.append((left, right))
    return spans


def _split(text: str) -> list[tuple[int, int]]:
    spans = []
    start = 0
    for match in _BREAK.finditer(text):
        if match.end() > start:
            spans.append((start, match.end()))
            start = match.end()
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def _pieces(text: str) -> list[tuple[int, int]]:
    """Sentences, with those longer than a passage cut at spaces."""
    pieces: list[tuple[int, int]] = []
    for start, end in _split(text):
        left = start
        while end - left > LONGEST:
            cut = text.rfind(" ", left + _TARGET // 2, left + LONGEST)
            cut = cut + 1 if cut > left else left + LONGEST
            pieces.append((left, cut))
            left = cut
        pieces.append((left, end))
    return pieces
