"""The word index of one space: which passages have which words, scored by BM25 within that space alone.

A row of shards, each a small tantivy index of a range of rows, so that forgetting writes one of them anew however long
the row is. Only the last grows. A search asks all of them and gets the scores that one index would give, but for the
average length of passages, which is each shard's own.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from everword.memory.index.columns import Columns
from everword.memory.index.filters import Filters
from everword.memory.index.threads import AT_ONCE, share
from everword.memory.index.word_query import Groups, any_of, limited, term, total
from everword.memory.index.word_shard import Document, WordShard, begun, shards_in

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_Answer = TypeVar("_Answer")

SHARD_ROWS = 1 << 17
_TERMS = 10_000
_FEW = 16
_ALONE = 2  # so many shards are asked one after the other


class WordIndex:
    """A row of shards with the position that it has reached in the last, committed together with its content."""

    def __init__(self, folder: Path, columns: Columns, shard_rows: int = SHARD_ROWS) -> None:
        self.folder = folder
        self._columns = columns
        self._shard_rows = shard_rows
        self.shards = shards_in(folder) or [begun(folder, 0)]

    def reached(self) -> tuple[int, int]:
        """The ledger position and the number of rows that were last committed."""
        for shard in reversed(self.shards):
            last = shard.reached()
            if last is not None:
                return last[0], last[1] + 1
        return 0, 0

    def add(self, documents: Iterable[Document], first: int, *, many: bool = False) -> None:
        """Take the documents of the rows from `first` on; found once they are committed."""
        if first - self.shards[-1].first >= self._shard_rows:
            self.shards[-1].rest()
            self.shards = [*self.shards, begun(self.folder, first)]
        self.shards[-1].add(documents, many=many)

    def commit(self) -> None:
        """Make what was added durable, at once or not at all; found by searches that begin afterwards."""
        self.shards[-1].commit()

    def discard(self) -> None:
        """Let go of what was added and not committed."""
        self.shards[-1].discard()

    def rest(self) -> None:
        """Finish merging and let go of the writer and its memory."""
        self.shards[-1].rest()

    def replace(self, shard: WordShard, draft: WordShard) -> None:
        """Put a draft in the place of the shard that it was made for, and remove that."""
        settled = draft.settled()
        self.shards = [settled if each is shard else each for each in self.shards]
        shard.remove()

    def scattered(self) -> WordShard | None:
        """A full shard that would be searched more quickly if it were written anew; None where there is none."""
        return next((shard for shard in self.shards[:-1] if shard.is_scattered), None)

    def end_of(self, shard: WordShard, count: int) -> int:
        """The row behind the last of a shard, where there are `count` rows."""
        return next((each.first for each in self.shards if each.first > shard.first), count)

    def rows_of_first_version(self, key: int) -> list[int]:
        """The rows of all versions of an entry, by the key of its first version."""
        return self.rows_of("entry", [key]) + self.rows_of("root", [key])

    def rows_of(self, field: str, keys: Sequence[int]) -> list[int]:
        """The rows that have one of `keys` in a field."""
        found: list[int] = []
        for shard in self.shards:
            for key in keys:
                if shard.has(field, key):
                    found += shard.rows(term(field, key))
        return found

    def last_row(self, conversation: int) -> int:
        """The row of the last entry of a conversation, a passage of it; -1 where there is none."""
        for shard in reversed(self.shards):
            row = shard.last_row(conversation)
            if row is not None:
                return row
        return -1

    def frequency(self, stem: str) -> int:
        """How many passages have a word of this stem."""
        return sum(shard.frequency("stem", stem) for shard in self.shards)

    def with_prefix(self, prefix: str, limit: int) -> list[str]:
        """Words that begin with `prefix`, the commonest first."""
        counts: dict[str, int] = {}
        for shard in self.shards:
            for word, count in shard.searcher.terms_with_prefix("word", prefix, limit=limit):
                counts[word] = counts.get(word, 0) + count
        return sorted(counts, key=lambda word: -counts[word])[:limit]

    def has_term(self, word: str) -> bool:
        """Whether a dictionary has a folded word, though no passage may have it any more."""
        return word in self.with_prefix(word, _TERMS)

    def search(
        self, stems: Sequence[str], wanted: Sequence[tuple[Filters, int]]
    ) -> "list[tuple[NDArray[np.int64], NDArray[np.float32]]]":
        """For each filter and limit wanted, rows and BM25 scores of the passages with any of `stems`, best first."""
        queries = self._queries([[("stem", stem) for stem in stems]])
        return [self._top(queries, filters, limit)[:2] for filters, limit in wanted]

    def matching(
        self, groups: Sequence[tuple[str, Sequence[str]]], filters: Filters, limit: int
    ) -> "tuple[NDArray[np.int64], NDArray[np.float32], int]":
        """Rows, BM25 scores and the number of the passages that have, of every group, its stem or one of its words."""
        terms = [[("stem", stem), *(("word", word) for word in words)] for stem, words in groups]
        return self._top(self._queries(terms), filters, limit, count=True)

    def latest(self, filters: Filters, limit: int) -> "NDArray[np.int64]":
        """Rows that fit the filters, the last said first."""
        import numpy as np
        import tantivy

        query = limited(tantivy.Query.const_score_query(tantivy.Query.all_query(), 0.0), filters)
        shards = self._that_may_have(self.shards, filters)
        found = [hit for of_it in _each(shards, lambda shard: shard.latest(query, limit)) for hit in of_it]
        found.sort(key=lambda hit: -hit[0])  # stable
        return np.array([row for _, row in found[:limit]], dtype=np.int64)

    def _that_may_have(self, shards: Sequence[WordShard], filters: Filters) -> list[WordShard]:
        """Of all shards those in which documents could fit, by who speaks there and when."""
        ends = [*(shard.first for shard in shards[1:]), self._columns.count]
        return [
            shard
            for shard, end in zip(shards, ends, strict=True)
            if self._columns.may_have(shard.first, end, filters) and shard.may_have(filters)
        ]

    def _queries(self, groups: Groups) -> dict[WordShard, Any]:
        """What to ask each shard; None where nothing can match."""
        shards = self.shards
        terms = list(dict.fromkeys(each for group in groups for each in group))
        of_each = [shard.statistics(terms) for shard in shards]
        everywhere = of_each[0] if len(shards) == 1 else total(of_each)
        queries = [any_of(groups, here, everywhere) for here in of_each]
        return dict(zip(shards, queries, strict=True))

    def _top(
        self, queries: dict[WordShard, Any], filters: Filters, limit: int, *, count: bool = False
    ) -> "tuple[NDArray[np.int64], NDArray[np.float32], int]":
        """The best of all shards: first a few of each; where those may not be all that count, that shard once more."""
        import numpy as np

        asked = {
            shard: limited(queries[shard], filters)
            for shard in self._that_may_have(list(queries), filters)
            if queries[shard] is not None
        }
        few = limit if len(asked) == 1 else min(limit, _FEW + 3 * limit // max(len(asked), 1))
        first = _each(list(asked), lambda shard: shard.top(asked[shard], few, count=count))
        found = dict(zip(asked, first, strict=True))
        scores = np.sort(np.concatenate([np.array(of_it[0]) for of_it in first])) if first else np.zeros(0)
        least = scores[-limit] if len(scores) >= limit else -np.inf
        more = [shard for shard, of_it in found.items() if len(of_it[0]) == few < limit and of_it[0][-1] > least]
        for shard, (best, rows, _) in zip(more, _each(more, lambda shard: shard.top(asked[shard], limit)), strict=True):
            found[shard] = (best, rows, found[shard][2])
        return (*_merged([(best, rows) for best, rows, _ in found.values()], limit), sum(c for *_, c in found.values()))


def _merged(
    found: Sequence[tuple[list[float], list[int]]], limit: int
) -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    import numpy as np

    rows = np.array([row for _, of_it in found for row in of_it], dtype=np.int64)
    scores = np.array([score for of_it, _ in found for score in of_it], dtype=np.float32)
    best = np.argsort(-scores, kind="stable")[:limit]
    return rows[best], scores[best]


def _each(shards: Sequence[WordShard], ask: Callable[[WordShard], _Answer]) -> list[_Answer]:
    """What each shard answers; two threads share many of them."""
    if len(shards) <= _ALONE:
        return [ask(shard) for shard in shards]
    parts = [shards[start::AT_ONCE] for start in range(AT_ONCE)]
    answers = share(lambda part: [ask(shard) for shard in part], parts)
    by_shard = {
        shard: answer
        for part, of_it in zip(parts, answers, strict=True)
        for shard, answer in zip(part, of_it, strict=True)
    }
    return [by_shard[shard] for shard in shards]
