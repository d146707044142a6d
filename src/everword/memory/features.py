"""What the ranker looks at: cheap features of each candidate, from the indexes and from its words."""

import math
import re
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from everword.core.ids import ConversationId
from everword.core.types import Label
from everword.memory.candidates import Candidates
from everword.memory.index.filters import KINDS, LABELS, conversation_key, microseconds
from everword.memory.likeness import Likeness
from everword.memory.question import Question
from everword.memory.types import EntryKind
from everword.memory.words import Term, stems, terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_K1, _B = 0.9, 0.4  # of BM25, for short texts
_CONTEXT = (
    (-1, 0.9),
    (-2, 0.75),
    (-3, 0.6),
    (1, 0.7),
    (2, 0.5),
    (3, 0.4),
)  # steps away, and how much a word there counts
_DAY_US = 86_400_000_000
_LONG_TOKENS = 250  # a quarter of a small prompt's room for quotes
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
    "is_speaker_named", "is_other_than_named", "is_with_named", "in_time", "near_time",
    "is_asker", "is_assistant", "is_document", "log_length", "is_short", "log_age", "is_here", "is_with_assistant",
    "log_cost", "is_long",
)  # fmt: skip
TEXT_FEATURES = (
    "coverage", "coverage_z", "soft_coverage", "context_coverage", "content_coverage", "content_missing", "named_near",
    "answers", "rarest", "pairs", "names", "is_question", "is_first_person", "gives_time", "gives_number",
)  # fmt: skip
#: These count differently in a talk with an assistant, where people ask to tell and answers are long.
TALK_FEATURES = (
    "words_z", "meaning_z", "meaning_1_away", "session_words", "session_meaning",
    "log_length", "context_coverage", "is_question",
)  # fmt: skip
FEATURES = ROW_FEATURES + TEXT_FEATURES + tuple(f"{name}_with_assistant" for name in TALK_FEATURES)
#: What a transformer's vectors add, where there are any, behind the others.
TRANSFORMER_FEATURES = ("transformer_z", "transformer", "transformer_1_away", "session_transformer")
TRANSFORMER_TALK_FEATURES = ("transformer_z", "transformer_1_away", "session_transformer")
TRANSFORMED_ROW_FEATURES = ROW_FEATURES + TRANSFORMER_FEATURES
TRANSFORMED_FEATURES = (
    FEATURES + TRANSFORMER_FEATURES + tuple(f"{name}_with_assistant" for name in TRANSFORMER_TALK_FEATURES)
)


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
    positive = np.maximum(candidates.meaning, 0)
    session_words, session_meaning = _session(candidates, share), _session(candidates, candidates.meaning)
    is_named, is_other = _named(candidates, question, rows)
    is_with_named = _away(candidates, is_named.astype(np.float64), 1) > 0
    in_time, near_time = _timed(rows, question)
    label = rows["label"]
    is_assistant = label == LABELS.index(Label.ASSISTANT)
    is_talk = is_assistant | (_away(candidates, is_assistant.astype(np.float64), 1) > 0)
    length = rows["words"].astype(np.float64)
    cost = np.maximum(candidates.characters / 4, 8)
    age = np.maximum(microseconds(now) - rows["said_at"], 0) / _DAY_US
    columns = [
        _z(candidates.words), share, _z(candidates.meaning), candidates.meaning,
        _away(candidates, share, 1), _away(candidates, share, 2), _away(candidates, positive, 1),
        session_words, session_meaning,
        is_named, is_other & ~is_with_named, is_with_named, in_time, near_time,
        ((label == LABELS.index(Label.OWNER)) | (is_talk & ~is_assistant)) & question.is_first_person,
        is_assistant, rows["kind"] == KINDS.index(EntryKind.DOCUMENT),
        np.log1p(length) / 5, length < 5, np.log1p(age) / 8,
        (rows["conversation"] == conversation_key(here)) & (here is not None), is_talk,
        np.log(cost) / 5, np.maximum(np.log(cost / _LONG_TOKENS), 0),
    ]  # fmt: skip
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def transformer_features(candidates: Candidates) -> "NDArray[np.float64]":
    """Shape (len(candidates), len(TRANSFORMER_FEATURES)). One without a vector counts as the average of those with.

    Neighbours and sittings count by how far they stand out: cosines of some transformers all lie near each other.
    """
    import numpy as np

    known = ~np.isnan(candidates.transformed)
    cosines = np.where(known, candidates.transformed, candidates.transformed[known].mean() if known.any() else 0.0)
    standing_out = _z(cosines)
    positive = np.maximum(standing_out, 0)
    columns = [standing_out, cosines, _away(candidates, positive, 1), _session(candidates, positive)]
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def together(
    by_rows: "NDArray[np.float64]", by_words: "NDArray[np.float64]", by_transformer: "NDArray[np.float64] | None" = None
) -> "NDArray[np.float64]":
    """All features, shape (candidates, len(FEATURES)), or len(TRANSFORMED_FEATURES) with those of a transformer."""
    import numpy as np

    both = np.hstack([by_rows, by_words])
    is_talk = both[:, [FEATURES.index("is_with_assistant")]]
    parts = [both, is_talk * both[:, [FEATURES.index(name) for name in TALK_FEATURES]]]
    if by_transformer is not None:
        talk = [TRANSFORMER_FEATURES.index(name) for name in TRANSFORMER_TALK_FEATURES]
        parts += [by_transformer, is_talk * by_transformer[:, talk]]
    return np.hstack(parts)


def _z(values: "NDArray[Any]") -> "NDArray[np.float64]":
    import numpy as np

    spread = float(values.std()) if len(values) else 0.0
    scores: NDArray[np.float64] = (values - values.mean()) / spread if spread > 1e-9 else np.zeros(len(values))
    return scores


def _away(candidates: Candidates, values: "NDArray[Any]", steps: int) -> "NDArray[np.float64]":
    """The sum of `values` over the entries so many steps before and after in the sitting."""
    import numpy as np

    total = np.zeros(len(candidates))
    for places in (candidates.steps_away(-steps), candidates.steps_away(steps)):
        total += np.where(places >= 0, values[places], 0.0)
    return total


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
        return np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    wanted = [place for name in question.speakers if (place := candidates.index.names.place(name)) is not None]
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
    candidates: Candidates, whole: list[str], question: Question, rare: Rarity, likeness: Likeness
) -> "NDArray[np.float64]":
    """Shape (len(candidates), len(TEXT_FEATURES)). `whole` are the entries' texts, empty where one is gone."""
    import numpy as np

    texts = _texts(candidates, whole)
    found = [terms(text) for text in texts]
    have = [{word.stem for word in of_it} for of_it in found]
    bm25 = np.array([_bm25(of_it, question, rare) for of_it in found])
    asked = {word.stem: word.folded for word in question.words if word.stem in question.search_stems}
    pairs = _asked_pairs(question)
    best = _likest(found, asked, likeness)
    weights = np.array([rare.of(stem) for stem in asked])
    soft = best @ weights / (weights.sum() or 1.0)
    is_question = np.array(["?" in text[-40:] for text in texts], dtype=np.float64)
    before = candidates.steps_away(-1)
    columns = [
        bm25, _z(bm25), soft, *_context(candidates, question, asked, best, rare),
        np.where(before >= 0, soft[before] * is_question[before], 0.0) * (1 - is_question),
        [_rarest(of_it, question, rare) for of_it in have],
        [_pairs(of_it, pairs) for of_it in found],
        [_share(question.names, of_it) for of_it in have],
        is_question,
        [any(word.folded in {"i", "my", "im", "ive", "we", "our"} for word in of_it) for of_it in found],
        [question.asks_when and bool(_TIME_WORDS.search(text)) for text in texts],
        [question.asks_how_many and any(char.isdigit() for char in text) for text in texts],
    ]  # fmt: skip
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def _texts(candidates: Candidates, whole: list[str]) -> list[str]:
    rows = candidates.rows[candidates.best]
    spans = zip(rows["start"].tolist(), rows["end"].tolist(), strict=True)
    return [text[start:end] for text, (start, end) in zip(whole, spans, strict=True)]


def _bm25(found: list[Term], question: Question, rare: Rarity) -> float:
    """BM25 of a passage, as a share of what a short passage with every word of the question would have."""
    norm = _K1 * (1 - _B + _B * len(found) / rare.average_words)
    given = [word.stem for word in found]
    score, possible = 0.0, 0.0
    for stem in question.search_stems:
        weight = rare.of(stem) * (_K1 + 1)
        possible += weight
        times = given.count(stem)
        if times:
            score += weight * times / (times + norm)
    return score / (possible or 1.0)


def _likest(found: list[list[Term]], asked: dict[str, str], likeness: Likeness) -> "NDArray[np.float64]":
    """For each passage and word asked (stem to folded), 1 where the passage has it, less where it has one alike."""
    import numpy as np

    given = [[word.folded for word in of_it if not word.is_stop] for of_it in found]
    best: NDArray[np.float64] = 0.8 * likeness.best(list(asked.values()), given).astype(np.float64)
    for place, of_it in enumerate(found):
        have = {word.stem for word in of_it}
        for at, stem in enumerate(asked):
            if stem in have:
                best[place, at] = 1.0
    return np.asarray(best)


def _rarest(have: set[str], question: Question, rare: Rarity) -> float:
    """How rare the rarest word is that the passage shares with the question, as a share of the rarest asked."""
    wanted = question.content or question.names
    most = max((rare.of(stem) for stem in wanted), default=1.0)
    return max((rare.of(stem) for stem in wanted if stem in have), default=0.0) / (most or 1.0)


def _asked_pairs(question: Question) -> set[tuple[str, str]]:
    return set(pairwise(word.stem for word in question.words if not word.is_stop))


def _pairs(found: list[Term], pairs: set[tuple[str, str]]) -> float:
    """The share of `pairs` of neighbouring content words that stand near each other in the passage too."""
    if not pairs:
        return 0.0
    given = [word.stem for word in found if not word.is_stop]
    near = {*pairwise(given), *zip(given, given[2:], strict=False)}
    return len(pairs & near) / len(pairs)


def _share(wanted: tuple[str, ...], have: set[str]) -> float:
    return sum(stem in have for stem in wanted) / len(wanted) if wanted else 0.0


def _context(
    candidates: Candidates, question: Question, asked: dict[str, str], best: "NDArray[np.float64]", rare: Rarity
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


def _with_speakers(candidates: Candidates, asked: dict[str, str], best: "NDArray[np.float64]") -> "NDArray[np.float64]":
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
