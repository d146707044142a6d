"""The word index of one space (tantivy): which passages have which words, scored by BM25 within that space alone."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everword.memory.index.filters import Filters, conversation_key, microseconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HEAP_BYTES = 15_000_000  # tantivy's least
_LARGE_HEAP_BYTES = 64_000_000
_TERMS = 10_000


class WordIndex:
    """A tantivy index with the position that it has reached inside it, so that both are committed together."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        folder.mkdir(parents=True, exist_ok=True)
        self._schema = _schema()
        exists = tantivy.Index.exists(str(folder))
        self._index = tantivy.Index.open(str(folder)) if exists else tantivy.Index(self._schema, path=str(folder))
        self._index.config_reader(reload_policy="manual")
        self._index.reload()
        self._writer: Any = None

    def reached(self) -> tuple[int, int]:
        """The ledger position and the number of rows that were last committed."""
        searcher = self._index.searcher()
        hits = searcher.search(self._term("mark", 1), limit=1, count=False).hits
        if not hits:
            return 0, 0
        address = [hits[0][1]]
        return _integers(searcher, "position", address)[0], _integers(searcher, "rows", address)[0]

    def commit(self, documents: Iterable[dict[str, Any]], position: int, rows: int, *, many: bool = False) -> None:
        """Add documents and move to `position`, at once or not at all; found by searches that begin afterwards."""
        import tantivy

        if self._writer is None:
            self._writer = self._index.writer(_LARGE_HEAP_BYTES if many else _HEAP_BYTES, 1)
        for document in documents:
            self._writer.add_document(tantivy.Document.from_dict(document, self._schema))
        self._writer.delete_documents_by_term("mark", 1)
        mark = {"mark": 1, "position": position, "rows": rows}
        self._writer.add_document(tantivy.Document.from_dict(mark, self._schema))
        self._writer.commit()
        self._index.reload()

    def rest(self) -> None:
        """Finish merging and let go of the writer and its memory."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None
            self._index.reload()

    def rows_of_first_version(self, key: int) -> list[int]:
        """The rows of all versions of an entry, by the key of its first version."""
        searcher = self._index.searcher()
        hits = searcher.search(self._term("root", key), limit=10_000, count=False).hits
        return _integers(searcher, "row", [address for _, address in hits])

    def frequency(self, stem: str) -> int:
        """How many passages have a word of this stem."""
        return int(self._index.searcher().doc_freq("stem", stem))

    def with_prefix(self, prefix: str, limit: int) -> list[str]:
        """Words that begin with `prefix`, the commonest first."""
        found = self._index.searcher().terms_with_prefix("word", prefix, limit=limit)
        return [word for word, _ in found]

    def has_term(self, word: str) -> bool:
        """Whether a dictionary has a folded word, though no passage may have it any more."""
        return word in self.with_prefix(word, _TERMS)

    def search(
        self, stems: Sequence[str], filters: Filters, limit: int
    ) -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
        """Rows and BM25 scores of the passages with any of `stems`, best first."""
        import tantivy

        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, self._term("stem", stem)) for stem in stems])
        return self._top(self._limited(query, filters), limit)[:2]

    def matching(
        self, groups: Sequence[tuple[str, Sequence[str]]], filters: Filters, limit: int
    ) -> "tuple[NDArray[np.int64], NDArray[np.float32], int]":
        """Rows, BM25 scores and the number of the passages that have, of every group, its stem or one of its words."""
        import tantivy

        should, must = tantivy.Occur.Should, tantivy.Occur.Must
        parts = []
        for stem, words in groups:
            either = [(should, self._term("stem", stem)), *((should, self._term("word", word)) for word in words)]
            parts.append((must, tantivy.Query.boolean_query(either)))
        return self._top(self._limited(tantivy.Query.boolean_query(parts), filters), limit)

    def latest(self, filters: Filters, limit: int) -> "NDArray[np.int64]":
        """Rows that fit the filters, the last said first."""
        import numpy as np
        import tantivy

        searcher = self._index.searcher()
        query = self._limited(tantivy.Query.const_score_query(tantivy.Query.all_query(), 0.0), filters)
        hits = searcher.search(query, limit=limit, count=False, order_by_field="said_at").hits
        return np.array(_integers(searcher, "row", [address for _, address in hits]), dtype=np.int64)

    def _top(self, query: Any, limit: int) -> "tuple[NDArray[np.int64], NDArray[np.float32], int]":
        import numpy as np

        searcher = self._index.searcher()
        found = searcher.search(query, limit=limit)
        rows = _integers(searcher, "row", [address for _, address in found.hits])
        count: int = found.count or 0  # type: ignore[attr-defined]  # missing from its stubs
        scores = np.array([score for score, _ in found.hits], dtype=np.float32)
        return np.array(rows, dtype=np.int64), scores, count

    def _limited(self, query: Any, filters: Filters) -> Any:
        import tantivy

        if filters.is_empty:
            return query
        limits = [self._term("tag", tag) for tag in filter_tags(filters)]
        if filters.conversation_id is not None:
            limits.append(self._term("conversation", conversation_key(filters.conversation_id)))
        if filters.since is not None or filters.until is not None:
            low = None if filters.since is None else microseconds(filters.since)
            high = None if filters.until is None else microseconds(filters.until)
            limits.append(
                tantivy.Query.range_query(
                    self._schema, "said_at", tantivy.FieldType.Integer, low, high, include_upper=False
                )
            )
        musts = [(tantivy.Occur.Must, tantivy.Query.const_score_query(limit, 0.0)) for limit in limits]
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *musts])

    def _term(self, field: str, value: Any) -> Any:
        import tantivy

        return tantivy.Query.term_query(self._schema, field, value, "freq")


def tags(kind: str, label: str, source: str, speaker: str) -> str:
    """The tags of an entry that filters look for, one word each."""
    names = [f"speaker:{word}" for word in speaker.casefold().split()]
    return " ".join([f"kind:{kind}", f"label:{label}", f"source:{'_'.join(source.split())}", *names])


def filter_tags(filters: Filters) -> list[str]:
    """The tags that an entry must have to fit."""
    wanted = [f"speaker:{word}" for word in (filters.speaker or "").casefold().split()]
    if filters.kind is not None:
        wanted.append(f"kind:{filters.kind.value}")
    if filters.label is not None:
        wanted.append(f"label:{filters.label.value}")
    if filters.source is not None:
        wanted.append(f"source:{'_'.join(filters.source.split())}")
    return wanted


def _integers(searcher: Any, field: str, addresses: list[Any]) -> list[int]:
    """The values of an integer field, of those documents that have it."""
    return [int(value) for value in searcher.fast_field_values(field, addresses) if value is not None]


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("stem", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("word", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("tag", tokenizer_name="whitespace", index_option="basic")
    builder.add_integer_field("conversation", indexed=True)
    builder.add_integer_field("root", indexed=True)
    builder.add_integer_field("mark", indexed=True)
    builder.add_integer_field("said_at", indexed=True, fast=True)
    builder.add_integer_field("row", fast=True)
    builder.add_integer_field("position", fast=True)
    builder.add_integer_field("rows", fast=True)
    return builder.build()
