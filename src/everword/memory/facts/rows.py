"""How slots, intervals and supersessions stand in rows: what the stores of this room share."""

from collections.abc import Iterable, Iterator
from typing import Any

from everword.core.ids import SpaceId
from everword.memory.facts.types import Interval, Moment, Precision, Slot
from everword.storage.schema.facts import supersession

_AT_ONCE = 400


def in_slot(table: Any, space_id: SpaceId, slot: Slot) -> tuple[Any, ...]:
    """Rows of a table that has slots which are of this one."""
    return table.c.space_id == space_id, table.c.subject_key == slot.subject_key, table.c.slot == slot.name


def interval_row(interval: Interval) -> dict[str, Any]:
    """An interval as its four columns."""
    start, end = interval.start, interval.end
    return {
        "valid_from": start.at if start else None,
        "from_precision": start.precision.value if start else None,
        "valid_to": end.at if end else None,
        "to_precision": end.precision.value if end else None,
    }


def interval_of(row: Any) -> Interval:
    """The interval that a row has."""
    start = Moment(row.valid_from, Precision(row.from_precision)) if row.valid_from is not None else None
    end = Moment(row.valid_to, Precision(row.to_precision)) if row.valid_to is not None else None
    return Interval(start, end)


def batches(keys: Iterable[str]) -> Iterator[list[str]]:
    """Keys in pieces that a statement can hold."""
    ordered = sorted(keys)
    for first in range(0, len(ordered), _AT_ONCE):
        yield ordered[first : first + _AT_ONCE]


def is_active() -> Any:
    """Whether a supersession has not been undone."""
    return supersession.c.undone_at.is_(None)
