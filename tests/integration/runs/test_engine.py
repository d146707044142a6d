"""Runs on the durable engine: true states, stop, and what a crash leaves."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from everword.accounts.people import ensure_installation
from everword.core.types import Principal, Priority
from everword.runs import engine as engine_module
from everword.runs import service, store
from everword.runs.engine import Engine
from everword.runs.segment import Segment
from everword.runs.types import Run, RunState
from everword.storage.database import Database

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
BEGUN: list[str] = []
OF_ONE_PERSON = 8


async def deliver(segment: Segment) -> None:
    """Two steps, then delivered."""

    async def note() -> int:
        BEGUN.append(segment.run.id)
        return len(BEGUN)

    await segment.step("first", note)
    await segment.until_stopped(asyncio.sleep(segment.run.input.get("sleep_s", 0)))
    with segment.database.writing(segment.who) as connection:
        service.finish(connection, segment.who, segment.run.id, RunState.DELIVERED, cause="done")


async def forget_to_end(_segment: Segment) -> None:
    """A mistaken kind: returns without an outcome."""


async def crash(_segment: Segment) -> None:
    """A mistaken kind: raises what nobody expects."""
    raise ZeroDivisionError


async def vanish(segment: Segment) -> None:
    """What executes it is gone at first, without a word in the row; then it is delivered."""
    if segment.run.id not in BEGUN:
        BEGUN.append(segment.run.id)
        raise asyncio.CancelledError
    await deliver(segment)


KINDS = {"deliver": deliver, "forget": forget_to_end, "crash": crash, "vanish": vanish}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is lost is looked for soon: later than the engine takes to begin what it is handed again, a second."""
    monkeypatch.setattr(engine_module, "_LOOK_ALONE_S", 0.2)
    monkeypatch.setattr(engine_module, "_LOST_AFTER_S", 3.0)


@pytest.fixture
def engine(database: Database, anna: Principal, tmp_path: Path) -> Iterator[Engine]:
    BEGUN.clear()
    ensure_installation(database)
    engine = Engine(database, lambda _person: anna, KINDS, tmp_path)
    engine.start()
    assert engine.wait_ready(30)
    yield engine
    engine.close()


def enqueue(database: Database, who: Principal, kind: str, **input: object) -> Run:
    with database.writing(who) as connection:
        return service.enqueue(
            connection, who, kind, dict(input), space_id=who.own_space, priority=Priority.PERSON, cause="test"
        )


def ended(database: Database, who: Principal, run: Run) -> Run:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with database.reading(who) as connection:
            now = store.get(connection, who, run.id)
        if now.state.is_ended:
            return now
        time.sleep(0.02)
    raise AssertionError(f"still {now.state}")


def test_a_run_ends_as_what_it_was(engine: Engine, database: Database, anna: Principal) -> None:
    """Delivered, broken, without an outcome, of an unknown kind: each says so, and only the first says delivered."""
    runs = {kind: enqueue(database, anna, kind) for kind in ("deliver", "crash", "forget", "unheard_of")}
    for run in runs.values():
        engine.launch(run.id)
    outcomes = {kind: ended(database, anna, run) for kind, run in runs.items()}
    assert outcomes["deliver"].state is RunState.DELIVERED
    assert {outcomes[kind].state for kind in ("crash", "forget", "unheard_of")} == {RunState.FAILED}
    assert outcomes["forget"].error_code == "ended_without_outcome"
    assert outcomes["unheard_of"].error_code == "unknown_kind"
    assert "Traceback" not in (outcomes["crash"].error or "")


def test_a_row_that_nobody_launched_is_found(engine: Engine, database: Database, anna: Principal) -> None:
    """A process that dies between the commit and the launch loses nothing: the sweep begins the run."""
    assert ended(database, anna, enqueue(database, anna, "deliver")).state is RunState.DELIVERED


@pytest.mark.usefixtures("impatient")
def test_a_row_that_is_left_running_is_taken_up(
    request: pytest.FixtureRequest, database: Database, anna: Principal
) -> None:
    """What executed it is gone and this process lives: no row stays "running" until somebody restarts it."""
    engine: Engine = request.getfixturevalue("engine")
    run = enqueue(database, anna, "vanish")
    engine.launch(run.id)
    now = ended(database, anna, run)
    assert (now.state, now.error_code) == (RunState.DELIVERED, None)


def test_launched_twice_runs_once(engine: Engine, database: Database, anna: Principal) -> None:
    """The engine's id is the segment's: a second launch of the same run begins nothing."""
    run = enqueue(database, anna, "deliver")
    for _ in range(3):
        engine.launch(run.id)
    ended(database, anna, run)
    time.sleep(0.2)
    assert BEGUN.count(run.id) == 1


def test_stop_ends_a_run_as_cancelled(engine: Engine, database: Database, anna: Principal) -> None:
    """A run that is told to stop ends at once, and as cancelled; stopping it again changes nothing."""
    run = enqueue(database, anna, "deliver", sleep_s=60)
    engine.launch(run.id)
    while run.id not in BEGUN:
        time.sleep(0.01)
    with database.writing(anna) as connection:
        service.request_stop(connection, anna, run.id)
    engine.stop(run.id)
    assert ended(database, anna, run).state is RunState.CANCELLED
    with database.writing(anna) as connection:
        assert service.request_stop(connection, anna, run.id).state is RunState.CANCELLED


def test_a_stop_told_to_another_process_is_heard(engine: Engine, database: Database, anna: Principal) -> None:
    """Stop is a column of the row: the process that executes the run sees it there."""
    run = enqueue(database, anna, "deliver", sleep_s=60)
    engine.launch(run.id)
    while run.id not in BEGUN:
        time.sleep(0.01)
    with database.writing(anna) as connection:
        service.request_stop(connection, anna, run.id)
    assert ended(database, anna, run).state is RunState.CANCELLED


def test_a_run_goes_on_where_its_records_end_in_the_next_process(
    database: Database, anna: Principal, tmp_path: Path
) -> None:
    """What the engine had recorded of a run is not done again when another process takes the run over.

    The engine (DBOS) is asked for this by `resume_workflow`; where a later version does it otherwise, this fails.
    """
    BEGUN.clear()
    ensure_installation(database)
    first = Engine(database, lambda _person: anna, KINDS, tmp_path)
    first.start()
    assert first.wait_ready(30)
    run = enqueue(database, anna, "deliver", sleep_s=1)
    first.launch(run.id)
    while run.id not in BEGUN:
        time.sleep(0.01)
    time.sleep(0.3)  # the first step is on record
    first.close()
    second = Engine(database, lambda _person: anna, KINDS, tmp_path)
    second.start()
    now = ended(database, anna, run)
    second.close()
    assert (now.state, now.attempt, BEGUN.count(run.id)) == (RunState.DELIVERED, 2, 1)


def test_background_work_beyond_what_there_is_room_for_waits(
    engine: Engine, database: Database, anna: Principal
) -> None:
    """So many background runs execute at once, the others are queued; what a person waits for begins all the same."""
    with database.writing(anna) as connection:
        for _ in range(OF_ONE_PERSON + 3):
            service.enqueue(
                connection,
                anna,
                "deliver",
                {"sleep_s": 60},
                space_id=anna.own_space,
                priority=Priority.BACKGROUND,
                cause="test",
            )
    engine.launch(enqueue(database, anna, "deliver").id)
    while len(BEGUN) < OF_ONE_PERSON + 1:
        time.sleep(0.02)
    time.sleep(0.3)
    with database.reading(anna) as connection:
        states = store.count_by_state(connection, anna)
    assert states == {RunState.RUNNING: OF_ONE_PERSON, RunState.QUEUED: 3, RunState.DELIVERED: 1}
