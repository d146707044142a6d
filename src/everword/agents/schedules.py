"""What a person does with schedules: make one, change it, pause it, delete it. One transaction each.

The words of what is to be done are an entry of the ledger; a schedule whose entry is forgotten goes with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from everword.agents.conversation import check_words
from everword.agents.spending import Ceiling
from everword.core import clock
from everword.core.errors import Conflict, Invalid
from everword.core.ids import EntryId, ScheduleId
from everword.core.types import Label, Principal
from everword.memory import store as ledger
from everword.memory.types import NewEntry
from everword.runs.rounds import NEEDS_YOU
from everword.runs.schedules import rule, store, words
from everword.runs.schedules.firing import SCHEDULE_CHANGED
from everword.runs.schedules.types import OnMissed, OnOverlap, Schedule, ScheduleState
from everword.storage import events
from everword.storage.database import Database

SOURCE = "schedule"
_MOST = 500


@dataclass(frozen=True, slots=True)
class Understood:
    """What words or cron were understood as: the rule, the same in words, and the next three times."""

    rule: str
    time_zone: str
    says: str
    next: list[datetime]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A schedule to be made. `follows_owner`: the time zone is the owner's, and changes with it."""

    text: str
    when: str
    time_zone: str
    follows_owner: bool
    on_missed: OnMissed
    on_overlap: OnOverlap
    ceiling: Ceiling | None


@dataclass(frozen=True, slots=True)
class Changed:
    """What of a schedule is to be another; None stays as it is. Of a ceiling, too, what is not named does.

    `follows_owner`: the time zone is the owner's, and changes with it.
    """

    text: str | None = None
    when: str | None = None
    time_zone: str | None = None
    follows_owner: bool = False
    on_missed: OnMissed | None = None
    on_overlap: OnOverlap | None = None
    ceiling: Mapping[str, float] | None = None
    is_paused: bool | None = None


def understand(when: str, time_zone: str) -> Understood:
    """Read words or cron. Raises Invalid, with forms that are understood."""
    now = clock.now()
    time_zone = rule.time_zone_named(time_zone)
    found = words.read(when, time_zone, now)
    following = list(islice(rule.times(found, time_zone, now), 3))
    if not following:
        raise Invalid(why=f"“{when.strip()}” is over already.")
    return Understood(found, time_zone, rule.described(found, time_zone), following)


def create(database: Database, who: Principal, wanted: Wanted, *, client_id: str) -> Schedule:
    """Write a schedule and its request. Again with the same `client_id`: what was made before."""
    check_words(wanted.text)
    understood = understand(wanted.when, wanted.time_zone)
    with database.writing(who) as connection:
        events.hold_order(connection)
        key = f"client:{client_id}"
        known = ledger.by_external_id(connection, who, who.own_space, SOURCE, key)
        made = None if known is None else store.of_request(connection, who, known.id)
        if made is not None:
            return made
        if known is not None:
            raise Conflict(why="The schedule that was made with this client_id has been deleted or changed.")
        if len(store.listed(connection, who)) >= _MOST:
            raise Conflict(why=f"There are {_MOST} schedules already. Delete one first.")
        schedule = store.create(
            connection,
            who,
            space_id=who.own_space,
            person_id=who.person_id,
            request_id=_write_request(connection, who, wanted.text, key),
            rule=understood.rule,
            time_zone=understood.time_zone,
            follows_owner=wanted.follows_owner,
            on_missed=wanted.on_missed,
            on_overlap=wanted.on_overlap,
            ceiling=None if wanted.ceiling is None else asdict(wanted.ceiling),
            next_at=understood.next[0],
        )
        _tell(connection, who, schedule)
        return schedule


def change(database: Database, who: Principal, schedule_id: ScheduleId, changed: Changed) -> Schedule:
    """Change, pause or resume. A time that was dealt with does not come again, whatever is changed."""
    if changed.text is not None:
        check_words(changed.text)
    with database.writing(who) as connection:
        held = store.get(connection, who, schedule_id, hold=True)
        values: dict[str, Any] = {
            name: value.value
            for name, value in (("on_missed", changed.on_missed), ("on_overlap", changed.on_overlap))
            if value is not None
        }
        if changed.text is not None:
            values["request_id"] = _write_request(connection, who, changed.text, None)
        if changed.ceiling is not None:
            values["ceiling"] = asdict(Ceiling.stored(held.ceiling)) | dict(changed.ceiling)
        if changed.time_zone is not None:
            values |= {
                "time_zone": rule.time_zone_named(changed.time_zone),
                "follows_owner": changed.follows_owner,
            }
        if changed.when is not None:
            values["rule"] = words.read(changed.when, values.get("time_zone", held.time_zone), clock.now())
        schedule = store.change(connection, who, schedule_id, values | _timed(held, values, changed.is_paused))
        _tell(connection, who, schedule)
        return schedule


def remove(database: Database, who: Principal, schedule_id: ScheduleId) -> None:
    """Delete a schedule: it is not due again, not even for a time that waits. Its request and its runs stay."""
    with database.writing(who) as connection:
        schedule = store.get(connection, who, schedule_id, hold=True)
        store.remove(connection, who, schedule_id)
        _tell(connection, who, schedule)


def listed(connection: Connection, who: Principal) -> list[tuple[Schedule, str]]:
    """All schedules with what they do, the oldest first."""
    return with_requests(connection, who, store.listed(connection, who))


def with_requests(connection: Connection, who: Principal, schedules: Sequence[Schedule]) -> list[tuple[Schedule, str]]:
    """Schedules, each with the words of its request."""
    return [(each, ledger.get(connection, who, each.request_id).text) for each in schedules]


def follow_time_zone(connection: Connection, who: Principal, time_zone: str) -> None:
    """The owner lives by another clock now: so do the schedules that follow it. What is due already stays due."""
    moved = []
    for found in store.listed(connection, who):
        if not found.follows_owner or found.time_zone == time_zone:
            continue
        held = store.get(connection, who, found.id, hold=True)
        values: dict[str, Any] = {"time_zone": time_zone}
        if held.state is ScheduleState.ACTIVE and held.next_at is not None and held.next_at > clock.now():
            values["next_at"] = rule.following(held.rule, time_zone, _dealt_with(held))
        moved.append(store.change(connection, who, held.id, values))
    for schedule in moved:
        _tell(connection, who, schedule)


def pause_redacted(connection: Connection, who: Principal, old_id: EntryId, new_id: EntryId) -> None:
    """Words of a request are forgotten: what is left is not what the owner asked for, so it rests until they look."""
    schedule = store.of_request(connection, who, old_id)
    if schedule is None:
        return
    reason = "Words of what it was to do were forgotten. Say anew what is to be done."
    values = {"state": ScheduleState.PAUSED.value, "next_at": None, "queued_at": None, "reason": reason}
    _tell(connection, who, store.change(connection, who, schedule.id, {"request_id": new_id, **values}))


def _timed(held: Schedule, values: dict[str, Any], is_paused: bool | None) -> dict[str, Any]:
    """When it is due next after a change, and whether it is."""
    if is_paused:
        return {"state": ScheduleState.PAUSED.value, "next_at": None, "queued_at": None, "reason": None}
    is_resumed = is_paused is False and held.state is not ScheduleState.ACTIVE
    is_timed_anew = "rule" in values or "time_zone" in values
    if not is_resumed and (not is_timed_anew or held.state is ScheduleState.PAUSED):
        return {}
    found, zone = values.get("rule", held.rule), values.get("time_zone", held.time_zone)
    following = rule.following(found, zone, _dealt_with(held))
    if following is None:
        raise Invalid(why=f"It would not be due again: {rule.described(found, zone)} is over.")
    return {"state": ScheduleState.ACTIVE.value, "next_at": following, "reason": None, "failures": 0}


def _dealt_with(schedule: Schedule) -> datetime:
    """After this its times are still to come: now, or later where the clock was set back."""
    return max(clock.now(), schedule.last_at or clock.now())


def _write_request(connection: Connection, who: Principal, text: str, key: str | None) -> EntryId:
    new = NewEntry(
        space_id=who.own_space, label=Label.OWNER, text=text, said_at=clock.now(), source=SOURCE, external_id=key
    )
    return ledger.append(connection, who, new).id


def _tell(connection: Connection, who: Principal, schedule: Schedule) -> None:
    events.append(connection, who, schedule.space_id, SCHEDULE_CHANGED, {"schedule_id": schedule.id})
    events.append(connection, who, schedule.space_id, NEEDS_YOU, {})
