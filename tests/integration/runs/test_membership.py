"""Several processes on one PostgreSQL: who is taken for dead, what becomes of its runs, and what it can still do."""

import time
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from everword.accounts.people import ensure_installation
from everword.core.errors import EverwordError
from everword.core.ids import SegmentId
from everword.core.types import Principal, Priority
from everword.runs import executor_store, service, store
from everword.runs import membership as membership_module
from everword.runs.errors import TakenOver
from everword.runs.membership import Membership
from everword.runs.segment import Segment
from everword.runs.types import Run
from everword.runs.workflows import run_step
from everword.storage.database import Database
from tests.conftest import add_person

_SYSTEM = Principal.system()


@pytest.fixture
def another(postgres_database: Database) -> Database:
    """The same database, as another process has it."""
    ensure_installation(postgres_database)
    return Database(postgres_database.url.render_as_string(hide_password=False))


def claimed(database: Database, member: Membership) -> tuple[Principal, Run, SegmentId]:
    """A run whose segment a process has."""
    anna = add_person(database, "Anna")
    with database.writing(anna) as connection:
        run = service.enqueue(
            connection, anna, "test", {}, space_id=anna.own_space, priority=Priority.PERSON, cause="test"
        )
    assert member.id is not None
    with database.writing(_SYSTEM) as connection:
        (claim,) = store.claim(connection, _SYSTEM, member.id, background=1)
    return anna, run, claim.segment_id


def test_one_that_beats_is_left_alone_and_one_that_does_not_is_taken_over(
    postgres_database: Database, another: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process is dead to another when its beats stay away, and then its segments are the other's, once."""
    monkeypatch.setattr(membership_module, "BEAT_S", 0.1)
    monkeypatch.setattr(membership_module, "DEAD_AFTER_S", 1.0)
    first, second = Membership(postgres_database, tmp_path / "first"), Membership(another, tmp_path / "second")
    for member in (first, second):
        member._file.parent.mkdir()
        assert member.join() == []
    _, _, segment_id = claimed(postgres_database, first)
    for _ in range(15):
        assert second.dead() == []
        time.sleep(0.1)
    first._leaving.set()  # it beats no more
    while not (dead := second.dead()):
        time.sleep(0.05)
    assert [each.id for each in dead] == [first.id]
    assert second.inherit(dead[0]) == [segment_id]
    assert second.inherit(dead[0]) == []
    with another.reading(_SYSTEM) as connection:
        assert [each.id for each in executor_store.listed(connection, _SYSTEM)] == [second.id]
        assert store.holder(connection, _SYSTEM, segment_id) == second.id
    second.leave()


def test_one_that_was_only_stuck_can_write_no_more(
    postgres_database: Database, another: Database, tmp_path: Path
) -> None:
    """What a stuck process had not committed is undone, and what it begins later is refused."""
    first, second = Membership(postgres_database, tmp_path), Membership(another, tmp_path)
    first.join()
    anna, run, segment_id = claimed(postgres_database, first)
    assert first.id is not None
    segment = Segment(segment_id, first.id, run, anna, postgres_database, run_step)
    with pytest.raises((OperationalError, EverwordError)), segment.writing() as connection:  # noqa: PT012
        store.change(connection, anna, run.id, {"error": "written by the stuck one"})
        assert second.join() == [segment_id]  # in the same folder: the one before is dead
    with pytest.raises(TakenOver), segment.writing():
        pass
    with another.reading(anna) as connection:
        assert store.get(connection, anna, run.id).error is None
    second.leave()
    first.leave()


def test_what_a_process_leaves_is_anybodys(database: Database, tmp_path: Path) -> None:
    """A process that ends in order leaves its segments free, and no row of its own."""
    ensure_installation(database)
    member = Membership(database, tmp_path)
    member.join()
    _, _, segment_id = claimed(database, member)
    member.leave()
    with database.reading(_SYSTEM) as connection:
        assert executor_store.listed(connection, _SYSTEM) == []
        assert store.holder(connection, _SYSTEM, segment_id) is None
