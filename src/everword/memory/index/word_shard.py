"""One shard of a space's word index: a small tantivy index of a range of rows, written once and then left alone."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

from everword.memory.index.filters import Filters
from everword.memory.index.word_query import Statistics, filter_tags, schema, term

_HEAP_BYTES = 15_000_000  # tantivy's least
_LARGE_HEAP_BYTES = 64_000_000
_DRAFT = ".draft"
_FREQUENCIES_KEPT = 1_000

Document = dict[str, Any]


class WordShard:
    """The rows from `first` on, up to where the next shard begins, in a folder named `first-generation`.

    What a shard has reached is what its last document says. A generation that is written anew grows in a draft and is
    renamed once it is whole: of those under their own name the highest counts.
    """

    def __init__(self, folder: Path) -> None:
        import tantivy

        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        first, generation = folder.name.removesuffix(_DRAFT).split("-")
        self.first, self.generation = int(first), int(generation)
        exists = tantivy.Index.exists(str(folder))
        self._index = tantivy.Index.open(str(folder)) if exists else tantivy.Index(schema(), path=str(folder))
        self._index.config_reader(reload_policy="manual")  # which reads what is committed
        self.searcher: Any = self._index.searcher()
        self._frequencies: dict[tuple[str, str], int] = {}
        self._writer: Any = None

    @property
    def documents(self) -> int:
        """How many documents are committed."""
        return int(self.searcher.num_docs)

    @property
    def is_scattered(self) -> bool:
        """Whether it grew commit by commit into several segments, each of which a search has to ask.

        tantivy's binding merges none on request; a shard that was written anew was so in one piece.
        """
        return self.generation == 1 and int(self.searcher.num_segments) > 1

    def reached(self) -> tuple[int, int] | None:
        """The ledger position and the row of the last document; None where there is none."""
        import tantivy

        hits = self.searcher.search(tantivy.Query.all_query(), limit=1, count=False, order_by_field="row").hits
        if not hits:
            return None
        address = [hits[0][1]]
        return self.values("position", address)[0], self.values("row", address)[0]

    def add(self, documents: Iterable[Document], *, many: bool = False) -> None:
        """Take documents; they are found after `commit`, and gone after `discard` or a crash."""
        import tantivy

        if self._writer is None:
            self._writer = self._index.writer(_LARGE_HEAP_BYTES if many else _HEAP_BYTES, 1)
        add, make, fields = self._writer.add_document, tantivy.Document.from_dict, schema()
        for document in documents:
            add(make(document, fields))

    def commit(self) -> None:
        """Make what was added durable, all of it at once; searches that begin afterwards find it."""
        if self._writer is not None:
            self._writer.commit()
            self._renew()

    def discard(self) -> None:
        """Let go of what was added since the last commit."""
        if self._writer is not None:
            self._writer.rollback()

    def rest(self) -> None:
        """Finish merging and let go of the writer and its memory."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None
            self._renew()

    def _renew(self) -> None:
        self._index.reload()
        self.searcher = self._index.searcher()
        self._frequencies = {}

    def draft(self) -> "WordShard":
        """An empty shard of the same rows, to be written beside this one; what an earlier one left goes."""
        folder = self.folder.with_name(f"{self.first:010}-{self.generation + 1}{_DRAFT}")
        shutil.rmtree(folder, ignore_errors=True)
        return WordShard(folder)

    def settled(self) -> Self:
        """A draft under its own name, from where it counts. Searches that run go on in what they have open."""
        self.rest()
        folder = self.folder.with_name(self.folder.name.removesuffix(_DRAFT))
        self.folder.rename(folder)
        return type(self)(folder)

    def remove(self) -> None:
        """Remove the folder. Searches that run go on in what they have open."""
        self.rest()
        shutil.rmtree(self.folder, ignore_errors=True)

    def values(self, field: str, addresses: Sequence[Any]) -> list[int]:
        """The values of an integer field, of those documents that have it."""
        found = self.searcher.fast_field_values(field, addresses)
        return [int(value) for value in found if value is not None]

    def rows(self, query: Any, limit: int = 10_000) -> list[int]:
        """The rows of documents that a query finds, in no particular order."""
        hits = self.searcher.search(query, limit=limit, count=False).hits
        return self.values("row", [address for _, address in hits])

    def has(self, field: str, value: int) -> bool:
        """Whether any document has a value: a look into a dictionary."""
        return bool(self.searcher.doc_freq(field, value))

    def frequency(self, field: str, value: str) -> int:
        """How many documents have a term; one question asks that of every shard several times."""
        known = self._frequencies
        found = known.get((field, value))
        if found is None:
            if len(known) >= _FREQUENCIES_KEPT:
                known = self._frequencies = {}
            found = known[field, value] = int(self.searcher.doc_freq(field, value))
        return found

    def may_have(self, filters: Filters) -> bool:
        """Whether documents here could fit, by who speaks: a look that spares a search."""
        return all(self.frequency("tag", tag) for tag in filter_tags(filters))

    def last_row(self, conversation: int) -> int | None:
        """The row of the last entry of a conversation, a passage of it."""
        if not self.has("conversation", conversation):
            return None
        query = term("conversation", conversation)
        hits = self.searcher.search(query, limit=1, count=False, order_by_field="row").hits
        return self.values("row", [hits[0][1]])[0] if hits else None

    def statistics(self, terms: Iterable[tuple[str, str]]) -> Statistics:
        """What BM25 knows of those terms here."""
        return Statistics(self.documents, {(field, value): self.frequency(field, value) for field, value in terms})

    def top(self, query: Any, limit: int, *, count: bool = False) -> tuple[list[float], list[int], int]:
        """Scores and rows, best first, and the number of all where it is asked for."""
        found = self.searcher.search(query, limit=limit, count=count)
        rows = self.values("row", [address for _, address in found.hits])
        return [score for score, _ in found.hits], rows, int(getattr(found, "count", 0) or 0)

    def latest(self, query: Any, limit: int) -> list[tuple[int, int]]:
        """(said_at, row) of what a query finds, the last said first."""
        hits = self.searcher.search(query, limit=limit, count=False, order_by_field="said_at").hits
        rows = self.values("row", [address for _, address in hits])
        return [(said_at or 0, row) for (said_at, _), row in zip(hits, rows, strict=True)]


def shards_in(folder: Path) -> list[WordShard]:
    """The shards of a folder in the order of their rows; drafts and earlier generations that a crash left go."""
    newest: dict[int, Path] = {}
    for path in sorted(folder.iterdir(), key=_generation) if folder.exists() else []:
        if path.name.endswith(_DRAFT):
            shutil.rmtree(path)
            continue
        before = newest.get(int(path.name.split("-")[0]))
        if before is not None:
            shutil.rmtree(before)
        newest[int(path.name.split("-")[0])] = path
    return [WordShard(newest[first]) for first in sorted(newest)]


def begun(folder: Path, first: int) -> WordShard:
    """A shard for the rows from `first` on."""
    return WordShard(folder / f"{first:010}-1")


def _generation(path: Path) -> int:
    return int(path.name.removesuffix(_DRAFT).split("-")[1])
