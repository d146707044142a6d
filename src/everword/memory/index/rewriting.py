"""Writing a shard of words anew from the ledger: what left that is not in it any more, and it is in one piece."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from everword.core.ids import EntryId
from everword.memory.index.digest import digest
from everword.memory.index.feed_store import Fed
from everword.memory.index.filters import id_key
from everword.memory.index.space_index import SpaceIndex
from everword.memory.index.word_shard import WordShard

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LOOKED_UP = 2_000_000  # so many looks into dictionaries are quicker than comparing all rows with the ledger
_COMPARED = 65_536

ReadEntries = Callable[[int], Sequence[Fed]]
"""The next entries of the space recorded after a position; none at the end."""
ReadPositions = Callable[[int, int], list[int]]
"""The positions from one to another, both included, at which the space has entries."""


class OutOfStep(Exception):
    """The ledger has what the index has not, or otherwise: only building the index anew helps."""


def shards_to_write(
    index: SpaceIndex, entry_ids: Collection[EntryId] | None, read_positions: ReadPositions
) -> list[WordShard]:
    """The shards that have words of entries which left the ledger: of `entry_ids`, or of any where that is None.

    Also those that a crash left with words of rows which are gone already.
    """
    shards, count = index.words.shards, index.count
    told = None if entry_ids is None else [id_key(entry_id) for entry_id in entry_ids]
    if told is not None and len(told) * len(shards) <= _LOOKED_UP:
        concerned = [shard for shard in shards if any(shard.has("entry", key) for key in told)]
    else:
        concerned = list(_missing(index, count, read_positions))
    return [shard for shard in shards if shard in concerned or _has_words_of_gone(index, shard, count)]


def _missing(index: SpaceIndex, count: int, read_positions: ReadPositions) -> Iterator[WordShard]:
    """The shards with rows of which the ledger has no entry, found by comparing positions, some thousands at a time."""
    import numpy as np

    rows = index.rows()
    for shard in index.words.shards:
        end = index.words.end_of(shard, count)
        for first in range(shard.first, end, _COMPARED):
            until = min(first + _COMPARED, end)
            here = np.unique(rows["position"][first:until][~index.columns.is_gone(first, until)])
            if len(here) and len(np.setdiff1d(here, read_positions(int(here[0]), int(here[-1])))):
                yield shard
                break


def _has_words_of_gone(index: SpaceIndex, shard: WordShard, count: int) -> bool:
    end = index.words.end_of(shard, count)
    gone = index.columns.is_gone(shard.first, end)
    left = int((~gone).sum()) + int(len(gone) > 0 and bool(gone[-1]))  # the last row always has a document
    return shard.documents > left


class Draft:
    """A shard written anew from the ledger; `gone` are the rows that were found without an entry."""

    def __init__(self, index: SpaceIndex, shard: WordShard) -> None:
        self._index = index
        self._shard = shard
        self._draft = shard.draft()
        self._end = shard.first
        self._gone: list[NDArray[np.int64]] = []

    def write(self, read: ReadEntries) -> None:
        """Write what the shard's rows have, up to the last there is now. Raises OutOfStep."""
        import numpy as np

        first, end = self._end, self._index.words.end_of(self._shard, self._index.count)
        if first == end:
            return
        positions = self._index.rows()["position"][first:end]
        has_entry = np.zeros(end - first, dtype=bool)
        after, last = int(positions[0]) - 1, int(positions[-1])
        while after < last and (entries := [each for each in read(after) if each.position <= last]):
            heads = np.searchsorted(positions, np.array([entry.position for entry in entries]))
            for head, entry in zip(heads.tolist(), entries, strict=True):
                self._write_entry(entry, first + head, has_entry[head:], positions[head:])
            after = entries[-1].position
        self._gone.append(np.flatnonzero(~has_entry) + first)
        if not has_entry[-1]:
            self._draft.add([{"row": end - 1, "position": last}])  # so that the shard says how far it goes
        self._draft.commit()
        self._end = end

    def _write_entry(
        self, entry: Fed, head: int, has_entry: "NDArray[np.bool_]", positions: "NDArray[np.int64]"
    ) -> None:
        passages = digest(entry)
        if len(positions) < len(passages) or (positions[: len(passages)] != entry.position).any():
            raise OutOfStep(f"entry at position {entry.position}")
        has_entry[: len(passages)] = True
        self._draft.add(
            ({**passage.document, "row": head + at} for at, passage in enumerate(passages)),
            many=True,
        )

    def put(self) -> None:
        """Erase the rows that are gone, then let the draft count: a crash between is made good by writing it again."""
        import numpy as np

        gone = np.concatenate(self._gone) if self._gone else np.zeros(0, dtype=np.int64)
        if len(gone):
            self._index.erase(gone)
        self._index.words.replace(self._shard, self._draft)

    def drop(self) -> None:
        """Leave everything as it was."""
        self._draft.remove()
