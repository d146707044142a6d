"""Candidates for a question in one space: by words, by meaning, by who and when, and what was said around those."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from everword.memory.index.columns import Fits
from everword.memory.index.filters import KINDS, Filters
from everword.memory.index.rows import IS_OLD_VERSION
from everword.memory.index.space_index import SpaceIndex
from everword.memory.index.threads import ask
from everword.memory.question import Question
from everword.memory.types import EntryKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BY_WORDS = 400
_BY_MEANING = 200
_BY_WHO_AND_WHEN = 100
_CALL = KINDS.index(EntryKind.TOOL_CALL)


@dataclass(frozen=True, slots=True)
class Sought:
    """A question as vectors: the static one, and those of the transformers that answered in time, by name."""

    static: "NDArray[np.float32]"
    transformed: "Mapping[str, NDArray[np.float32]]" = field(default_factory=dict)

    def near(self, index: SpaceIndex, rows: "NDArray[np.int64]") -> "NDArray[np.float32]":
        """The transformer's cosine for each of `rows`; NaN where there is none."""
        import numpy as np

        transformer = index.transformer
        vector = None if transformer is None else self.transformed.get(transformer.name)
        if transformer is None or vector is None:
            return np.full(len(rows), np.nan, dtype=np.float32)
        return transformer.cosines(vector, rows)

    def nearest(
        self, index: SpaceIndex, count: int, wanted: "Sequence[tuple[int, Fits | None]]"
    ) -> "list[NDArray[np.int64]]":
        """The rows nearest by either kind of vector, for each limit and filter wanted."""
        found = index.meaning.nearest(self.static, count, wanted)
        transformer = index.transformer
        vector = None if transformer is None else self.transformed.get(transformer.name)
        if transformer is not None and vector is not None:
            found += transformer.nearest(vector, count, wanted)
        return found


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passages of one space, one per entry, with what the indexes know of them. All arrays have one place for each.

    `heads` is the row of the entry's first passage, `best` of the one that fits best; `words` is BM25 (0 where the word
    search did not find it), `meaning` the cosine, `transformed` a transformer's (NaN where it has none). One that is
    not `is_eligible` only gives context to its neighbours.
    """

    index: SpaceIndex
    rows: "NDArray[Any]"  # every row of the space, at the time of asking
    heads: "NDArray[np.int64]"
    best: "NDArray[np.int64]"
    words: "NDArray[np.float32]"
    meaning: "NDArray[np.float32]"
    transformed: "NDArray[np.float32]"
    is_eligible: "NDArray[np.bool_]"
    _away: "dict[int, NDArray[np.int64]]" = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.heads)

    @property
    def positions(self) -> list[int]:
        """The ledger positions of the entries."""
        positions: list[int] = self.rows["position"][self.heads].tolist()
        return positions

    @property
    def characters(self) -> "NDArray[np.int64]":
        """How long the entries are, all their passages together."""
        import numpy as np

        last = np.minimum(self.heads + np.maximum(self.rows["parts"][self.heads], 1) - 1, len(self.rows) - 1)
        lengths: NDArray[np.int64] = self.rows["end"][last].astype(np.int64)
        return lengths

    def take(self, places: "NDArray[np.int64]") -> "Candidates":
        """Only those at `places`, in that order."""
        return replace(
            self,
            heads=self.heads[places],
            best=self.best[places],
            words=self.words[places],
            meaning=self.meaning[places],
            transformed=self.transformed[places],
            is_eligible=self.is_eligible[places],
        )

    def steps_away(self, steps: int) -> "NDArray[np.int64]":
        """The place of the entry so many steps on in the sitting (back, where negative); -1 where it is not here."""
        import numpy as np

        if steps in self._away:
            return self._away[steps]
        row = self._walk(self.heads, steps)
        if not len(self):
            return row
        order = np.argsort(self.heads)
        at = order[np.searchsorted(self.heads, row, sorter=order).clip(max=len(self) - 1)]
        places: NDArray[np.int64] = np.where((self.heads[at] == row) & (row >= 0), at, -1)
        self._away[steps] = places
        return places

    def with_context(self, places: "NDArray[np.int64]", steps: int, sought: Sought, fits: Fits | None) -> "Candidates":
        """Those at `places`, and the entries up to `steps` before and after each in its sitting."""
        import numpy as np

        heads = self.heads[places]
        near = [self._walk(heads, step) for step in range(-steps, steps + 1)]
        wanted = np.unique(np.concatenate(near)) if near else heads
        new = np.setdiff1d(wanted[wanted >= 0], self.heads)
        new = new[((self.rows["flags"][new] & IS_OLD_VERSION) == 0) & (self.rows["kind"][new] != _CALL)]
        here = self.take(np.flatnonzero(np.isin(self.heads, wanted)))
        return replace(
            here,
            heads=np.concatenate([here.heads, new]),
            best=np.concatenate([here.best, new]),
            words=np.concatenate([here.words, np.zeros(len(new), dtype=np.float32)]),
            meaning=np.concatenate([here.meaning, self.index.meaning.cosines(sought.static, new)]),
            transformed=np.concatenate([here.transformed, sought.near(self.index, new)]),
            is_eligible=np.concatenate([here.is_eligible, np.ones(len(new), bool) if fits is None else fits.of(new)]),
        )

    def _walk(self, heads: "NDArray[np.int64]", steps: int) -> "NDArray[np.int64]":
        import numpy as np

        field = "next" if steps > 0 else "previous"
        row = heads.astype(np.int64)
        for _ in range(abs(steps)):
            row = np.where(row >= 0, self.rows[field][row], -1).astype(np.int64)
            row = np.where(row < len(self.rows), row, -1)
        walked: NDArray[np.int64] = np.where(self.rows["session"][row] == self.rows["session"][heads], row, -1)
        return walked


def find(
    index: SpaceIndex,
    question: Question,
    sought: Sought,
    filters: Filters,
    fits: Fits | None,
) -> Candidates:
    """Up to about a thousand candidates that fit `filters` (as rows: `fits`) and are current versions.

    Calls of tools are among them only where `filters` asks for that kind: they are machinery, in nobody's words.
    """
    import numpy as np

    rows = index.rows() if fits is None else index.rows()[: len(fits)]
    narrowed = _narrower(question, filters)
    by_words = ask(lambda: _by_words(index, question, filters, narrowed))  # while codes are scanned
    wanted = [(_BY_MEANING, fits), *((_BY_WHO_AND_WHEN, index.fits(rows, narrower)) for narrower in narrowed)]
    by_meaning = sought.nearest(index, len(rows), wanted)
    (found, scores), others = by_words.result()
    groups = [found, *by_meaning, *others]
    pool = np.unique(np.concatenate(groups))
    pool = pool[pool < len(rows)]
    index.read_ahead(pool)
    keep = ((rows["flags"][pool] & IS_OLD_VERSION) == 0) & ((rows["kind"][pool] != _CALL) | (filters.kind is not None))
    pool = pool[keep if fits is None else keep & fits.of(pool)]
    return _by_entry(index, rows, pool, _spread(found, scores, pool), sought)


def _by_words(
    index: SpaceIndex, question: Question, filters: Filters, narrowed: Sequence[Filters]
) -> "tuple[tuple[NDArray[np.int64], NDArray[np.float32]], list[NDArray[np.int64]]]":
    """What has words of the question, with scores; and rows where who or when is narrowed."""
    wanted = [(filters, _BY_WORDS), *((narrower, _BY_WHO_AND_WHEN) for narrower in narrowed)]
    found, *more = index.words.search(question.search_stems, wanted)
    others = [rows for rows, _ in more]
    if not question.content:
        others += [index.words.latest(narrower, _BY_WHO_AND_WHEN) for narrower in narrowed]
    return found, others


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
    if len(found):
        order = np.argsort(found)
        at = order[np.searchsorted(found, wanted, sorter=order).clip(max=len(found) - 1)]
        hit = found[at] == wanted
        result[hit] = scores[at][hit]
    return result


def _by_entry(
    index: SpaceIndex,
    rows: "NDArray[Any]",
    pool: "NDArray[np.int64]",
    words: "NDArray[np.float32]",
    sought: Sought,
) -> Candidates:
    """One place for each entry: the passage with the most words, then the nearest in meaning."""
    import numpy as np

    meaning, transformed = index.meaning.cosines(sought.static, pool), sought.near(index, pool)
    heads = pool - rows["part"][pool]
    order = np.lexsort((-meaning, -words, heads))
    first = np.ones(len(order), dtype=bool)
    first[1:] = heads[order][1:] != heads[order][:-1]
    chosen = order[first]
    nearest = np.full(len(chosen), -1, dtype=np.float32)
    np.maximum.at(nearest, np.cumsum(first) - 1, meaning[order])
    near = np.full(len(chosen), np.nan, dtype=np.float32)
    np.fmax.at(near, np.cumsum(first) - 1, transformed[order])
    is_eligible = np.ones(len(chosen), dtype=bool)
    return Candidates(index, rows, heads[chosen], pool[chosen], words[chosen], nearest, near, is_eligible)
