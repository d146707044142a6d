"""What the words of a candidate say of it: the features that need the texts, for all candidates at once."""

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from everword.memory.candidates import Candidates
from everword.memory.features import BM25_B, BM25_K1, Rarity, standing_out
from everword.memory.question import Question
from everword.memory.vocabulary import Reading, Vocabulary
from everword.memory.words import Term, stems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CONTEXT = (
    (-1, 0.9),
    (-2, 0.75),
    (-3, 0.6),
    (1, 0.7),
    (2, 0.5),
    (3, 0.4),
)  # steps away, and how much a word there counts
_ALIKE_COUNTS = 0.8  # a word like one that is asked, against that word itself
_TIME_WORDS = re.compile(
    r"\b(yesterday|today|tomorrow|tonight|last|next|ago|week|weekend|month|year|since|recently|monday|tuesday|wednesday|"
    r"thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|"
    r"december|(?:19|20)\d\d|\d{1,2}(?:st|nd|rd|th)|\d{1,2}:\d\d)\b",
    re.IGNORECASE,
)
_FIRST_PERSON = frozenset({"i", "my", "im", "ive", "we", "our"})


def text_features(
    candidates: Candidates, whole: list[str], question: Question, rare: Rarity, vocabulary: Vocabulary
) -> "NDArray[np.float64]":
    """Shape (len(candidates), len(TEXT_FEATURES)). `whole` are the entries' texts, empty where one is gone."""
    import numpy as np

    texts = _texts(candidates, whole)
    asked = {word.stem: Term(*word[2:]) for word in question.words if word.stem in question.search_stems}
    reading = vocabulary.read(texts, list(asked.values()))
    columns = _Columns(question, reading)
    times = _times(reading, columns)
    bm25 = _bm25(reading, times, columns, question, rare)
    best = _likest(reading, times[:, [columns.of[stem] for stem in asked]] > 0)
    weights = np.array([rare.of(stem) for stem in asked])
    soft = best @ weights / (weights.sum() or 1.0)
    is_question = np.array(["?" in text[-40:] for text in texts], dtype=np.float64)
    before = candidates.steps_away(-1)
    made = [
        bm25, standing_out(bm25), soft, *_context(candidates, question, list(asked), best, rare),
        np.where(before >= 0, soft[before] * is_question[before], 0.0) * (1 - is_question),
        _rarest(times, columns, question, rare),
        _pairs(reading, columns, question),
        _share(times, [columns.of[stem] for stem in question.names]),
        is_question,
        _any(reading, [term.folded in _FIRST_PERSON for term in reading.terms]),
        [question.asks_when and bool(_TIME_WORDS.search(text)) for text in texts],
        [question.asks_how_many and any(char.isdigit() for char in text) for text in texts],
    ]  # fmt: skip
    return np.stack([np.asarray(column, dtype=np.float64) for column in made], axis=1)


class _Columns:
    """A column for each stem of the question (`of`), and the column of each word read: -1 where it has none."""

    def __init__(self, question: Question, reading: Reading) -> None:
        import numpy as np

        self.of = {stem: at for at, stem in enumerate(dict.fromkeys(word.stem for word in question.words))}
        of_terms = np.array([self.of.get(term.stem, -1) for term in reading.terms], dtype=np.int64)
        self.of_words: NDArray[np.int64] = of_terms[reading.words]


def _texts(candidates: Candidates, whole: list[str]) -> list[str]:
    rows = candidates.rows[candidates.best]
    spans = zip(rows["start"].tolist(), rows["end"].tolist(), strict=True)
    return [text[start:end] for text, (start, end) in zip(whole, spans, strict=True)]


def _times(reading: Reading, columns: _Columns) -> "NDArray[np.float64]":
    """How often each passage has each stem of the question."""
    import numpy as np

    count, width = len(reading.lengths), max(len(columns.of), 1)
    at = columns.of_words
    have = at >= 0
    flat = np.bincount(reading.passages[have] * width + at[have], minlength=count * width)
    return flat.reshape(count, width).astype(np.float64)


def _bm25(
    reading: Reading, times: "NDArray[np.float64]", columns: _Columns, question: Question, rare: Rarity
) -> "NDArray[np.float64]":
    """BM25 of each passage, as a share of what a short passage with every word of the question would have."""
    import numpy as np

    norm = BM25_K1 * (1 - BM25_B + BM25_B * reading.lengths / rare.average_words)
    weights = np.array([rare.of(stem) * (BM25_K1 + 1) for stem in question.search_stems])
    given = times[:, [columns.of[stem] for stem in question.search_stems]]
    scores: NDArray[np.float64] = (given / (given + norm[:, None])) @ weights / (weights.sum() or 1.0)
    return scores


def _likest(reading: Reading, has: "NDArray[np.bool_]") -> "NDArray[np.float64]":
    """For each passage and word asked, 1 where the passage has it (`has`), less where it has one alike."""
    import numpy as np

    best = np.zeros(has.shape, dtype=np.float64)
    filled = reading.lengths > 0
    if filled.any() and has.shape[1]:
        starts = (np.cumsum(reading.lengths) - reading.lengths)[filled]
        best[filled] = np.maximum.reduceat(reading.likeness[reading.words], starts, axis=0)
    return np.where(has, 1.0, _ALIKE_COUNTS * best)


def _rarest(times: "NDArray[np.float64]", columns: _Columns, question: Question, rare: Rarity) -> "NDArray[np.float64]":
    """How rare the rarest word is that a passage shares with the question, as a share of the rarest asked."""
    import numpy as np

    wanted = question.content or question.names
    weights = np.array([rare.of(stem) for stem in wanted])
    shared = (times[:, [columns.of[stem] for stem in wanted]] > 0) * weights
    rarest: NDArray[np.float64] = shared.max(axis=1, initial=0.0) / (weights.max(initial=0.0) or 1.0)
    return rarest


def _pairs(reading: Reading, columns: _Columns, question: Question) -> "NDArray[np.float64]":
    """The share of the question's neighbouring content words that stand near each other in a passage too."""
    import numpy as np

    share = np.zeros(len(reading.lengths))
    wanted = set(pairwise(columns.of[word.stem] for word in question.words if not word.is_stop))
    says = ~np.array([term.is_stop for term in reading.terms], dtype=bool)[reading.words]
    at, passages = columns.of_words[says], reading.passages[says]
    for first, second in wanted:
        near = np.zeros(len(share), dtype=bool)
        for apart in (1, 2):
            ahead = (at[:-apart] == first) & (at[apart:] == second) & (passages[:-apart] == passages[apart:])
            near[passages[:-apart][ahead]] = True
        share += near / len(wanted)
    return share


def _share(times: "NDArray[np.float64]", wanted: list[int]) -> "NDArray[np.float64]":
    import numpy as np

    share: NDArray[np.float64] = (times[:, wanted] > 0).sum(axis=1) / max(len(wanted), 1)
    return np.asarray(share)


def _any(reading: Reading, which: list[bool]) -> "NDArray[np.bool_]":
    """Whether a passage has any of the terms marked."""
    import numpy as np

    found = np.zeros(len(reading.lengths), dtype=bool)
    found[reading.passages[np.array(which, dtype=bool)[reading.words]]] = True
    return found


def _context(
    candidates: Candidates, question: Question, asked: list[str], best: "NDArray[np.float64]", rare: Rarity
) -> "list[NDArray[np.float64]]":
    """What the entry and up to three around it have of the question together, the farther the less.

    The weighted share of all its words; of its content without the people who speak here; how much the most telling
    content word that is missing weighs, as a share of the most telling one asked; the share of the people named who
    say something there or are spoken of.
    """
    import numpy as np

    here = _with_speakers(candidates, asked, best)
    together, present = best.copy(), here.copy()
    for steps, part in _CONTEXT:
        places = candidates.steps_away(steps)
        together = np.maximum(together, np.where(places[:, None] >= 0, best[places] * part, 0.0))
        present = np.maximum(present, np.where(places[:, None] >= 0, here[places], 0.0))
    weights = np.array([rare.of(stem) for stem in asked])
    content = weights * np.array([stem in question.content for stem in asked], dtype=bool)
    named = np.array([stem in question.names for stem in asked], dtype=np.float64)
    return [
        together @ weights / (weights.sum() or 1.0),
        together @ content / (content.sum() or 1.0),
        ((1 - together) * content).max(axis=1, initial=0.0) / (content.max(initial=0.0) or 1.0),
        present @ named / named.sum() if named.any() else np.ones(len(candidates)),
    ]


def _with_speakers(candidates: Candidates, asked: list[str], best: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """`best`, with 1 where a word asked is a name of who says it."""
    import numpy as np

    names = candidates.index.names.all
    speakers = candidates.rows["speaker"][candidates.heads]
    present = best.copy()
    called = {place: set(stems(names[place])) for place in np.unique(speakers).tolist()}
    for at, stem in enumerate(asked):
        matching = [place for place, of_it in called.items() if stem in of_it]
        present[np.isin(speakers, matching), at] = 1.0
    return present
