"""Lines of our own export about what was noted, is to be done, and was decided about promises."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from everword.core.ids import is_id
from everword.intake.records import Identity, Note, Promise, Task
from everword.intake.times import from_iso
from everword.memory.facts.types import Precision, PromiseState
from everword.memory.notes.types import checked_due

_UTC = ZoneInfo("UTC")
_MOST_CHARACTERS = 10_000


def note(raw: dict[str, Any]) -> Note:
    """A note. Raises KeyError, TypeError or ValueError for what is not as documented."""
    return Note(
        entry=_text(raw, "entry"),
        source=_text(raw, "source"),
        restores=Identity(_id(raw, "id")),
        created_at=_instant(raw, "created_at"),
        updated_at=_instant(raw, "updated_at"),
        run=_id(raw, "run") if "run" in raw else None,
    )


def task(raw: dict[str, Any]) -> Task:
    """A task. Raises KeyError, TypeError or ValueError for what is not as documented."""
    return Task(
        entry=_text(raw, "entry"),
        source=_text(raw, "source"),
        restores=Identity(_id(raw, "id")),
        created_at=_instant(raw, "created_at"),
        updated_at=_instant(raw, "updated_at"),
        cause=_text(raw, "cause") if "cause" in raw else None,
        run=_id(raw, "run") if "run" in raw else None,
        due=checked_due(_text(raw, "due")) if "due" in raw else None,
        done_at=from_iso(raw.get("done_at"), _UTC),
    )


def promise(raw: dict[str, Any]) -> Promise:
    """What was decided about a promise. Raises KeyError, TypeError or ValueError for what is not as documented."""
    state, start, end = PromiseState(raw["state"]), raw["start"], raw["end"]
    if state is PromiseState.OPEN or not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end:
        raise ValueError("state, start or end")
    return Promise(
        entry=_text(raw, "entry"),
        source=_text(raw, "source"),
        start=start,
        end=end,
        action=_text(raw, "action")[:_MOST_CHARACTERS],
        state=state.value,
        said_at=_instant(raw, "said_at"),
        decided_at=_instant(raw, "decided_at"),
        due_at=_instant(raw, "due_at") if "due_at" in raw else None,
        due_precision=Precision(raw["due_precision"]).value if "due_at" in raw else None,
    )


def _instant(raw: dict[str, Any], name: str) -> datetime:
    instant = from_iso(raw[name], _UTC)
    if instant is None:
        raise ValueError(f"{name} is no time")
    return instant


def _id(raw: dict[str, Any], name: str) -> str:
    value = _text(raw, name)
    if not is_id(value):
        raise ValueError(f"{name} is no id")
    return value


def _text(raw: dict[str, Any], name: str) -> str:
    value = raw[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is no text")
    return value
