"""What the ranker looks at: cheap features of each candidate, from the indexes and from its words."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from everword.core.ids import ConversationId
from everword.core.types import Label
from everword.memory.candidates import Candidates
from everword.memory.index.filters import KINDS, LABELS, conversation_key, microseconds
from everword.memory.question import Question
from everword.memory.types import EntryKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BM25_K1, BM25_B = 0.9, 0.4  # for short texts
_DAY_US = 86_400_000_000
_LONG_TOKENS = 250  # a quarter of a small prompt's room for quotes

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
        standing_out(candidates.words), share, standing_out(candidates.meaning), candidates.meaning,
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
    apart = standing_out(cosines)
    positive = np.maximum(apart, 0)
    columns = [apart, cosines, _away(candidates, positive, 1), _session(candidates, positive)]
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


def standing_out(values: "NDArray[Any]") -> "NDArray[np.float64]":
    """By how many standard deviations each is above the mean."""
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
    groups = which[order]
    begins = np.searchsorted(groups, groups)  # where each one's group begins
    best = order[np.arange(len(order)) - begins < 3]
    total = np.bincount(which[best], weights=np.maximum(values[best], 0.0), minlength=int(which.max(initial=-1)) + 1)
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
