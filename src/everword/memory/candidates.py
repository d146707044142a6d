"""Candidates for a question in one space: by words, by meaning, by who and when, and what was said just around them."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from everword.memory.index.filters import Filters, fitting
from everword.memory.index.rows import IS_OLD_VERSION
from everword.memory.index.space_index import SpaceIndex
from everword.memory.question import Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BY_WORDS = 400
_BY_MEANING = 200
_BY_WHO_AND_WHEN = 100
_WITH_NEIGHBOURS = 60


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passages of one space, one per entry, with what the indexes know of them. All arrays have one place for each.

    `best` is the row of the entry's passage that fits best, `heads` of its first; `words` is BM25 (0 where the word
    search did not find it), `meaning` the cosine.
    """

    index: SpaceIndex
    rows: "NDArray[Any]"  # every row of the space, at the time of asking
    heads: "NDArray[np.int64]"
    best: "NDArray[np.int64]"
    words: "NDArray[np.float32]"
    meaning: "NDArray[np.float32]"

    def __len__(self) -> int:
        return len(self.heads)

    @property
    def positions(self) -> list[int]:
        """The ledger positions of the entries."""
        positions: list[int] = self.rows["position"][self.heads].tolist()
        return positions

    def take(self, places: "NDArray[np.int64]") -> "Candidates":
        """Only those at `places`, in that order."""
        return replace(
            self,
            heads=self.heads[places],
            best=self.best[places],
            words=self.words[places],
            meaning=self.meaning[places],
        )


def find(index: SpaceIndex, question: Question, vector: "NDArray[np.float32]", filters: Filters) -> Candidates:
    """Up to about a thousand candidates; entries that do not fit `filters` and old versions are left out."""
    import numpy as np

    rows = index.rows()
    names = index.names.all
    fits = fitting(rows, names, filters)
    found, scores = index.words.search(question.search_stems, filters, _BY_WORDS)
    groups = [found, index.meaning.nearest(vector, _BY_MEANING, fits)[0]]
    for narrower in _narrower(question, filters):
        narrow = fitting(rows, names, narrower)
        groups.append(index.words.search(question.search_stems, narrower, _BY_WHO_AND_WHEN)[0])
        groups.append(index.meaning.nearest(vector, _BY_WHO_AND_WHEN, narrow)[0])
        if not question.content:
            groups.append(index.words.latest(narrower, _BY_WHO_AND_WHEN))
    pool = np.unique(np.concatenate(groups))
    pool = pool[pool < len(rows)]
    word_scores = _spread(found, scores, pool)
    cosines = index.meaning.cosines(vector, pool)
    near = _neighbours(rows, pool[np.argsort(-(word_scores / (word_scores.max(initial=1e-9)) + cosines))])
    near = np.setdiff1d(near, pool)
    pool = np.concatenate([pool, near])
    word_scores = np.concatenate([word_scores, _spread(found, scores, near)])
    cosines = np.concatenate([cosines, index.meaning.cosines(vector, near)])
    keep = (rows["flags"][pool] & IS_OLD_VERSION) == 0
    if fits is not None:
        keep &= fits[pool]
    return _by_entry(index, rows, pool[keep], word_scores[keep], cosines[keep])


def _narrower(question: Question, filters: Filters) -> list[Filters]:
    """Filters for who and when the question names, where the caller has set none."""
    speakers = list(question.speakers[:3]) if filters.speaker is None else []
    spans = list(question.spans[:2]) if filters.since is None and filters.until is None else []
    timed = [replace(filters, since=span.start, until=span.end) for span in spans]
    spoken = [replace(filters, speaker=speaker) for speaker in speakers]
    both = [replace(limit, speaker=speaker) for limit in timed for speaker in speakers]
    return [*timed, *spoken, *both]


def _spread(
    found: "NDArray[np.int64]", scores: "NDArray[np.float32]", wanted: "NDArray[np.int64]"
) -> "NDArray[np.float32]":
    """The score of each of `wanted`, 0 where it was not found."""
    import numpy as np

    result = np.zeros(len(wanted), dtype=np.float32)
    order = np.argsort(found)
    at = np.searchsorted(found, wanted, sorter=order)
    at[at == len(found)] = 0
    if len(found):
        hit = found[order[at]] == wanted
        result[hit] = scores[order[at]][hit]
    return result


def _neighbours(rows: "NDArray[Any]", best_first: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """First rows of the two entries before and after each of the best."""
    import numpy as np

    near = []
    for field in ("previous", "next"):
        step = best_first[:_WITH_NEIGHBOURS].astype(np.int64)
        for _ in range(2):
            step = rows[field][step].astype(np.int64)
            step = step[(step >= 0) & (step < len(rows))]
            near.append(step)
    return np.unique(np.concatenate(near)) if near else best_first[:0]


def _by_entry(
    index: SpaceIndex,
    rows: "NDArray[Any]",
    pool: "NDArray[np.int64]",
    words: "NDArray[np.float32]",
    meaning: "NDArray[np.float32]",
) -> Candidates:
    """One place for each entry: the passage with the most words, then the nearest in meaning."""
    import numpy as np

    heads = pool - rows["part"][pool]
    order = np.lexsort((-meaning, -words, heads))
    first = np.ones(len(order), dtype=bool)
    first[1:] = heads[order][1:] != heads[order][:-1]
    chosen = order[first]
    nearest = np.zeros(len(chosen), dtype=np.float32) - 1
    np.maximum.at(nearest, np.cumsum(first) - 1, meaning[order])
    return Candidates(index, rows, heads[chosen], pool[chosen], words[chosen], nearest)
