"""What of an entry goes into the indexes: its passages, their words, and what filters look for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from everword.memory.index.filters import conversation_key, microseconds
from everword.memory.index.word_index import tags
from everword.memory.passages import passages
from everword.memory.types import Entry
from everword.memory.words import words


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of an entry's text, ready to be indexed."""

    start: int
    end: int
    text: str
    word_count: int
    document: dict[str, Any]


def digest(entry: Entry) -> list[Passage]:
    """The passages of `entry` in order; an entry without text has one that is empty."""
    shared = {
        "tag": tags(entry.kind.value, entry.label.value, entry.source, entry.speaker),
        "conversation": conversation_key(entry.conversation_id),
        "root": version_key(entry),
        "said_at": microseconds(entry.said_at),
    }
    return [_passage(entry.text, start, end, shared) for start, end in passages(entry.text)]


def version_key(entry: Entry) -> int:
    """62 random bits of the id that all versions of an entry share."""
    return UUID(entry.first_version).int & ((1 << 62) - 1)


def _passage(text: str, start: int, end: int, shared: dict[str, Any]) -> Passage:
    part = text[start:end]
    found = words(part)
    document = {
        **shared,
        "word": " ".join(word.folded for word in found),
        "stem": " ".join(word.stem for word in found),
    }
    return Passage(start, end, part, min(len(found), 65_535), document)
