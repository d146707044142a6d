"""Runs' side of forgetting: which runs worked with entries, and how their rows go."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, or_, select, update

from everword.core.ids import ConversationId, EntryId, RunId, SegmentId
from everword.core.types import Principal
from everword.runs.types import RunState
from everword.storage.schema.ledger import entry
from everword.storage.schema.runs import effect, run, segment
from everword.storage.schema.schedules import schedule
from everword.storage.schema.triggers import trigger
from everword.storage.scope import visible

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Worked:
    """A run, its segments and conversation, whether it has still to end, and which of the entries it names."""

    run_id: RunId
    segment_ids: tuple[SegmentId, ...]
    conversation_id: ConversationId | None
    is_open: bool
    names: frozenset[str]


def working_with(
    connection: Connection,
    who: Principal,
    entry_ids: Collection[EntryId],
    conversation_ids: Collection[ConversationId],
    run_ids: Collection[RunId],
) -> list[Worked]:
    """Those runs and the runs of those conversations, with the entries that their input and result name."""
    wanted = set(entry_ids)
    rows: dict[str, Row[Any]] = {}
    columns = (run.c.id, run.c.conversation_id, run.c.state, run.c.input, run.c.result)
    for column, keys in ((run.c.conversation_id, conversation_ids), (run.c.id, run_ids)):
        for some in _some(keys):
            query = select(*columns).where(visible(run, who), column.in_(some))
            rows |= {row.id: row for row in connection.execute(query)}
    segments: dict[str, list[SegmentId]] = {}
    for some in _some(rows):
        query = select(segment.c.run_id, segment.c.id).where(visible(segment, who), segment.c.run_id.in_(some))
        for row in connection.execute(query):
            segments.setdefault(row.run_id, []).append(SegmentId(row.id))
    return [
        Worked(
            RunId(row.id),
            tuple(segments.get(row.id, ())),
            row.conversation_id,
            not RunState(row.state).is_ended,
            frozenset(_strings([row.input, row.result])) & wanted,
        )
        for row in rows.values()
    ]


def remove(connection: Connection, who: Principal, run_ids: Collection[RunId]) -> int:
    """Remove runs with their segments and transitions. Returns how many."""
    return sum(
        connection.execute(delete(run).where(visible(run, who), run.c.id.in_(some))).rowcount for some in _some(run_ids)
    )


def move(connection: Connection, who: Principal, old_id: EntryId, new_id: EntryId) -> None:
    """A redacted entry took the place of the one before: its run came to it, or its effect was called for by it."""
    of_it = select(entry.c.run_id).where(visible(entry, who), entry.c.id == new_id).scalar_subquery()
    for row in connection.execute(select(run.c.id, run.c.result).where(visible(run, who), run.c.id == of_it)).all():
        if (row.result or {}).get("entry_id") == old_id:
            moved = row.result | {"entry_id": new_id}
            connection.execute(update(run).where(visible(run, who), run.c.id == row.id).values(result=moved))
    called = (visible(effect, who), effect.c.call_id == old_id)
    connection.execute(update(effect).where(*called).values(call_id=new_id))


def schedules_on(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> dict[str, int]:
    """How many schedules go with those entries, which say what they do."""
    return {"schedules": _count(connection, who, schedule, entry_ids, schedule.c.request_id)}


def triggers_on(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> dict[str, int]:
    """How many triggers go with those entries, which say what they do or what they look for."""
    columns = (trigger.c.request_id, trigger.c.words_id)
    return {"triggers": _count(connection, who, trigger, entry_ids, *columns)}


def _count(
    connection: Connection,
    who: Principal,
    table: Table,
    entry_ids: Collection[EntryId],
    *columns: ColumnElement[str],
) -> int:
    found = set()
    for some in _some(entry_ids):
        where = (visible(table, who), or_(*(column.in_(some) for column in columns)))
        found |= set(connection.execute(select(table.c.id).where(*where)).scalars())
    return len(found)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _some(keys: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    for first in range(0, len(ordered), _AT_ONCE):
        yield ordered[first : first + _AT_ONCE]
