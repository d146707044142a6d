"""Notes' and tasks' side of forgetting: which stand on entries that go, and what they keep where one is redacted."""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, func, select, update

from everword.core.ids import EntryId, RunId
from everword.core.types import Principal
from everword.storage.schema.notes import note, task
from everword.storage.scope import visible

_AT_ONCE = 500


def count(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> dict[str, int]:
    """How many notes and tasks go with those entries."""
    counts = {"notes": 0, "tasks": 0}
    for name, table in (("notes", note), ("tasks", task)):
        for some in _some(entry_ids):
            query = select(func.count()).select_from(table).where(visible(table, who), table.c.entry_id.in_(some))
            counts[name] += int(connection.execute(query).scalar_one())
    return counts


def move(connection: Connection, who: Principal, from_id: EntryId, to_id: EntryId) -> None:
    """Let what stands on an entry, or comes from it, do so on another."""
    for column in (note.c.entry_id, task.c.entry_id, task.c.source_entry_id):
        where = (visible(column.table, who), column == from_id)
        connection.execute(update(column.table).where(*where).values({column: to_id}))


def forget_runs(connection: Connection, who: Principal, run_ids: Collection[RunId]) -> None:
    """Name those runs no more as what wrote a note or task."""
    for table in (note, task):
        for some in _some(run_ids):
            connection.execute(update(table).where(visible(table, who), table.c.run_id.in_(some)).values(run_id=None))


def _some(keys: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    for first in range(0, len(ordered), _AT_ONCE):
        yield ordered[first : first + _AT_ONCE]
