"""Search as one types: entries that have every word (the last one begun is enough), with the places to highlight."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from everword.core import clock
from everword.core.errors import Invalid
from everword.core.types import Label, Principal
from everword.memory import store
from everword.memory.index.filters import Filters
from everword.memory.index.indexer import Indexer
from everword.memory.index.rows import IS_OLD_VERSION
from everword.memory.index.space_index import SpaceIndex
from everword.memory.types import Entry
from everword.memory.words import words
from everword.storage.database import Database

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PREFIXED = 60  # words that a beginning stands for at most
_DEEPEST = 2_000
_HIGHLIGHTS = 200
_ASKED = 0.6
"""What the score of a question to the assistant is worth: the statements that answer it come first."""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that has the words; `highlights` are spans of its text, in order, `start` to `end` its best passage."""

    entry: Entry
    start: int
    end: int
    score: float
    highlights: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Matches:
    """A page of matches, best first. `next` asks for the following page; `total_estimate` counts passages."""

    hits: list[Match]
    total_estimate: int
    took_ms: float
    next: str | None


Group = tuple[str, list[str]]


def search(
    database: Database, indexer: Indexer, who: Principal, query: str, filters: Filters, limit: int, cursor: str | None
) -> Matches:
    """Entries that have all words of `query` and fit `filters`; without words, those that fit, the last said first.

    Old versions of an entry are left out. Raises Invalid for a cursor that was not given out.
    """
    started = clock.monotonic()
    indexer.catch_up_with(who)
    skip = _offset(cursor)
    ranked: list[tuple[float, int, int, int]] = []
    total = 0
    asked: set[str] = set()
    for space_id in sorted(who.spaces):
        index = indexer.shelf.of(space_id)
        groups = _groups(index, query)
        asked |= {word for stem, of_it in groups for word in (stem, *of_it)}
        best, count = _rank(index, groups, filters, min(skip + limit + 50, _DEEPEST))
        ranked += best
        total += count
    ranked.sort(key=lambda item: (-item[0], -item[1]))
    page = ranked[skip : skip + limit]
    with database.reading(who) as connection:
        entries = {entry.position: entry for entry in store.by_positions(connection, who, [item[1] for item in page])}
    found = [
        Match(entry, start, end, round(score * (_ASKED if _is_asked(entry) else 1), 3), highlights(entry.text, asked))
        for score, position, start, end in page
        if (entry := entries.get(position)) is not None
    ]
    hits = sorted(found, key=lambda hit: -hit.score)  # stable: of the same score, the one recorded last
    is_more = len(ranked) > skip + limit and skip + limit < _DEEPEST
    took_ms = (clock.monotonic() - started) * 1000
    return Matches(hits, total, took_ms, str(skip + limit) if is_more else None)


def _is_asked(entry: Entry) -> bool:
    """Whether an entry is a question that the owner put to the assistant."""
    is_own = entry.label is Label.OWNER and entry.source == "chat"
    return is_own and entry.text.rstrip().endswith(("?", "？", "؟"))


def highlights(text: str, asked: Iterable[str]) -> list[tuple[int, int]]:
    """The spans of those words of `text` that are among `asked`, as folded words or stems."""
    wanted = set(asked)
    spans: list[tuple[int, int]] = []
    for word in words(text):
        if word.folded not in wanted and word.stem not in wanted:
            continue
        if spans and word.start <= spans[-1][1]:  # pairs of Chinese and Japanese characters overlap
            spans[-1] = (spans[-1][0], max(word.end, spans[-1][1]))
        else:
            spans.append((word.start, word.end))
        if len(spans) == _HIGHLIGHTS:
            break
    return spans


def _groups(index: SpaceIndex, query: str) -> list[Group]:
    """What each word of the query stands for; the last, unless a space ends it, also for words that begin with it."""
    found = words(query)
    content = [word for word in found if not word.is_stop] or found
    last = found[-1] if found and found[-1].end == len(query) else None
    groups = [(word.stem, [word.folded]) for word in content if word is not last]
    if last is not None:
        begun = index.words.with_prefix(last.folded, _PREFIXED)
        groups.append((last.stem, [last.folded, *begun]))
    return groups


def _rank(
    index: SpaceIndex, groups: list[Group], filters: Filters, limit: int
) -> tuple[list[tuple[float, int, int, int]], int]:
    """(score, position, start, end) of the best passage of each entry of one space; how many passages match."""
    import numpy as np

    rows = index.rows()
    if not groups:
        if filters.is_empty:
            return [], 0
        latest = index.words.latest(filters, limit)
        return _entries(rows, latest, np.zeros(len(latest), dtype=np.float32)), len(latest)
    found, scores, count = index.words.matching(groups, filters, limit)
    return _entries(rows, found, scores), count


def _entries(
    rows: "NDArray[np.void]", found: "NDArray[np.int64]", scores: "NDArray[np.float32]"
) -> list[tuple[float, int, int, int]]:
    best: dict[int, tuple[float, int, int, int]] = {}
    for row, score in zip(found.tolist(), scores.tolist(), strict=True):
        if row >= len(rows) or rows["flags"][row] & IS_OLD_VERSION:
            continue
        position = int(rows["position"][row])
        if position not in best:
            best[position] = (score, position, int(rows["start"][row]), int(rows["end"][row]))
    return list(best.values())


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isdigit() or int(cursor) >= _DEEPEST:
        raise Invalid(why="This is not a cursor that a search gave out. Search again from the start.")
    return int(cursor)
