"""What background work may use, and when it gives way: on both databases, with a real engine and a scripted model."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from everword.agents import bounds, work, yielding
from everword.agents.spending import Ceiling, used_by
from everword.core import clock
from everword.core.ids import ExecutorId, new_id
from everword.core.types import Effect, Principal, Priority
from everword.models.script import Script, rule
from everword.runs import engine
from everword.runs import store as run_store
from everword.runs.types import Run, RunState, Waiting
from everword.storage import database as database_module
from everword.storage.database import Database
from everword.storage.errors import DatabaseBusy
from everword.tools.manifest import Arguments, Asked, Reach, Result, Tool
from tests.integration.agents.office import Office, opened_office

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def office(database: Database, anna: Principal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(engine, "_LOOK_ALONE_S", 0.3)  # the clock is driven: what is due is looked for soon
    with opened_office(database, anna, tmp_path) as office:
        yield office


def causes(office: Office, run: Run) -> list[str]:
    """Why a run went from each state to the next."""
    with office.database.reading(office.who) as connection:
        return [each.cause for each in run_store.transitions(connection, office.who, run.id)]


def test_money_has_a_ceiling(office: Office) -> None:
    """What calls cost is counted by the price that the owner gave, and ends a run at its ceiling."""
    dear = office.begin("list_files", Ceiling(dollars=0.001))
    failed = office.until(dear, RunState.FAILED)
    assert (failed.error_code, "$0.00" in (failed.error or "")) == ("ceiling_reached", True)
    cheap = office.until(office.begin("list_files", Ceiling(dollars=100)), RunState.DELIVERED)
    assert cheap.error is None


def test_a_model_that_goes_on_and_on_has_no_more_than_the_time_left(office: Office) -> None:
    """The seconds a run may work hold within a step, too: what the model writes then is not waited for."""
    office.server.script = Script([rule("", "on and on " * 500, token_delay_s=0.05)])
    failed = office.until(office.begin("list_files", Ceiling(seconds=1)), RunState.FAILED)
    assert (failed.error_code, "1 seconds" in (failed.error or "")) == ("ceiling_reached", True)


@pytest.mark.parametrize("setting", ["day_tokens", "day_dollars", "day_calls"])
def test_a_day_has_a_ceiling_and_the_next_begins_anew(office: Office, setting: str) -> None:
    """What comes over it waits until midnight where the owner lives, says why, and goes on when that is changed."""
    office.until(office.begin("list_files"), RunState.DELIVERED)
    office.settings |= {setting: 0.001, "time_zone": "Asia/Tokyo"}
    run = office.begin("list_files")
    waits = office.until(run, RunState.WAITING)
    assert waits.waiting_for == Waiting.CEILING.value
    assert waits.wakes_at is not None
    assert (waits.wakes_at.hour, waits.wakes_at.minute) == (15, 0)  # midnight in Tokyo
    assert "ceiling" in causes(office, run)[-1]
    office.settings[setting] = None
    with office.database.writing(office.who) as connection:
        (goes_on,) = bounds.after_change(connection, office.who)
    office.engine.launch(goes_on.id)
    office.until(run, RunState.DELIVERED)


def test_a_model_that_is_away_for_an_hour_is_waited_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is held meanwhile, it is asked less and less often, and goes on by itself; after a day it fails."""
    ahead = timedelta()
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + ahead)
    answers = office.server.script
    office.server.script = Script.failing("server")
    run = office.begin("list_files")
    pauses = []
    while ahead < timedelta(hours=1):
        waits = office.until(run, RunState.WAITING)
        assert waits.waiting_for == Waiting.TIME.value
        assert waits.wakes_at is not None
        pauses.append(waits.wakes_at - clock.now())
        ahead += pauses[-1] + timedelta(seconds=1)
        office.engine.launch(run.id)
        office.until_changed(waits)
    seconds = [round(pause.total_seconds() / 10) for pause in pauses]
    assert seconds == sorted(seconds)
    assert len(pauses) < 12
    assert pauses[-1] > timedelta(minutes=10)
    office.until(run, RunState.WAITING)  # or what failed last would wait from after the hour that comes now
    office.server.script = answers
    ahead += timedelta(hours=1)
    assert office.until(run, RunState.DELIVERED).error is None
    office.server.script = Script.failing("server")
    gone = office.begin("list_files")
    office.until(gone, RunState.WAITING)
    ahead += yielding.GIVES_UP_AFTER + timedelta(minutes=1)
    assert office.until(gone, RunState.FAILED).error_code == "model_provider_overloaded"


@pytest.mark.parametrize("days", [2, -2])
def test_a_clock_that_jumps_is_no_work(
    database: Database, anna: Principal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """Put forward or back by days in the middle of a step, as after a sleep: the run goes on within its ceiling."""
    ahead = timedelta()
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + ahead)

    async def jump(_asked: Asked, _arguments: Arguments) -> Result:
        nonlocal ahead
        ahead += timedelta(days=days)
        return Result("It is another day.")

    tool = Tool(
        name="jump",
        description="Set the clock.",
        parameters={"type": "object", "properties": {}},
        effect=Effect.READ,
        reach=Reach.OWN,
        says=lambda _arguments: "Set the clock",
        read=jump,
    )
    with opened_office(database, anna, tmp_path, [tool]) as office:
        run = office.begin("jump", Ceiling(seconds=120))
        assert office.until(run, RunState.DELIVERED, RunState.FAILED).error is None
        with database.reading(anna) as connection:
            assert used_by(connection, anna, [run_store.get(connection, anna, run.id)])[run.id].seconds < 120


def test_who_waits_comes_first_and_the_work_goes_on_after(office: Office) -> None:
    """While a person's turn has what a step needs, the run is shelved before that step, and goes on by itself."""
    place = office.gateway.choice.target(office.who, None)
    admission = office.gateway.terms(office.who, place, Priority.PERSON).admission

    async def shelved_meanwhile() -> Run:
        async with asyncio.TaskGroup() as turns:
            leave = asyncio.Event()
            taken = [asyncio.Event() for _ in range(16)]

            async def turn(number: int) -> None:
                async with admission.admitted(Priority.PERSON):
                    taken[number].set()
                    await leave.wait()

            for number in range(16):
                turns.create_task(turn(number))
                await taken[number].wait()
            run = await asyncio.to_thread(office.begin, "list_files")
            waits = await asyncio.to_thread(office.until, run, RunState.WAITING)
            assert waits.waiting_for == Waiting.POSTURE.value
            leave.set()
            return run

    run = asyncio.run(shelved_meanwhile())
    office.until(run, RunState.DELIVERED)
    assert "somebody waits for an answer, and comes first" in causes(office, run)
    assert "there is room again" in causes(office, run)


def test_a_hundred_jobs_of_one_leave_room_for_anothers(database: Database, anna: Principal, ben: Principal) -> None:
    """Of what is free a process takes of each person in turn, and of nobody more than their share."""
    hers = [work.begin(database, anna, "Count", client_id=new_id()).run for _ in range(30)]
    (his,) = [work.begin(database, ben, "Count", client_id=new_id()).run]
    system = Principal.system()
    with database.writing(system) as connection:
        claims = run_store.claim(connection, system, ExecutorId("one"), background=4)
        rows = [run_store.get_segment(connection, system, claim.segment_id).run_id for claim in claims]
    assert his.id in rows
    assert [each for each in rows if each != his.id] == [run.id for run in hers[:3]]
    with database.writing(system) as connection:
        more = run_store.claim(connection, system, ExecutorId("one"), background=100, each_person=5)
    assert len(more) == 2  # three of hers are claimed already


def test_a_database_that_is_busy_for_long_costs_no_run(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds the lock of SQLite longer than anybody waits for it: runs are taken up where they were."""
    if not office.database.is_sqlite:
        pytest.skip("PostgreSQL has a lock for each row")
    monkeypatch.setattr(database_module, "_SQLITE_BUSY_MS", 200)
    event.listen(
        office.database.engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=200")
    )
    runs = [office.begin("list_files") for _ in range(4)]
    holding = sqlite3.connect(office.database.url.database or "", isolation_level=None)
    holding.execute("BEGIN IMMEDIATE")
    time.sleep(1.0)
    with pytest.raises(DatabaseBusy):
        office.begin("list_files")
    holding.execute("ROLLBACK")
    holding.close()
    for run in runs:
        office.until(run, RunState.DELIVERED)
