"""How far distilling has got in a space: which ledger positions were read, and what it has used today."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update

from everword.core import clock
from everword.core.ids import EntryId, SpaceId
from everword.core.types import Label, Principal
from everword.memory.types import Entry, EntryKind
from everword.storage.schema.accounts import space
from everword.storage.schema.facts import distilling
from everword.storage.schema.ledger import entry, recalled
from everword.storage.scope import require_space, visible

Ranges = tuple[tuple[int, int], ...]
_NO_END = 2**62


class Stage(StrEnum):
    """Who reads: the rules, which cost next to nothing, and then a model, where one may."""

    RULES = "rules"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Progress:
    """What one stage has read in a space (positions, both ends included), and the tokens that `day` has cost."""

    stage: Stage
    version: int
    ranges: Ranges = ()
    day: str = ""
    tokens: int = 0
    updated_at: datetime | None = None

    def has_read(self, position: int) -> bool:
        """Whether a position was read."""
        return any(low <= position <= high for low, high in self.ranges)

    def with_read(self, low: int, high: int) -> "Progress":
        """The same with one more range read."""
        merged: list[tuple[int, int]] = []
        for first, last in sorted([*self.ranges, (low, high)]):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return replace(self, ranges=tuple(merged))


def read(connection: Connection, who: Principal, space_id: SpaceId, stage: Stage, version: int) -> Progress:
    """How far a stage has got; nowhere, where an older version of it read."""
    where = (visible(distilling, who), distilling.c.space_id == space_id, distilling.c.stage == stage.value)
    row = connection.execute(select(distilling).where(*where)).one_or_none()
    if row is None:
        return Progress(stage, version)
    ranges = tuple((int(low), int(high)) for low, high in row.ranges) if row.version == version else ()
    return Progress(stage, version, ranges, row.day, row.tokens, row.updated_at)


def write(connection: Connection, who: Principal, space_id: SpaceId, progress: Progress) -> None:
    """Record how far a stage has got."""
    require_space(who, space_id)
    values: dict[str, Any] = {
        "version": progress.version,
        "ranges": [list(each) for each in progress.ranges],
        "day": progress.day,
        "tokens": progress.tokens,
        "updated_at": clock.now(),
    }
    where = (visible(distilling, who), distilling.c.space_id == space_id, distilling.c.stage == progress.stage.value)
    if not connection.execute(update(distilling).where(*where).values(values)).rowcount:
        connection.execute(insert(distilling).values(space_id=space_id, stage=progress.stage.value, **values))


def unread(
    connection: Connection, who: Principal, space_id: SpaceId, ranges: Sequence[tuple[int, int]], limit: int
) -> tuple[list[int], int] | None:
    """The newest positions that were not read, newest first, and down to where that is all there is.

    They lie between two ranges that were read. None where everything was read.
    """
    for low, high in _gaps(ranges):
        between = _of_space(who, space_id, low, high)
        query = select(entry.c.position).where(*between).order_by(entry.c.position.desc()).limit(limit)
        positions = list(connection.execute(query).scalars())
        if positions:
            return positions, positions[-1] if len(positions) == limit else low
    return None


def count_unread(connection: Connection, who: Principal, space_id: SpaceId, ranges: Sequence[tuple[int, int]]) -> int:
    """How many entries were not read."""
    counts = (
        select(func.count()).select_from(entry).where(*_of_space(who, space_id, low, high))
        for low, high in _gaps(ranges)
    )
    return sum(int(connection.execute(query).scalar_one()) for query in counts)


def shown_before(connection: Connection, who: Principal, entry_ids: Sequence[EntryId]) -> dict[EntryId, list[str]]:
    """For each entry, what its speaker had been shown there before: answers, and quotes from elsewhere."""
    of_them = (visible(entry, who), entry.c.id.in_(entry_ids), entry.c.conversation_id.is_not(None))
    asked = connection.execute(select(entry.c.id, entry.c.position, entry.c.conversation_id).where(*of_them)).all()
    in_talks = entry.c.conversation_id.in_({row.conversation_id for row in asked})
    answers = or_(entry.c.label == Label.ASSISTANT.value, entry.c.kind == EntryKind.TOOL_RESULT.value)
    columns = (entry.c.conversation_id, entry.c.position, entry.c.run_id, entry.c.text)
    shown: dict[str, list[tuple[int, str]]] = {}
    runs: dict[str, tuple[str, int]] = {}
    for row in connection.execute(select(*columns).where(visible(entry, who), in_talks, answers)):
        shown.setdefault(row.conversation_id, []).append((row.position, row.text))
        if row.run_id is not None:
            runs[row.run_id] = (row.conversation_id, row.position)
    quoted = select(recalled.c.run_id, entry.c.conversation_id, entry.c.text).join(
        entry, entry.c.id == recalled.c.entry_id
    )
    for found in connection.execute(
        quoted.where(visible(recalled, who), visible(entry, who), recalled.c.run_id.in_(runs))
    ):
        talk, position = runs[found.run_id]
        if found.conversation_id != talk:  # what was said here was said before it was recalled
            shown.setdefault(talk, []).append((position, found.text))
    return {
        EntryId(row.id): texts
        for row in asked
        if (texts := [text for position, text in shown.get(row.conversation_id, ()) if position < row.position])
    }


def said_next(connection: Connection, who: Principal, said: Entry) -> str | None:
    """What the same person said next in the same conversation."""
    query = select(entry.c.text).where(*_same_voice(who, said), entry.c.position > said.position)
    return connection.execute(query.order_by(entry.c.position).limit(1)).scalar_one_or_none()


def said_before(connection: Connection, who: Principal, said: Entry) -> EntryId | None:
    """What the same person had said just before in the same conversation."""
    query = select(entry.c.id).where(*_same_voice(who, said), entry.c.position < said.position)
    found = connection.execute(query.order_by(entry.c.position.desc()).limit(1)).scalar_one_or_none()
    return None if found is None else EntryId(found)


def _same_voice(who: Principal, said: Entry) -> tuple[ColumnElement[bool], ...]:
    return (
        visible(entry, who),
        entry.c.conversation_id == said.conversation_id,
        entry.c.label == said.label.value,
        entry.c.speaker == said.speaker,
    )


def _gaps(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """What lies outside of `ranges`, which are in order: the first and the last position of each gap, newest first."""
    lows = [1, *(last + 1 for _, last in ranges)]
    highs = [*(first - 1 for first, _ in ranges), _NO_END]
    return [(low, high) for low, high in zip(lows, highs, strict=True) if low <= high][::-1]


def _of_space(who: Principal, space_id: SpaceId, low: int, high: int) -> tuple[ColumnElement[bool], ...]:
    return (
        visible(entry, who, by_space=True),
        entry.c.space_id == space_id,
        entry.c.position.between(low, high),
    )


def spaces(connection: Connection, who: Principal) -> list[SpaceId]:
    """Every space there is."""
    return [SpaceId(key) for key in connection.execute(select(space.c.id).where(visible(space, who))).scalars()]


def spaces_after(connection: Connection, who: Principal, position: int) -> tuple[list[SpaceId], int]:
    """The spaces in which something was recorded after a ledger position, and how far the ledger goes."""
    query = select(entry.c.space_id, func.max(entry.c.position)).where(visible(entry, who), entry.c.position > position)
    rows = connection.execute(query.group_by(entry.c.space_id)).all()
    return [SpaceId(key) for key, _ in rows], max((int(last) for _, last in rows), default=position)
