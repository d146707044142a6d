"""What recall is compared with: BM25 by itself, static vectors by themselves, and the two fused by reciprocal ranks.

Each has one store per conversation, as those who publish such figures have it, or one for the whole ledger.
"""

import math
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recall.ledger import Ledger
from everword.memory import store
from everword.memory.types import Entry
from everword.memory.words import stems
from everword.weights.embedders import static_embedder

_K1, _B = 0.9, 0.4
_RRF = 60
_AT_ONCE = 100_000
WHOLE = ""


class Peers:
    """The same entries, ranked by each peer."""

    def __init__(self, made: Ledger, entries: Path, *, is_whole: bool = False) -> None:
        with made.database.reading(made.who) as connection:
            all_entries = store.entries_after(connection, made.who, 0, _AT_ONCE)
        names = {conversation_id: name for name, conversation_id in made.conversations.items()}
        self._entries: dict[str, list[Entry]] = defaultdict(list)
        for entry in all_entries:
            if entry.conversation_id is not None:
                self._entries[WHOLE if is_whole else names[entry.conversation_id]].append(entry)
        self._words = {name: _Bm25([entry.text for entry in of_it]) for name, of_it in self._entries.items()}
        embed = static_embedder().embed
        self._vectors = {name: embed([entry.text for entry in of_it]) for name, of_it in self._entries.items()}

    def bm25(self, question: dict[str, Any]) -> list[Entry]:
        """By words alone."""
        return self._ranked(question, self._words[question.get("conversation", WHOLE)].scores(question["question"]))

    def meaning(self, question: dict[str, Any]) -> list[Entry]:
        """By vectors alone."""
        vector = static_embedder().embed([question["question"]])[0]
        return self._ranked(question, self._vectors[question.get("conversation", WHOLE)] @ vector)

    def fused(self, question: dict[str, Any]) -> list[Entry]:
        """Reciprocal rank fusion of the two (Cormack et al. 2009), k = 60."""
        points: dict[int, float] = defaultdict(float)
        by_position = {}
        for ranked in (self.bm25(question), self.meaning(question)):
            for rank, entry in enumerate(ranked, 1):
                points[entry.position] += 1 / (_RRF + rank)
                by_position[entry.position] = entry
        return [by_position[position] for position in sorted(points, key=lambda key: -points[key])]

    def _ranked(self, question: dict[str, Any], scores: Any) -> list[Entry]:
        entries = self._entries[question.get("conversation", WHOLE)]
        return [entries[place] for place in np.argsort(-scores, kind="stable").tolist()]


class _Bm25:
    def __init__(self, texts: list[str]) -> None:
        counts = [Counter(stems(text)) for text in texts]
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
        self._norm = _K1 * (1 - _B + _B * lengths / max(lengths.mean(), 1.0))
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for place, count in enumerate(counts):
            for stem, times in count.items():
                self._postings[stem].append((place, times))

    def scores(self, question: str) -> Any:
        """One score a text."""
        total = np.zeros(len(self._norm))
        for stem in set(stems(question)):
            postings = self._postings.get(stem, [])
            idf = math.log(1 + (len(total) - len(postings) + 0.5) / (len(postings) + 0.5))
            for place, times in postings:
                total[place] += idf * times * (_K1 + 1) / (times + self._norm[place])
        return total
