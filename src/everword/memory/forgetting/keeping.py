"""How long a person keeps entries: the span in effect, a shorter one that waits for its day, and what it would take."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import Connection

from everword.core import clock
from everword.core.types import Principal
from everword.memory.forgetting import ledger_store
from everword.memory.forgetting.plan import own
from everword.memory.forgetting.types import ForgettingId, Selection
from everword.memory.types import Entry
from everword.storage import events, preference_store
from everword.storage.database import Database

Span = Literal["for ever", "30 days", "90 days", "1 year", "3 years", "10 years"]
SPANS: tuple[Span, ...] = get_args(Span)
GRACE = timedelta(days=1)
"""A shorter span takes effect so long after it was chosen, and not if it is taken back before."""

_DAYS: Mapping[Span, int] = {"30 days": 30, "90 days": 90, "1 year": 365, "3 years": 3 * 365, "10 years": 10 * 365}
_IN_EFFECT = "keep_entries"
_COMING = "keep_entries_coming"
_FORGETTINGS = "keep_entries_forgettings"
_MOST_FORGETTINGS = 20
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Coming:
    """A shorter span that was chosen and has not begun."""

    keep: Span
    chosen_at: datetime
    begins_at: datetime


@dataclass(frozen=True, slots=True)
class Keeping:
    """The span in effect, one that waits, and what the span has begun to forget (the newest last)."""

    keep: Span
    coming: Coming | None
    forgetting_ids: tuple[ForgettingId, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """What a span takes when it begins: `count` entries older than `before`; `entries` are those said first."""

    count: int
    before: datetime | None
    begins_at: datetime | None
    first_said_at: datetime | None
    last_said_at: datetime | None
    entries: tuple[Entry, ...]


def read(connection: Connection, who: Principal) -> Keeping:
    """How a person keeps entries."""
    found = preference_store.read(connection, who, who.own_space)
    waits = found.get(_COMING)
    coming = waits and Coming(
        waits["keep"], datetime.fromisoformat(waits["chosen_at"]), datetime.fromisoformat(waits["begins_at"])
    )
    ids = tuple(map(ForgettingId, found.get(_FORGETTINGS) or ()))
    return Keeping(found.get(_IN_EFFECT, "for ever"), coming, ids)


def selection_of(keep: Span, at: datetime) -> Selection | None:
    """What is older than a span at that moment; none where everything is kept."""
    return Selection(older_than=at - timedelta(days=_DAYS[keep])) if keep in _DAYS else None


def preview(database: Database, who: Principal, keep: Span) -> Due:
    """What would go if that span were chosen now, and when. Changes nothing."""
    who = own(who)
    with database.reading(who) as connection:
        waits = _is_shorter(keep, read(connection, who).keep)
        return due(connection, who, keep, clock.now() + GRACE if waits else None)


def due(connection: Connection, who: Principal, keep: Span, begins_at: datetime | None) -> Due:
    """What a span takes when it begins at that moment; none: it does, or did, at once."""
    selection = selection_of(keep, begins_at or clock.now())
    if selection is None:
        return Due(0, None, begins_at, None, None, ())
    count, first, last = ledger_store.extent(connection, who, selection)
    entries = ledger_store.first_said(connection, who, selection, _SHOWN)
    return Due(count, selection.older_than, begins_at, first, last, tuple(entries))


def choose(database: Database, who: Principal, keep: Span) -> Keeping:
    """Keep entries for that span: a longer one from now on, a shorter one a day from now. Replaces one that waits."""
    who = own(who)
    now = clock.now()
    with database.writing(who) as connection:
        if _is_shorter(keep, read(connection, who).keep):
            waits = {"keep": keep, "chosen_at": now.isoformat(), "begins_at": (now + GRACE).isoformat()}
            preference_store.write(connection, who, who.own_space, _COMING, waits)
        else:
            preference_store.write(connection, who, who.own_space, _IN_EFFECT, keep)
            preference_store.write(connection, who, who.own_space, _COMING, None)
        return _told(connection, who)


def take_back(database: Database, who: Principal) -> Keeping:
    """Let a span that waits not begin. Safe to repeat."""
    who = own(who)
    with database.writing(who) as connection:
        preference_store.write(connection, who, who.own_space, _COMING, None)
        return _told(connection, who)


def settle(database: Database, who: Principal) -> bool:
    """Put a span into effect whose day has come; whether there was one."""
    with database.reading(own(who)) as connection:
        coming = read(connection, own(who)).coming
    if coming is None or clock.now() < coming.begins_at:
        return False
    with database.writing(own(who)) as connection:
        if read(connection, own(who)).coming != coming:  # taken back, or chosen anew, meanwhile
            return False
        preference_store.write(connection, own(who), who.own_space, _IN_EFFECT, coming.keep)
        preference_store.write(connection, own(who), who.own_space, _COMING, None)
        _told(connection, own(who))
    return True


def began(database: Database, who: Principal, forgetting_id: ForgettingId) -> None:
    """Remember that the span in effect has begun that forgetting, so that its receipt can be shown as its doing."""
    with database.writing(own(who)) as connection:
        known = read(connection, own(who)).forgetting_ids
        kept = [*known, forgetting_id][-_MOST_FORGETTINGS:]
        preference_store.write(connection, own(who), who.own_space, _FORGETTINGS, kept)


def _told(connection: Connection, who: Principal) -> Keeping:
    events.append(connection, who, who.own_space, "setting.changed", {"name": _IN_EFFECT})
    return read(connection, who)


def _is_shorter(keep: Span, than: Span) -> bool:
    return keep in _DAYS and (than not in _DAYS or _DAYS[keep] < _DAYS[than])
