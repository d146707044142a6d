"""Text of a life, made up: the same for the same seed and number, however much of it is wanted.

Words follow Zipf's law (small ones apart); the vocabulary grows with the square root of what has been said (Heaps).
Each conversation has words of its own that return in it. A needle is an entry that says where something is kept, of two
words that many others say, but nobody else together.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

BATCH = 10_000
CONVERSATION = 40
NEEDLE_EVERY = 997
START_US = 631_152_000_000_000  # 1990
BETWEEN_CONVERSATIONS_US = 50 * 60 * 1_000_000
BETWEEN_ENTRIES_US = 25 * 1_000_000

_COMMON = [
    "the", "to", "and", "a", "of", "i", "you", "it", "in", "that", "is", "was", "for", "on", "my", "we", "me", "have",
    "but", "not", "with", "he", "so", "they", "this", "at", "be", "do", "she", "are", "just", "what", "like", "if",
    "there", "about", "all", "had", "out", "up", "one", "when", "get", "know", "said", "really", "your", "will",
    "from", "or", "can", "no", "would", "time", "them", "how", "go", "then", "now", "her", "his", "been", "were",
    "more", "an", "think", "some", "because",
]  # fmt: skip
_COMMON_SHARE = 0.45  # of all words said
_TOPIC_SHARE = 0.3
_FLAT = 50  # the commonest word that is not a small one is a third of a percent of the others
_TOPIC_WORDS = 24
_CONSONANTS = [
    "b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "br", "ch", "dr", "fl", "gr",
    "kl", "pr", "sh", "st", "tr",
]  # fmt: skip
_VOWELS = [
    "a", "e", "i", "o", "u", "ai", "ea", "ou",
]  # fmt: skip
_PEOPLE = [
    "Anna", "Ben", "Carla", "Deniz", "Elif", "Farid", "Greta", "Hanna", "Ivan", "Jonas", "Kira", "Luis", "Mara",
    "Nils", "Olga", "Pavel", "Rosa", "Samir", "Tessa", "Ulrich", "Vera", "Wanda", "Yusuf", "Zoe", "Amir", "Britta",
    "Chen", "Dora", "Emil", "Freya", "Gustav", "Hilde", "Igor", "Judith", "Karim", "Lena", "Milan", "Nora", "Otto",
    "Petra",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """One entry to be: who (empty: the owner), when, what, and the number of its conversation."""

    number: int
    conversation: int
    speaker: str
    is_assistant: bool
    said_at_us: int
    text: str


@dataclass(frozen=True, slots=True)
class Needle:
    """Something to ask for, and the number of the one entry that answers it."""

    number: int
    question: str
    text: str


def batch(seed: int, index: int) -> list[Said]:
    """The entries from `index` times BATCH on."""
    chance = np.random.default_rng([seed, index])
    first = index * BATCH
    lengths = np.minimum(2 + chance.gamma(2.0, 6.5, BATCH).astype(int), 60)
    is_long = chance.random(BATCH) < 0.015
    lengths[is_long] = chance.integers(100, 320, int(is_long.sum()))
    known = vocabulary_at(first)
    topics = _ranks(chance, (BATCH // CONVERSATION, _TOPIC_WORDS), known)
    total = int(lengths.sum())
    of_entry = np.repeat(np.arange(BATCH), lengths)
    ranks = _ranks(chance, (total,), known)
    kind = chance.random(total)
    own = topics[of_entry // CONVERSATION, chance.integers(0, _TOPIC_WORDS, total)]
    ranks = np.where(kind < _TOPIC_SHARE, own, ranks)
    common = (len(_COMMON) ** chance.random(total)).astype(int) - 1
    ranks = np.where(kind > 1 - _COMMON_SHARE, -1 - common, ranks).tolist()
    who = chance.random(BATCH)
    people = (len(_PEOPLE) ** chance.random(BATCH // CONVERSATION)).astype(int) - 1
    ends = np.cumsum(lengths).tolist()
    said, start = [], 0
    for at, end in enumerate(ends):
        text = " ".join(map(word, ranks[start:end])).capitalize() + ("?" if who[at] % 0.1 < 0.02 else ".")
        said.append(_said(first + at, text, float(who[at]), _PEOPLE[people[at // CONVERSATION]], bool(is_long[at])))
        start = end
    for needle in needles(seed, first, first + BATCH):
        old = said[needle.number - first]
        said[needle.number - first] = _said(old.number, needle.text, 0.0, "", is_long=False)
    return said


def _said(number: int, text: str, who: float, person: str, is_long: bool) -> Said:
    conversation = number // CONVERSATION
    at = START_US + conversation * BETWEEN_CONVERSATIONS_US + number % CONVERSATION * BETWEEN_ENTRIES_US
    is_assistant = is_long or who > 0.85
    speaker = "assistant" if is_assistant else "" if who < 0.45 else person
    return Said(number, conversation, speaker, is_assistant, at, text)


def needles(seed: int, first: int, end: int) -> list[Needle]:
    """Those among the entries from `first` up to `end`."""
    found = []
    for number in range(first + -first % NEEDLE_EVERY, end, NEEDLE_EVERY):
        chance = np.random.default_rng([seed, number, 1])
        what, kind, place = (word(int(rank)) for rank in chance.integers(800, 30_000, 3))
        text = f"By the way, I keep the {what} {kind} behind the {place}."
        found.append(Needle(number, f"Where do I keep the {what} {kind}?", text))
    return found


def questions(seed: int, size: int, count: int) -> list[str]:
    """Questions as people ask them of `size` entries: a few words of something said, often who said it or when."""
    chance = np.random.default_rng([seed, size, 2])
    asked = []
    for index in range(count):
        of_it = batch(seed, int(chance.integers(0, max(size // BATCH, 1))))[int(chance.integers(0, BATCH))]
        words = [each.strip(".?").lower() for each in of_it.text.split()[:40]]
        start = int(chance.integers(0, max(len(words) - 6, 1)))
        about = " ".join(words[start : start + 7])
        person = _PEOPLE[int(len(_PEOPLE) ** chance.random()) - 1]
        year = 1990 + (of_it.said_at_us - START_US) // (365 * 86_400_000_000)
        forms = (
            f"What did {person} say about {about}?",
            f"What was {about}?",
            f"What was that about {about} in {year}?",
        )
        asked.append(forms[index % 3])
    return asked


def vocabulary_at(number: int) -> int:
    """How many different words have been said by then."""
    return 30_000 + int(200 * number**0.5)


def _ranks(chance: np.random.Generator, shape: tuple[int, ...], known: int) -> Any:
    drawn = _FLAT * ((known + _FLAT) / _FLAT) ** chance.random(shape)  # Zipf's law as Mandelbrot has it
    return (drawn - _FLAT).astype(int)


@cache
def word(rank: int) -> str:
    """The word of a rank; negative ranks are the common ones."""
    if rank < 0:
        return _COMMON[-1 - rank]
    syllables = []
    rest = rank + 40
    while rest:
        rest, which = divmod(rest, len(_CONSONANTS) * len(_VOWELS))
        syllables.append(_CONSONANTS[which % len(_CONSONANTS)] + _VOWELS[which // len(_CONSONANTS)])
    return "".join(syllables) + ("n" if len(syllables) == 1 else "")
