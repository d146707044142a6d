"""What was recalled is never learned from again: sentences that repeat what the assistant showed are no evidence."""

from collections.abc import Collection, Sequence
from math import ceil

from everword.memory.facts.types import Claim, Spoken
from everword.memory.types import Entry
from everword.memory.words import terms

_LEAST_WORDS = 5
_MOST_OF_IT = 0.7


class Recited:
    """Sentences of one entry, held against what its speaker had been shown in the conversation."""

    def __init__(self, entry: Entry, shown: Collection[str]) -> None:
        self._entry = entry
        self._shown = [f" {' '.join(_words(text))} " for text in shown]

    def without(self, claims: Sequence[Claim]) -> list[Claim]:
        """The claims whose quote is the speaker's own."""
        return [claim for claim in claims if not self._has(claim.start, claim.end)]

    def without_promises(self, spoken: Sequence[Spoken]) -> list[Spoken]:
        """The promises whose quote is the speaker's own."""
        return [each for each in spoken if not self._has(each.start, each.end)]

    def _has(self, start: int, end: int) -> bool:
        words = _words(self._entry.text[start:end])
        size = max(_LEAST_WORDS, ceil(len(words) * _MOST_OF_IT))
        runs = [f" {' '.join(words[first : first + size])} " for first in range(len(words) - size + 1)]
        return any(run in text for run in runs for text in self._shown)


def _words(text: str) -> list[str]:
    return [term.folded for term in terms(text)]
