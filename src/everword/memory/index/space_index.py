"""The index of one space: rows, words and meaning, in step with each other and with the ledger."""

import shutil
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everword.memory.index.digest import Passage, digest, version_key
from everword.memory.index.filters import KINDS, LABELS, conversation_key, microseconds
from everword.memory.index.meaning_index import MeaningIndex
from everword.memory.index.names import Names
from everword.memory.index.rows import IS_OLD_VERSION, ROW, Records
from everword.memory.index.word_index import WordIndex
from everword.memory.types import Entry
from everword.memory.words import FORMAT as WORDS
from everword.weights.embedders import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = "1"  # a folder written in another format, or with another embedder, is built again
_SITTING = timedelta(hours=2) // timedelta(microseconds=1)  # a longer silence begins another sitting


class SpaceIndex:
    """Finds passages of one space. One thread appends at a time; any number search meanwhile.

    Rows, names and vectors are on disk before the word index commits; that commit carries the position and the number
    of rows, so whatever a crash leaves behind it is cut off when the folder is opened again.
    """

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self.folder = folder
        self.embedder = embedder
        self._lock = threading.RLock()
        self._open()

    def _open(self) -> None:
        stamp = f"{FORMAT} {WORDS} {self.embedder.name}"
        about = self.folder / "about"
        if about.exists() and about.read_text(encoding="utf-8") != stamp:
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        about.write_text(stamp, encoding="utf-8")
        self.words = WordIndex(self.folder / "words")
        self.names = Names(self.folder / "names")
        self._records = Records(self.folder / "rows.bin", ROW)
        self.meaning = MeaningIndex(self.folder, self.embedder.dimensions)
        self.position, self.count = self.words.reached()
        self._last_rows: _LastRows | None = None
        if min(self._records.count, self.meaning.codes.count, self.meaning.vectors.count) < self.count:
            shutil.rmtree(self.folder)  # something was lost beneath us: begin again from the ledger
            self._open()
            return
        self._cut()

    def rows(self) -> "NDArray[Any]":
        """Every committed row, in the order recorded (see `rows.ROW`)."""
        return self._records.view()[: self.count]

    def append(
        self, entries: Sequence[Entry], position: int, *, many: bool = False, known: "SpaceIndex | None" = None
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
            parts = [(entry, digest(entry)) for entry in new]
            passages = [passage for _, of_it in parts for passage in of_it]
            if passages:
                self._append_rows(parts)
                rows = known.rows_of(parts) if known is not None else None
                if known is not None and rows is not None:
                    self.meaning.copy(known.meaning, rows)
                else:
                    self.meaning.append(self.embedder.embed([passage.text for passage in passages]))
            documents = [{**passage.document, "row": self.count + at} for at, passage in enumerate(passages)]
            self._mark_old_versions(new)
            self.words.commit(documents, position, self.count + len(passages), many=many)
            self.count += len(passages)
            self.position = position

    def rows_of(self, parts: "list[tuple[Entry, list[Passage]]]") -> "NDArray[np.int64] | None":
        """The rows of those entries' passages, in order; None where any is not there as it is now."""
        import numpy as np

        rows = self.rows()
        heads = np.searchsorted(rows["position"], np.array([entry.position for entry, _ in parts]))
        found: list[int] = []
        for head, (entry, passages) in zip(heads.tolist(), parts, strict=True):
            if head >= len(rows) or rows["position"][head] != entry.position or rows["parts"][head] != len(passages):
                return None
            found += range(head, head + len(passages))
        return np.array(found, dtype=np.int64)

    def rest(self) -> None:
        """Let go of what only writing needs."""
        with self._lock:
            self.words.rest()
            self._last_rows = None

    def _cut(self) -> None:
        if self._records.count > self.count:
            self._last_rows = None
        self._records.truncate(self.count)
        self.meaning.truncate(self.count)

    def _append_rows(self, parts: list[tuple[Entry, list[Passage]]]) -> None:
        import numpy as np

        total = sum(len(passages) for _, passages in parts)
        rows: NDArray[Any] = np.zeros(total, dtype=np.dtype(ROW))
        speakers = self.names.places([entry.speaker for entry, _ in parts])
        sources = self.names.places([entry.source for entry, _ in parts])
        last = self._last_rows = self._last_rows or _LastRows(self.rows())
        newest = {version_key(entry): entry.position for entry, _ in parts}
        followed: dict[int, int] = {}
        at = 0
        for (entry, passages), speaker, source in zip(parts, speakers, sources, strict=True):
            head = self.count + at
            key = conversation_key(entry.conversation_id)
            said_at = microseconds(entry.said_at)
            flag = IS_OLD_VERSION if newest[version_key(entry)] > entry.position else 0
            previous, session = last.follow(key, head, said_at)
            if previous >= self.count:
                rows["next"][previous - self.count : previous - self.count + rows["parts"][previous - self.count]] = (
                    head
                )
            elif previous >= 0:
                followed[previous] = head
            for part, passage in enumerate(passages):
                rows[at] = (
                    entry.position, key, said_at, session, previous, -1, passage.start, passage.end, speaker, source,
                    part, min(len(passages), 65_535), passage.word_count,
                    LABELS.index(entry.label), KINDS.index(entry.kind), flag,
                )  # fmt: skip
                at += 1
        self._records.append(rows)
        self._link(followed)

    def _link(self, followed: dict[int, int]) -> None:
        """Tell earlier entries who follows them. A link to a row that a crash took away counts as none."""
        import numpy as np

        before = self._records.view()
        at: list[int] = []
        to: list[int] = []
        for previous, head in followed.items():
            parts = int(before["parts"][previous])
            at += range(previous, previous + parts)
            to += [head] * parts
        self._records.set("next", np.array(at, dtype=np.int64), np.array(to, dtype=np.int32))

    def _mark_old_versions(self, new: list[Entry]) -> None:
        """Mark what is indexed already of each entry of which a later version is among `new`."""
        import numpy as np

        keys = {version_key(entry) for entry in new if entry.version_of is not None}
        old = [row for key in keys for row in self.words.rows_of_first_version(key)]
        flags = np.full(len(old), IS_OLD_VERSION, dtype=np.uint8)
        self._records.set("flags", np.array(old, dtype=np.int64), flags)


class _LastRows:
    """The last entry of each conversation, to link the next one to: sorted arrays, and what came since."""

    def __init__(self, rows: "NDArray[Any]") -> None:
        import numpy as np

        heads = np.flatnonzero(rows["part"] == 0)
        keys = rows["conversation"][heads]
        self._rows = rows
        self._keys, first_from_behind = np.unique(keys[::-1], return_index=True)
        self._heads = heads[::-1][first_from_behind]
        self._since: dict[int, tuple[int, int, int]] = {}

    def follow(self, key: int, head: int, said_at: int) -> tuple[int, int]:
        """Put `head` at the end of conversation `key`; returns the row it follows (-1: none) and its sitting."""
        previous, previous_said_at, session = self._since.get(key) or self._stored(key)
        if key == 0:
            return -1, head
        if previous < 0 or abs(said_at - previous_said_at) > _SITTING:
            session = head
        self._since[key] = (head, said_at, session)
        return previous, session

    def _stored(self, key: int) -> tuple[int, int, int]:
        import numpy as np

        place = int(np.searchsorted(self._keys, key))
        if place == len(self._keys) or self._keys[place] != key:
            return -1, 0, -1
        head = int(self._heads[place])
        row = self._rows[head]
        return head, int(row["said_at"]), int(row["session"])
