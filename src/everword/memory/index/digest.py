"""What of an entry goes into the indexes: its passages, their words, and what filters look for."""

from dataclasses import dataclass
from typing import Any

from everword.memory.index.feed_store import Fed
from everword.memory.index.word_query import tags
from everword.memory.passages import passages
from everword.memory.words import terms


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of an entry's text, ready to be indexed; `document` lacks its row."""

    start: int
    end: int
    word_count: int
    document: dict[str, Any]


def split(entry: Fed) -> list[tuple[int, int]]:
    """Where the passages of `entry` begin and end, in order; an entry without text has one that is empty."""
    return passages(entry.text)


def digest(entry: Fed, spans: list[tuple[int, int]] | None = None) -> list[Passage]:
    """The passages of `entry` in order."""
    shared: dict[str, Any] = {
        "tag": tags(entry.kind, entry.label, entry.source, entry.speaker),
        "conversation": entry.conversation or 0,
        "entry": entry.key,
        "said_at": entry.said_at,
        "position": entry.position,
    }
    if entry.root is not None:
        shared["root"] = entry.root
    return [_passage(entry.text[start:end], start, end, shared) for start, end in spans or split(entry)]


def _passage(part: str, start: int, end: int, shared: dict[str, Any]) -> Passage:
    found = terms(part)
    document = {
        **shared,
        "word": " ".join([word.folded for word in found]),
        "stem": " ".join([word.stem for word in found]),
    }
    return Passage(start, end, min(len(found), 65_535), document)
