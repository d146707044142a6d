"""The index of one space: rows, words and meaning, in step with each other and with the ledger."""

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everword.memory.index.columns import Columns, Fits
from everword.memory.index.digest import Passage, digest, split
from everword.memory.index.feed_store import Fed
from everword.memory.index.filters import KIND_NUMBERS, LABEL_NUMBERS, Filters
from everword.memory.index.meaning_index import MeaningIndex
from everword.memory.index.names import Names
from everword.memory.index.rows import IS_OLD_VERSION, ROW, Records, table
from everword.memory.index.talks import Talks, close_gaps, link
from everword.memory.index.threads import aside
from everword.memory.index.transformer_index import FOLDER, TransformerIndex
from everword.memory.index.word_index import SHARD_ROWS, WordIndex
from everword.memory.words import FORMAT as WORDS
from everword.weights.embedders import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = "4"  # a folder written in another format, or with another embedder, is built again


def stamp_of(embedder: Embedder) -> str:
    """What an index of our format, our words and that embedder is marked with."""
    return f"{FORMAT} {WORDS} {embedder.name}"


class SpaceIndex:
    """Finds passages of one space. One thread appends at a time; any number search meanwhile.

    Rows, names and vectors are on disk before the word index commits; that commit carries the position and the number
    of rows, so whatever a crash leaves behind it is cut off when the folder is opened again.
    """

    def __init__(self, folder: Path, embedder: Embedder, shard_rows: int = SHARD_ROWS) -> None:
        self.folder = folder
        self.embedder = embedder
        self.has_lost = False
        """Whether what was there could not be used: it begins again from the ledger."""
        self._shard_rows = shard_rows
        self._lock = threading.RLock()
        self._open()

    def _open(self) -> None:
        stamp = stamp_of(self.embedder)
        about = self.folder / "about"
        if about.exists() and about.read_text(encoding="utf-8") != stamp:
            self._begin_again()
        self.folder.mkdir(parents=True, exist_ok=True)
        about.write_text(stamp, encoding="utf-8")
        self.columns = Columns(self.folder)
        self.words = WordIndex(self.folder / "words", self.columns, self._shard_rows)
        self.names = Names(self.folder / "names")
        self._records = Records(self.folder / "rows.bin", ROW, advice="MADV_RANDOM")
        self.meaning = MeaningIndex(self.folder, self.embedder.dimensions)
        self.transformer = TransformerIndex.at(self.folder / FOLDER)
        self.position, self.count = self.words.reached()
        self._talks: Talks | None = None
        beside = (self._records, self.meaning, self.columns)
        if min(each.count for each in beside) < self.count or self.words.shards[0].first > 0:
            self._begin_again()  # something was lost beneath us
            self._open()
            return
        self.has_lost = self.has_lost or (not self.count and self._records.count > 0)
        self._cut()

    def _begin_again(self) -> None:
        self.has_lost = True
        shutil.rmtree(self.folder)

    def rows(self) -> "NDArray[Any]":
        """Every committed row, in the order recorded (see `rows.ROW`)."""
        return self._records.view()[: self.count]

    def read_ahead(self, rows: "NDArray[np.int64]") -> None:
        """Have those rows read from the disk all at once, because they are wanted now."""
        self._records.read_ahead(rows)

    def read_all_ahead(self) -> None:
        """Have the system begin to read what every question reads: codes and columns, 44 bytes a row."""
        for file in (*self.meaning.files, *self.columns.files):
            file.view()

    def append(
        self, entries: Sequence[Fed], position: int, *, many: bool = False, known: "SpaceIndex | None" = None
    ) -> None:
        """Index entries of this space, in the order recorded, and move to `position`.

        Entries at or before the position already reached are passed over. Once it returns they are found. `known` is an
        older index of the same space: what of these entries it has need not be embedded again.
        """
        with self._lock:
            new = [entry for entry in entries if entry.position > self.position]
            if position <= self.position:
                return
            self._cut()
            try:
                count = self._append(new, many=many, known=known)
                self.words.commit()
            except BaseException:
                self.words.discard()
                self._talks = None
                raise
            self.count += count
            self.position = position
            if self._talks is not None:
                self._talks.commit(self.rows())

    def _append(self, new: Sequence[Fed], *, many: bool, known: "SpaceIndex | None") -> int:
        """Put everything on disk and into the word index, uncommitted; how many rows. Embedding goes on meanwhile."""
        spans = [split(entry) for entry in new]
        rows = known.rows_of(new, spans) if known is not None else None
        texts = [entry.text[start:end] for entry, of_it in zip(new, spans, strict=True) for start, end in of_it]
        embedding = None if rows is not None or not texts else aside(lambda: self.embedder.embed(texts))
        parts = [(entry, digest(entry, of_it)) for entry, of_it in zip(new, spans, strict=True)]
        passages = [passage for _, of_it in parts for passage in of_it]
        documents = ({**passage.document, "row": self.count + at} for at, passage in enumerate(passages))
        if passages:
            self.words.add(documents, self.count, many=many)
            self._append_rows(parts)
        if embedding is not None:
            self.meaning.append(embedding.result())
        elif known is not None and rows is not None:
            self.meaning.copy(known.meaning, rows)
        self._mark_old_versions(new)
        return len(passages)

    def rows_of(self, entries: Sequence[Fed], spans: list[list[tuple[int, int]]]) -> "NDArray[np.int64] | None":
        """The rows of those entries' passages, in order; None where any is not there as it is now."""
        import numpy as np

        rows = self.rows()
        heads = np.searchsorted(rows["position"], np.array([entry.position for entry in entries]))
        found: list[int] = []
        for head, entry, passages in zip(heads.tolist(), entries, spans, strict=True):
            if head >= len(rows) or rows["position"][head] != entry.position or rows["parts"][head] != len(passages):
                return None
            found += range(head, head + len(passages))
        return np.array(found, dtype=np.int64)

    def fits(self, rows: "NDArray[Any]", filters: Filters) -> Fits | None:
        """Which of `rows`, as `rows()` gave them, fit; None where all do."""
        return None if filters.is_empty else Fits(rows, self.columns, self.names, filters)

    def transform(self, name: str, dimensions: int) -> None:
        """Have a place for the vectors of the transformer called `name`; those of another go. For "", all go."""
        with self._lock:
            before, self.transformer = self.transformer, None
            if before is not None and before.name == name:
                self.transformer = before
                return
            if before is not None:
                before.drop()
            if name:
                self.transformer = TransformerIndex(self.folder / FOLDER, name, dimensions)

    def put_transformed(self, name: str, first: int, vectors: "NDArray[np.float32]") -> None:
        """Keep a transformer's vectors of the rows from `first` on, unless another one counts now.

        Rows that went meanwhile stay empty.
        """
        with self._lock:
            if self.transformer is None or self.transformer.name != name or first + len(vectors) > self.count:
                return
            gone = self.columns.is_gone(first, first + len(vectors))
            self.transformer.put(first, vectors * ~gone[:, None])

    def carry(self, other: "SpaceIndex") -> None:
        """Take over what an older index of the same space has of its transformer's vectors."""
        import numpy as np

        if other.transformer is None:
            return
        self.transform(other.transformer.name, other.transformer.dimensions)
        ours, theirs = self.rows(), other.rows()
        if self.transformer is None or not len(ours) or not len(theirs):
            return
        at = np.searchsorted(theirs["position"], ours["position"]) + ours["part"]
        at = at.clip(max=len(theirs) - 1)
        is_same = (theirs["position"][at] == ours["position"]) & (theirs["part"][at] == ours["part"])
        is_same &= theirs["parts"][at] == ours["parts"]
        self.transformer.carry(other.transformer, np.where(is_same, at, -1))

    def erase(self, gone: "NDArray[np.int64]") -> None:
        """Leave of those rows only their place: vectors, codes and columns first, last what says that they are gone."""
        with self._lock:
            self.meaning.erase(gone)
            if self.transformer is not None:
                self.transformer.erase(gone)
            self.columns.erase(gone)
            close_gaps(self._records, gone, self.count)
            self._talks = None

    def forget_names(self) -> None:
        """Blank the names that no row points to any more."""
        with self._lock:
            self.names.keep(self.columns.names_used(self.count))

    def rest(self) -> None:
        """Let go of what only writing needs."""
        with self._lock:
            self.words.rest()
            self._talks = None

    def _cut(self) -> None:
        if self._records.count > self.count:
            self._talks = None
        self._records.truncate(self.count)
        self.columns.truncate(self.count)
        self.meaning.truncate(self.count)
        if self.transformer is not None:
            self.transformer.truncate(self.count)

    def _append_rows(self, parts: list[tuple[Fed, list[Passage]]]) -> None:
        speakers = self.names.places([entry.speaker for entry, _ in parts])
        sources = self.names.places([entry.source for entry, _ in parts])
        talks = self._talks = self._talks or Talks(self.words, self.rows())
        newest = {entry.first_version: entry.position for entry, _ in parts}
        followed: dict[int, int] = {}
        values: list[tuple[int, ...]] = []
        for (entry, passages), speaker, source in zip(parts, speakers, sources, strict=True):
            head, key = self.count + len(values), entry.conversation or 0
            flag = IS_OLD_VERSION if newest[entry.first_version] > entry.position else 0
            previous, session = talks.follow(key, head, entry.said_at)
            if previous >= 0:
                followed[previous] = head
            label, kind = LABEL_NUMBERS[entry.label], KIND_NUMBERS[entry.kind]
            values += [
                (
                    entry.position, key, entry.said_at, session, previous, -1, passage.start, passage.end,
                    speaker, source, part, min(len(passages), 65_535), passage.word_count, label, kind, flag,
                )
                for part, passage in enumerate(passages)
            ]  # fmt: skip
        rows = table(ROW, values)
        self._records.append(rows)
        self.columns.append(rows)
        link(self._records, followed)

    def _mark_old_versions(self, new: Sequence[Fed]) -> None:
        """Mark what is indexed already of each entry of which a later version is among `new`."""
        import numpy as np

        keys = {entry.first_version for entry in new if entry.root is not None}
        old = [row for key in keys for row in self.words.rows_of_first_version(key)]
        flags = np.full(len(old), IS_OLD_VERSION, dtype=np.uint8)
        self._records.set("flags", np.array(old, dtype=np.int64), flags)
