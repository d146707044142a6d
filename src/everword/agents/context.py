"""What a model gets to read: instructions, the conversation so far, quotes from memory, the question.

The stable part comes first, so that a model that keeps what it has read reads only what is new. Plain functions.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from everword.core.types import Label
from everword.memory.markdown import speaker_of
from everword.memory.relative_times import with_dates
from everword.memory.types import Entry, EntryKind, Quote

ANSWER_TOKENS = 1024
_LEAST_RECALL_TOKENS = 80
_MOST_RECALL_TOKENS = 2400
_SLOW_TOKENS_PER_S, _QUICK_TOKENS_PER_S = 40.0, 60.0
_SLOW_WAIT_S, _QUICK_WAIT_S = 3.5, 1.3  # meant until the first word, of a slow reader and a quick one; p95 lies above
_OTHER_S = 0.35  # of that wait: recall, the queue, the first word itself
_FRAME_TOKENS = 24  # the words around quotes and question, and the template
_MOST_DOCUMENT_SHARE = 0.5

INSTRUCTIONS = (
    "You are Everword, an assistant that remembers what its owner said. Answer briefly and plainly. "
    "When quotes from memory are given, answer from them and say the names, dates and numbers exactly as quoted. "
    "If they do not hold the answer, say so. Never invent memories."
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt in the order it is read, and how long its answer may be. `history` is (is_assistant, text) a turn."""

    instructions: str
    history: tuple[tuple[bool, str], ...]
    question: str
    answer_tokens: int


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has; on the safe side for English, short for scripts without spaces."""
    return math.ceil(len(text) / 3.6) + sum(1 for character in text if ord(character) > 0x2E7F)


def recall_budget(reading_tokens_per_s: float | None, question: str) -> int:
    """How many tokens of quotes a model can read, beside the question, before a person has waited too long.

    `None` is a model elsewhere: it reads faster than it matters. Between slow and quick the wait changes evenly, so a
    speed that is measured a little differently changes the budget a little.
    """
    if reading_tokens_per_s is None:
        return _MOST_RECALL_TOKENS
    quickness = (reading_tokens_per_s - _SLOW_TOKENS_PER_S) / (_QUICK_TOKENS_PER_S - _SLOW_TOKENS_PER_S)
    wait_s = _SLOW_WAIT_S + (_QUICK_WAIT_S - _SLOW_WAIT_S) * min(max(quickness, 0.0), 1.0)
    readable = (wait_s - _OTHER_S) * reading_tokens_per_s - estimate_tokens(question) - _FRAME_TOKENS
    return int(min(max(readable, _LEAST_RECALL_TOKENS), _MOST_RECALL_TOKENS))


def assemble(
    branch: Sequence[Entry],
    question: Entry,
    quotes: Sequence[Quote],
    *,
    own_instructions: str,
    context_tokens: int,
    unseen: Sequence[str] = (),
    timezone: str = "UTC",
) -> Prompt:
    """The prompt that answers `question`, with `quotes` that fit their budget already.

    `branch` ends in the question and the texts that were attached to it. The oldest turns are left out where the whole
    does not fit into `context_tokens`; `quotes` never are. `unseen` names
    the pictures that came with the question and that the model cannot see. Days are those of `timezone` (IANA).
    """
    instructions = _instructions(own_instructions)
    at = next(index for index, entry in enumerate(branch) if entry.id == question.id)
    documents = [entry for entry in branch[at:] if entry.kind is EntryKind.DOCUMENT]
    answer_tokens = min(ANSWER_TOKENS, context_tokens // 4)
    room = context_tokens - answer_tokens - estimate_tokens(instructions)
    most = int(room * _MOST_DOCUMENT_SHARE)
    asked = _question(question, [quote_line(quote, timezone) for quote in quotes], documents, unseen, most)
    history = _fitting(branch[:at], room - estimate_tokens(asked))
    return Prompt(instructions, history, asked, answer_tokens)


def ahead(branch: Sequence[Entry], *, own_instructions: str, context_tokens: int) -> Prompt:
    """The stable part of the next prompt, when all of `branch` was said: a model can read it ahead of the question."""
    instructions = _instructions(own_instructions)
    answer_tokens = min(ANSWER_TOKENS, context_tokens // 4)
    room = context_tokens - answer_tokens - estimate_tokens(instructions)
    return Prompt(instructions, _fitting(branch, room), "", answer_tokens)


def _instructions(own: str) -> str:
    return INSTRUCTIONS + (f"\n\n{own.strip()}" if own.strip() else "")


def _question(
    question: Entry, quotes: Sequence[str], documents: Sequence[Entry], unseen: Sequence[str], room: int
) -> str:
    parts = []
    if quotes:
        parts.append("Quotes from memory:\n" + "\n".join(quotes))
    for document in documents:
        share = max(room // len(documents) * 3, 400)
        kept = document.text[:share]
        parts.append(f"The attached file {document.speaker}{_cut(document.text, kept)}:\n{kept}")
    parts += [f"(The picture {name} is attached; you cannot see pictures. Say so.)" for name in unseen]
    parts.append(question.text)
    return "\n\n".join(parts)


def quote_line(quote: Quote, timezone: str) -> str:
    """A quote as a model reads it: when (in `timezone`), who, the words, and what day "yesterday" was."""
    said_at = quote.entry.said_at.astimezone(ZoneInfo(timezone))
    said = with_dates(quote.text.strip(), said_at, timezone)
    return f"{said_at.day} {said_at:%B %Y}, {speaker_of(quote.entry)}: {said}"


def _cut(whole: str, kept: str) -> str:
    return "" if len(kept) == len(whole) else f" (its first {len(kept):,} of {len(whole):,} characters)"


def _fitting(entries: Sequence[Entry], room: int) -> tuple[tuple[bool, str], ...]:
    spoken = [
        (entry.label is Label.ASSISTANT, entry.text)
        for entry in entries
        if entry.kind is EntryKind.MESSAGE and entry.text
    ]
    return fitting(spoken, room)


def fitting(spoken: Sequence[tuple[bool, str]], room: int) -> tuple[tuple[bool, str], ...]:
    """The newest turns that fit. When they no longer do, half of the room is freed at once: so the beginning of the
    prompt stays the same over many turns, and what a model has read of it stays of use."""
    first, used = 0, 0
    for index, (_, text) in enumerate(spoken):
        used += estimate_tokens(text) + 8
        if used > room:
            while first <= index and used > room // 2:
                used -= estimate_tokens(spoken[first][1]) + 8
                first += 1
    while first < len(spoken) and spoken[first][0]:  # begin with the person
        first += 1
    return tuple(spoken[first:])
