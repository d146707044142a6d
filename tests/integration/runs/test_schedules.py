"""Schedules on both databases: each time is dealt with once, and none is passed over without a word."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from everword.agents import schedules, work
from everword.agents.schedules import Changed, Wanted
from everword.agents.types import WORK
from everword.core import clock
from everword.core.errors import Conflict, EverwordError
from everword.core.ids import RunId, new_id
from everword.core.types import Principal
from everword.memory.forgetting import ledger_store
from everword.memory.forgetting.types import Gone
from everword.runs import rounds, service, store
from everword.runs.schedules import rule
from everword.runs.schedules import store as schedule_store
from everword.runs.schedules.firing import fire
from everword.runs.schedules.scheduler import Scheduler
from everword.runs.schedules.types import OnMissed, OnOverlap, Schedule, ScheduleState
from everword.runs.types import Run, RunState
from everword.storage.database import Database

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass
class Watch:
    """The clock, as a test sets it."""

    at: datetime
    ticks: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def set(self, year: int, month: int, day: int, hour: int = 0, minute: int = 0, zone: Any = BERLIN) -> None:
        self.at = datetime(year, month, day, hour, minute, tzinfo=zone).astimezone(UTC)

    def pass_by(self, **more: float) -> None:
        self.at += timedelta(**more)
        self.ticks += timedelta(**more).total_seconds()


class Poisoned(EverwordError):
    """This schedule cannot be begun."""

    code = "poisoned"


@dataclass
class Desk:
    """Somebody's schedules, and what fires them, without a thread."""

    database: Database
    who: Principal
    watch: Watch
    poisoned: set[str] = field(default_factory=set)
    launched: list[RunId] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scheduler = Scheduler(self.database, lambda _person: self.who, self.begin, self.launched.append)

    def begin(self, connection: Connection, who: Principal, schedule: Schedule, due: datetime, **more: Any) -> Run:
        if schedule.id in self.poisoned:
            raise Poisoned
        return work.begin_scheduled(connection, who, schedule, due, **more)

    def make(self, when: str, text: str = "Look at the list", zone: str = "Europe/Berlin", **more: Any) -> Schedule:
        rules: dict[str, Any] = {
            "follows_owner": False,
            "on_missed": OnMissed.CATCH_UP,
            "on_overlap": OnOverlap.SKIP,
            "ceiling": None,
        }
        wanted = Wanted(text=text, when=when, time_zone=zone, **(rules | more))
        return schedules.create(self.database, self.who, wanted, client_id=new_id())

    def fire(self) -> None:
        """Deal with all that is due now."""
        while self.scheduler.fire_due():
            pass

    def runs(self, schedule: Schedule) -> list[Run]:
        """What it began, the oldest first."""
        with self.database.reading(self.who) as connection:
            found = store.listed(connection, self.who, kinds=[WORK], limit=1000)
        return sorted((run for run in found if run.input["schedule_id"] == schedule.id), key=lambda run: run.id)

    def causes(self, run: Run) -> list[str]:
        with self.database.reading(self.who) as connection:
            return [step.cause for step in store.transitions(connection, self.who, run.id)]

    def now(self, schedule: Schedule) -> Schedule:
        with self.database.reading(self.who) as connection:
            return schedule_store.get(connection, self.who, schedule.id)

    def end(self, run: Run) -> None:
        with self.database.writing(self.who) as connection:
            service.finish(connection, self.who, run.id, RunState.DELIVERED, cause="done")

    def end_all(self, schedule: Schedule) -> None:
        for run in self.runs(schedule):
            self.end(run)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch(datetime(2026, 3, 27, 11, tzinfo=UTC))
    monkeypatch.setattr(clock, "now", watch.now)
    monkeypatch.setattr(clock, "monotonic", watch.monotonic)
    return watch


@pytest.fixture
def desk(database: Database, anna: Principal, watch: Watch) -> Desk:
    return Desk(database, anna, watch)


def test_daylight_saving_skips_no_day_and_doubles_none(desk: Desk) -> None:
    """A job at 02:30 fires once on the night without a 02:30, and once on the night that has two."""
    nightly = desk.make("every day at 2:30")
    begun: list[datetime] = []
    for month, day in ((3, 28), (10, 24)):
        desk.watch.set(2026, month, day, 12)
        desk.fire()
        desk.end_all(nightly)
        begun.clear()
        for _ in range(24 * 4):
            desk.watch.pass_by(minutes=15)
            before = len(desk.runs(nightly))
            desk.fire()
            if len(desk.runs(nightly)) > before:
                begun.append(desk.watch.at.astimezone(BERLIN))
                desk.end_all(nightly)
        assert len(begun) == 1
    assert f"{begun[0]:%d %H:%M %z}" == "25 02:30 +0200"


def test_what_was_missed_is_caught_up_once_or_reported_once(desk: Desk) -> None:
    """Three days down: one rule begins one run that says so, the other writes one run in state missed, and begins
    again with the next time.
    """
    one = desk.make("every day at 7", "Caught up")
    other = desk.make("every day at 7", "Reported", on_missed=OnMissed.REPORT)
    desk.watch.set(2026, 3, 30, 9)
    desk.fire()
    (run,) = desk.runs(one)
    assert run.state is RunState.QUEUED
    assert desk.causes(run) == [
        "scheduled for 07:00 on 28 March 2026 and since, 3 times in which Everword did not run; caught up"
    ]
    (missed,) = desk.runs(other)
    assert missed.state is RunState.MISSED
    with desk.database.reading(desk.who) as connection:
        assert [run.id for run in work.needs_you(connection, desk.who, frozenset()).failures] == [missed.id]
    assert desk.launched == [run.id]
    desk.end(run)
    desk.watch.set(2026, 3, 31, 7)
    desk.fire()
    assert [desk.causes(found[-1])[0] for found in (desk.runs(one), desk.runs(other))] == ["scheduled for 07:00"] * 2


def test_deleted_means_deleted_even_while_due(desk: Desk) -> None:
    """Deleted after it was seen to be due it does not fire; what it began before stays."""
    daily = desk.make("every day at 7")
    desk.watch.set(2026, 3, 28, 7)
    desk.fire()
    desk.end_all(daily)
    desk.watch.set(2026, 3, 29, 7)
    with desk.database.reading(desk.who) as connection:
        due = schedule_store.due(connection, desk.who, desk.watch.at)
    schedules.remove(desk.database, desk.who, daily.id)
    assert [each.id for each in due] == [daily.id]
    desk.scheduler._fire(due[0])
    assert len(desk.runs(daily)) == 1


def test_forgetting_its_words_removes_a_schedule(desk: Desk) -> None:
    """The entry that says what is to be done goes, and the schedule with it."""
    daily = desk.make("every day at 7")
    with desk.database.writing(desk.who) as connection:
        ledger_store.remove(connection, desk.who, Gone(frozenset([daily.request_id])))
    desk.watch.set(2026, 3, 28, 7)
    desk.fire()
    with desk.database.reading(desk.who) as connection:
        assert schedules.listed(connection, desk.who) == []
    assert not desk.runs(daily)


def test_a_crash_in_the_second_it_fires_fires_once(desk: Desk) -> None:
    """Broken off before the commit, nothing is there and it fires anew; fired twice for one time, it is one run."""
    daily = desk.make("every day at 7")
    desk.watch.set(2026, 3, 28, 7)

    def crash() -> None:
        with desk.database.writing(desk.who) as connection:
            fire(connection, desk.who, daily, desk.watch.at, desk.begin)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    assert not desk.runs(daily)
    for _ in range(2):  # the second as by a process that saw the row before the first had committed
        with desk.database.writing(desk.who) as connection:
            fire(connection, desk.who, daily, desk.watch.at, desk.begin)
    assert len(desk.runs(daily)) == 1


def test_a_poisoned_schedule_stops_no_other_and_is_shown(desk: Desk) -> None:
    """The other fires at once; the broken one is tried three times, paused, shown to the owner, and can be resumed."""
    broken, healthy = desk.make("every day at 7", "Broken"), desk.make("every day at 7", "Healthy")
    desk.poisoned.add(broken.id)
    desk.watch.set(2026, 3, 28, 7)
    desk.fire()
    assert len(desk.runs(healthy)) == 1
    for _ in range(rounds.ATTEMPTS - 1):
        assert desk.now(broken).state is ScheduleState.ACTIVE
        desk.watch.pass_by(seconds=16)
        desk.fire()
    assert desk.now(broken).state is ScheduleState.PAUSED
    with desk.database.reading(desk.who) as connection:
        ((shown, text),) = work.needs_you(connection, desk.who, frozenset()).broken
    assert (shown.id, shown.reason, text) == (broken.id, "This schedule cannot be begun.", "Broken")
    desk.poisoned.clear()
    schedules.change(desk.database, desk.who, broken.id, Changed(is_paused=False))
    desk.watch.pass_by(hours=23)
    desk.fire()
    assert len(desk.runs(broken)) == 1
    with desk.database.reading(desk.who) as connection:
        assert not work.needs_you(connection, desk.who, frozenset()).broken


def test_overlap_is_queued_or_skipped_by_rule(desk: Desk) -> None:
    """While the run before goes on: one rule lets one wait and begins it after, the other skips; both are on record."""
    queue = desk.make("every hour", on_overlap=OnOverlap.QUEUE)
    skip = desk.make("every hour", on_overlap=OnOverlap.SKIP)
    for hour in (13, 14, 15):
        desk.watch.set(2026, 3, 27, hour)
        desk.fire()
    (first,), (only,) = desk.runs(queue), desk.runs(skip)
    assert desk.causes(first)[1:] == [
        "due again at 14:00: waits until this one has ended",
        "due again at 15:00: skipped, because one waits behind this already",
    ]
    assert desk.causes(only)[1:] == [
        f"due again at {hour}:00: skipped, because this one had not ended" for hour in (14, 15)
    ]
    desk.watch.set(2026, 3, 27, 15, 20)
    desk.end(first)
    desk.end(only)
    desk.fire()
    assert len(desk.runs(skip)) == 1
    assert desk.causes(desk.runs(queue)[1]) == ["scheduled for 14:00; begun when the one before had ended"]
    assert len(desk.runs(queue)) == 2


def test_the_owner_moves_to_another_time_zone(desk: Desk) -> None:
    """A schedule that follows its owner is due at seven there; one with a zone of its own is not moved."""
    follows, stays = desk.make("every day at 7", follows_owner=True), desk.make("every day at 7")
    with desk.database.writing(desk.who) as connection:
        schedules.follow_time_zone(connection, desk.who, "America/New_York")
    assert desk.now(follows).next_at == datetime(2026, 3, 27, 7, tzinfo=ZoneInfo("America/New_York")) + timedelta(
        days=1
    )
    assert desk.now(stays).next_at == datetime(2026, 3, 28, 7, tzinfo=BERLIN)


def test_made_once_paused_and_over(desk: Desk) -> None:
    """Sent twice it is made once; paused it is not due; what was once is over, and cannot be resumed."""
    wanted = Wanted("Tea", "in 2 hours", "UTC", False, OnMissed.CATCH_UP, OnOverlap.SKIP, None)
    made = [schedules.create(desk.database, desk.who, wanted, client_id="the same one") for _ in range(2)]
    assert made[0].id == made[1].id
    daily = desk.make("every day at 7")
    schedules.change(desk.database, desk.who, daily.id, Changed(is_paused=True))
    desk.watch.pass_by(hours=2)
    desk.fire()
    desk.watch.pass_by(days=3)
    desk.fire()
    assert len(desk.runs(made[0])) == 1
    assert desk.now(made[0]).state is ScheduleState.ENDED
    assert not desk.runs(daily)
    with pytest.raises(EverwordError, match="over"):
        schedules.change(desk.database, desk.who, made[0].id, Changed(is_paused=False))
    schedules.remove(desk.database, desk.who, made[0].id)
    with pytest.raises(Conflict):
        schedules.create(desk.database, desk.who, wanted, client_id="the same one")


def test_the_scheduler_wakes_by_itself_and_another_takes_over(database: Database, anna: Principal) -> None:
    """What is made while it sleeps is begun on time, once, with another process standing by; that one goes on alone."""
    launched: list[RunId] = []
    both = [Scheduler(database, lambda _person: anna, work.begin_scheduled, launched.append) for _ in range(2)]
    if database.is_sqlite:  # one process owns the folder
        both.pop()
    for each in both:
        database.on_commit(each.notify)
        each.start()
    for number in range(len(both)):
        wanted = Wanted("Tea", "in 1 second", "UTC", False, OnMissed.REPORT, OnOverlap.SKIP, None)
        schedules.create(database, anna, wanted, client_id=f"schedule {number}")
        deadline = time.monotonic() + 20
        while len(launched) <= number and time.monotonic() < deadline:
            time.sleep(0.05)
        both[number].stop()
    assert len(set(launched)) == len(launched) == len(both)
    with database.reading(anna) as connection:
        found = store.listed(connection, anna, kinds=[WORK])
    assert sorted((run.id, run.state) for run in found) == sorted((each, RunState.QUEUED) for each in launched)


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]
RULES = ["30 2 * * *", "*/20 * * * *", "0 */3 * * *", "15 1,2 * * 0", "0 12 L * *", "30 1-3 * * *"]
JUMPS = st.lists(st.integers(-3 * 24 * 60, 3 * 24 * 60), min_size=1, max_size=7)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.sampled_from(RULES), zone=st.sampled_from(ZONES), on_missed=st.sampled_from(OnMissed), jumps=JUMPS)
def test_no_time_fires_twice_and_none_is_passed_over(
    desk: Desk, wanted: str, zone: str, on_missed: OnMissed, jumps: list[int]
) -> None:
    """Whatever the rule, and however the clock jumps: every time up to the furthest that the clock has shown is in one
    run, begun or missed, and in one alone.
    """
    desk.watch.at = begun_at = datetime(2026, 10, 24, 12, 7, tzinfo=UTC)
    accounted: list[tuple[datetime, datetime]] = []

    def begin(connection: Connection, who: Principal, schedule: Schedule, due: datetime, **more: Any) -> Run:
        run = desk.begin(connection, who, schedule, due, **more)
        if not run.state.is_ended:
            service.finish(connection, who, run.id, RunState.DELIVERED, cause="done")
        accounted.append((due, due))
        return run

    schedule = desk.make(wanted, zone=zone, on_missed=on_missed)
    furthest = begun_at
    for minutes in jumps:
        desk.watch.at += timedelta(minutes=minutes)
        furthest = max(furthest, desk.watch.at)
        while True:
            held = desk.now(schedule)
            with desk.database.writing(desk.who) as connection:
                number = len(accounted)
                fire(connection, desk.who, held, desk.watch.at, begin)
            if len(accounted) == number:
                break
            accounted[-1] = (accounted[-1][0], desk.now(schedule).last_at or furthest)
    for at in _up_to(wanted, zone, begun_at, furthest):
        assert sum(first <= at <= last for first, last in accounted) == 1, (at, accounted)
    assert len(desk.runs(schedule)) == len({first for first, _ in accounted})


def _up_to(wanted: str, zone: str, after: datetime, until: datetime) -> Iterator[datetime]:
    for at in rule.times(wanted, zone, after):
        if at > until:
            return
        yield at
