"""What the ranker looks at: cheap features of each candidate, from the indexes and from its words."""

import itertools
import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from everword.core.ids import ConversationId
from everword.core.types import Label
from everword.memory.candidates import Candidates
from everword.memory.index.filters import KINDS, LABELS, conversation_key, microseconds
from everword.memory.likeness import Likeness
from everword.memory.question import Question
from everword.memory.types import Entry, EntryKind
from everword.memory.words import Word, is_stop_word, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_K1, _B = 0.9, 0.4  # of BM25, for short texts
_DAY_US = 86_400_000_000
_TIME_WORDS = re.compile(
    r"\b(yesterday|today|tomorrow|tonight|last|next|ago|week|weekend|month|year|since|recently|monday|tuesday|wednesday|"
    r"thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|"
    r"december|(?:19|20)\d\d|\d{1,2}(?:st|nd|rd|th)|\d{1,2}:\d\d)\b",
    re.IGNORECASE,
)

#: Those that the rows alone give, and those that need the words.
ROW_FEATURES = (
    "words_z", "words_share", "meaning_z", "meaning",
    "words_1_away", "words_2_away", "meaning_1_away", "session_words", "session_meaning",
    "is_speaker_named", "is_other_than_named", "in_time", "near_time", "is_asker", "is_assistant", "is_document",
    "log_length", "is_short", "log_age", "is_here",
)  # fmt: skip
TEXT_FEATURES = (
    "coverage", "coverage_z", "soft_coverage", "rarest", "pairs", "names", "context_coverage", "is_question", "is_first_person",
    "gives_time", "gives_number",
)  # fmt: skip
FEATURES = ROW_FEATURES + TEXT_FEATURES


@dataclass(frozen=True, slots=True)
class Rarity:
    """How rare the words of a question are in a space: inverse document frequencies (Robertson and Sparck Jones)."""

    idf: dict[str, float]
    most: float  # the idf of a word that one passage has
    average_words: float

    def of(self, stem: str) -> float:
        """The idf of a stem of the question."""
        return self.idf.get(stem, self.most)


def rarity(candidates: Candidates, question: Question) -> Rarity:
    """The rarity of the question's words where the candidates come from."""
    rows = candidates.rows
    count = max(len(rows), 1)
    frequencies = {stem: candidates.index.words.frequency(stem) for stem in question.search_stems}
    idf = {stem: math.log(1 + (count - found + 0.5) / (found + 0.5)) for stem, found in frequencies.items()}
    average = float(rows["words"][-20_000:].mean()) if len(rows) else 1.0
    return Rarity(idf, math.log(1 + (count - 0.5) / 1.5), max(average, 1.0))


def row_features(
    candidates: Candidates, question: Question, rare: Rarity, now: datetime, here: ConversationId | None = None
) -> "NDArray[np.float64]":
    """Shape (len(candidates), len(ROW_FEATURES)). `here` is the conversation in which it is asked."""
    import numpy as np

    rows = candidates.rows[candidates.best]
    possible = sum(rare.of(stem) for stem in question.search_stems) * 2.2 or 1.0
    share = candidates.words / possible
    away = _away(candidates, share)
    meaning_away = _away(candidates, np.maximum(candidates.meaning, 0))
    session_words, session_meaning = _session(candidates, share), _session(candidates, candidates.meaning)
    is_named, is_other = _named(candidates, question, rows)
    in_time, near_time = _timed(rows, question)
    label = rows["label"]
    length = rows["words"].astype(np.float64)
    age = np.maximum(microseconds(now) - rows["said_at"], 0) / _DAY_US
    columns = [
        _z(candidates.words), share, _z(candidates.meaning), candidates.meaning,
        away[0], away[1], meaning_away[0], session_words, session_meaning,
        is_named, is_other, in_time, near_time,
        (label == LABELS.index(Label.OWNER)) & question.is_first_person,
        label == LABELS.index(Label.ASSISTANT), rows["kind"] == KINDS.index(EntryKind.DOCUMENT),
        np.log1p(length) / 5, length < 5, np.log1p(age) / 8,
        (rows["conversation"] == conversation_key(here)) & (here is not None),
    ]  # fmt: skip
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def _z(values: "NDArray[Any]") -> "NDArray[np.float64]":
    import numpy as np

    spread = float(values.std()) if len(values) else 0.0
    scores: NDArray[np.float64] = (values - values.mean()) / spread if spread > 1e-9 else np.zeros(len(values))
    return scores


def _away(candidates: Candidates, values: "NDArray[Any]") -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """The sum of `values` over the entries one step and two steps away in the conversation."""
    import numpy as np

    at = {head: place for place, head in enumerate(candidates.heads.tolist())}
    near = np.zeros((2, len(candidates)))
    for field in ("previous", "next"):
        step = candidates.heads
        for distance in range(2):
            step = np.where(step >= 0, candidates.rows[field][step], -1).astype(np.int64)
            step = np.where(step < len(candidates.rows), step, -1)
            places = np.array([at.get(head, -1) for head in step.tolist()], dtype=np.int64)
            near[distance] += np.where(places >= 0, values[places], 0.0) if len(values) else 0.0
    return near[0], near[1]


def _session(candidates: Candidates, values: "NDArray[Any]") -> "NDArray[np.float64]":
    """The mean of the three best `values` among the candidates of the same sitting."""
    import numpy as np

    sessions = candidates.rows["session"][candidates.heads]
    _, which = np.unique(sessions, return_inverse=True)
    order = np.lexsort((-values, which))
    total = np.zeros(int(which.max(initial=-1)) + 1)
    taken = np.zeros(len(total), dtype=np.int64)
    for place in order.tolist():
        group = which[place]
        if taken[group] < 3:
            total[group] += max(float(values[place]), 0.0)
            taken[group] += 1
    means: NDArray[np.float64] = (total / 3)[which]
    return means


def _named(candidates: Candidates, question: Question, rows: "NDArray[Any]") -> "tuple[Any, Any]":
    """Whether the speaker is named in the question; whether someone else is and the speaker is not."""
    import numpy as np

    if not question.speakers:
        return np.zeros(len(rows)), np.zeros(len(rows))
    wanted = [place for place, name in enumerate(candidates.index.names.all) if name in question.speakers]
    is_named = np.isin(rows["speaker"], wanted)
    return is_named, ~is_named


def _timed(rows: "NDArray[Any]", question: Question) -> "tuple[Any, Any]":
    """Whether it was said in a time the question names; how near to it (1 in it, falling by half within days)."""
    import numpy as np

    inside = np.zeros(len(rows), dtype=bool)
    near = np.zeros(len(rows))
    for span in question.spans:
        start, end = microseconds(span.start), microseconds(span.end)
        outside = np.maximum(np.maximum(start - rows["said_at"], rows["said_at"] - end), 0) / _DAY_US
        inside |= outside == 0
        near = np.maximum(near, np.exp2(-outside / (3 + min(span.days, 60) / 4)))
    return inside & (len(question.spans) > 0), near


def text_features(
    candidates: Candidates, entries: list[Entry | None], question: Question, rare: Rarity, likeness: Likeness
) -> "NDArray[np.float64]":
    """Shape (len(candidates), len(TEXT_FEATURES)). An entry that is gone gives zeros."""
    import numpy as np

    rows = candidates.rows[candidates.best]
    spans = zip(rows["start"].tolist(), rows["end"].tolist(), strict=True)
    texts = [entry.text[start:end] if entry else "" for entry, (start, end) in zip(entries, spans, strict=True)]
    found = [words(text) for text in texts]
    stems = [{word.stem for word in of_it} for of_it in found]
    bm25 = np.array([_bm25(of_it, question, rare) for of_it in found])
    columns = [
        bm25, _z(bm25), _soft_coverage(found, question, rare, likeness),
        [_rarest(of_it, question, rare) for of_it in stems],
        [_pairs(of_it, question) for of_it in found],
        [_share(question.names, of_it) for of_it in stems],
        _context_coverage(candidates, stems, question, rare),
        ["?" in text[-40:] for text in texts],
        [any(word.folded in {"i", "my", "im", "ive", "we", "our"} for word in of_it) for of_it in found],
        [question.asks_when and bool(_TIME_WORDS.search(text)) for text in texts],
        [question.asks_how_many and any(char.isdigit() for char in text) for text in texts],
    ]  # fmt: skip
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def _bm25(found: list[Word], question: Question, rare: Rarity) -> float:
    """BM25 of a passage, as a share of what a short passage with every word of the question would have."""
    counts: dict[str, int] = {}
    for word in found:
        counts[word.stem] = counts.get(word.stem, 0) + 1
    norm = _K1 * (1 - _B + _B * len(found) / rare.average_words)
    wanted = question.search_stems
    score = sum(rare.of(stem) * counts[stem] * (_K1 + 1) / (counts[stem] + norm) for stem in wanted if stem in counts)
    return score / (sum(rare.of(stem) for stem in wanted) * (_K1 + 1) or 1.0)


def _soft_coverage(
    found: list[list[Word]], question: Question, rare: Rarity, likeness: Likeness
) -> "NDArray[np.float64]":
    """The weighted share of the question's words that a passage has, or something alike."""
    import numpy as np

    asked = {word.stem: word.folded for word in question.words if word.stem in set(question.search_stems)}
    if not asked:
        return np.zeros(len(found))
    given = [[word.folded for word in of_it if not is_stop_word(word.folded)] for of_it in found]
    best = likeness.best(list(asked.values()), given)
    weights = np.array([rare.of(stem) for stem in asked])
    covered: NDArray[np.float64] = best @ weights / (weights.sum() or 1.0)
    return covered


def _rarest(stems: set[str], question: Question, rare: Rarity) -> float:
    """How rare the rarest word is that the passage shares with the question, as a share of the rarest asked."""
    wanted = question.content or question.names
    most = max((rare.of(stem) for stem in wanted), default=1.0)
    return max((rare.of(stem) for stem in wanted if stem in stems), default=0.0) / (most or 1.0)


def _pairs(found: list[Word], question: Question) -> float:
    """The share of pairs of neighbouring content words that stand near each other in the passage too."""
    asked = [word.stem for word in question.words if not is_stop_word(word.folded)]
    pairs = set(itertools.pairwise(asked))
    if not pairs:
        return 0.0
    given = [word.stem for word in found if not is_stop_word(word.folded)]
    near = set(itertools.pairwise(given)) | set(zip(given, given[2:], strict=False))
    return len(pairs & near) / len(pairs)


def _share(wanted: tuple[str, ...], stems: set[str]) -> float:
    return sum(stem in stems for stem in wanted) / len(wanted) if wanted else 0.0


def _context_coverage(candidates: Candidates, stems: list[set[str]], question: Question, rare: Rarity) -> list[float]:
    """The weighted share of the question's words that the entry and the one before it have together."""
    at = {head: place for place, head in enumerate(candidates.heads.tolist())}
    wanted = question.search_stems
    total = sum(rare.of(stem) for stem in wanted) or 1.0
    coverage = []
    for place, head in enumerate(candidates.heads.tolist()):
        before = at.get(int(candidates.rows["previous"][head]), -1)
        together = stems[place] | (stems[before] if before >= 0 else set())
        coverage.append(sum(rare.of(stem) for stem in wanted if stem in together) / total)
    return coverage
