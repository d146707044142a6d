"""Which words of another text repeat what is forgotten, and that text without them. Plain functions over texts."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from everword.memory.words import Word, is_stop_word, words

BLACKED_OUT = "[forgotten]"
"""What stands in a redacted text where words were."""
RUN = 4
"""So many words in a row of what somebody said, two of them telling something, are no accident."""
LONG_RUN = 8
"""So many of what a model wrote, whose phrases return by themselves."""
_MOST_WORDS = 500_000  # of the forgotten texts, of which runs are remembered
_LONG = 8
_CODE = 5
_BETWEEN = re.compile(r"[\s\W_]*", re.UNICODE)
_NAME = re.compile(r"(?<![.!?:\s])\s+(\w[\w'’-]*)", re.UNICODE)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Phrases:
    """What gives a repetition away: runs of words, and words (folded) that hardly anybody else says.

    `strong` words do so wherever they stand, `weak` ones only in a text known to have come of what is forgotten.
    """

    runs: frozenset[tuple[str, ...]] = frozenset()
    strong: frozenset[str] = field(default_factory=frozenset)
    weak: frozenset[str] = field(default_factory=frozenset)

    def spans(self, text: str, *, closely: bool = False) -> list[Span]:
        """The spans of `text` that repeat; neighbouring ones are one. `closely` counts weak words, too."""
        found = words(text)
        marked = [self._is_telling(word.folded, closely=closely) for word in found]
        for first, size in _runs_in(found, self.runs):
            marked[first : first + size] = [True] * size
        spans: list[Span] = []
        for word, is_marked in zip(found, marked, strict=True):
            if not is_marked:
                continue
            if spans and (word.start < spans[-1][1] or _BETWEEN.fullmatch(text, spans[-1][1], word.start)):
                spans[-1] = (spans[-1][0], max(word.end, spans[-1][1]))
            else:
                spans.append((word.start, word.end))
        return spans

    def _is_telling(self, folded: str, *, closely: bool) -> bool:
        return folded in self.strong or (closely and folded in self.weak)


def runs_of(texts: Iterable[str], longest: int = RUN) -> frozenset[tuple[str, ...]]:
    """Every run of `longest` words of those texts that tells something; a short text is one run by itself."""
    runs: set[tuple[str, ...]] = set()
    left = _MOST_WORDS
    for text in texts:
        folded = [word.folded for word in words(text)]
        left -= len(folded)
        if left < 0:
            break
        size = min(longest, len(folded))
        for first in range(len(folded) - size + 1):
            run = tuple(folded[first : first + size])
            if sum(not is_stop_word(word) for word in set(run)) >= 2:
                runs.add(run)
    return frozenset(runs)


def pairs_of(texts: Iterable[str], telling: Collection[str]) -> frozenset[tuple[str, ...]]:
    """Every two words of those texts that stand side by side and both are among `telling` (folded)."""
    pairs: set[tuple[str, ...]] = set()
    left = _MOST_WORDS
    for text in texts:
        folded = [word.folded for word in words(text)]
        left -= len(folded)
        if left < 0:
            break
        pairs |= {(one, two) for one, two in pairwise(folded) if one != two and one in telling and two in telling}
    return frozenset(pairs)


def is_code(word: str) -> bool:
    """Whether a word is a number or a code that nobody says by accident: five signs at least, one of them a figure."""
    return len(word) >= _CODE and any(character.isdigit() for character in word)


def is_particular(word: str, names: Collection[str]) -> bool:
    """Whether a word (folded) is a number, a name or long: not one that people say by accident."""
    return word in names or len(word) >= _LONG or any(character.isdigit() for character in word)


def names_in(text: str) -> set[str]:
    """The words of `text`, folded, that begin with a capital where no sentence begins."""
    found = [match[1] for match in _NAME.finditer(text) if match[1][:1].isupper()]
    return {word.folded for name in found for word in words(name)}


def redacted(text: str, spans: Iterable[Span]) -> str:
    """`text` with each span blacked out."""
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += [text[at:start], BLACKED_OUT]
        at = end
    return "".join([*parts, text[at:]])


def moved(place: int, spans: Iterable[Span]) -> int:
    """Where a place in a text is once the spans are blacked out."""
    by = 0
    for start, end in spans:
        if place >= end:
            by += len(BLACKED_OUT) - (end - start)
        elif place > start:
            return start + by + len(BLACKED_OUT)
    return place + by


def excerpts(text: str, telling: Collection[str], limit: int) -> list[str]:
    """Up to `limit` runs of the text as it was written, around a telling word each: what to look for afterwards."""
    found = words(text)
    cut: list[str] = []
    until = -1
    for at, word in enumerate(found):
        if word.folded in telling and word.start > until:
            first, last = found[max(0, at - 2)], found[min(len(found) - 1, at + 2)]
            excerpt = text[first.start : last.end]
            if "\n" not in excerpt and len(excerpt) <= 80:
                cut.append(excerpt)
                until = last.end
        if len(cut) == limit:
            break
    return cut


def _runs_in(found: list[Word], runs: Collection[tuple[str, ...]]) -> Iterable[tuple[int, int]]:
    folded = [word.folded for word in found]
    for size in sorted({len(run) for run in runs}):
        for first in range(len(folded) - size + 1):
            if tuple(folded[first : first + size]) in runs:
                yield first, size
