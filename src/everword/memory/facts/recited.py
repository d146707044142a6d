"""What was recalled is never learned from again: sentences that repeat what the assistant showed are no evidence."""

from collections.abc import Collection, Sequence

from everword.memory.facts.types import Claim, Spoken
from everword.memory.types import Entry
from everword.memory.words import terms

_LEAST_WORDS = 5


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
        return len(words) >= _LEAST_WORDS and any(f" {' '.join(words)} " in text for text in self._shown)


def _words(text: str) -> list[str]:
    return [term.folded for term in terms(text)]
