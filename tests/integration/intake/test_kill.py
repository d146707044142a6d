"""kill -9 in the middle of an import."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from everword.core.types import Principal
from everword.intake.types import Counts, ImportState
from everword.memory import store
from everword.storage.database import Database
from tests.conftest import add_person
from tests.integration.intake.bringing import intake_in, ledger, queue
from tests.unit.intake.made import chatgpt_export, lines, trip

pytestmark = pytest.mark.slow

TALKS = 400


def start(database_url: str, folder: Path) -> subprocess.Popen[bytes]:
    """A process that imports."""
    command = [sys.executable, "-m", "tests.integration.intake.importing", database_url, str(folder / "intake")]
    return subprocess.Popen(command)


def count(database: Database, who: Principal) -> int:
    """How many entries there are."""
    with database.reading(who) as connection:
        return store.count(connection, who)[0]


@pytest.mark.parametrize(
    ("database_url", "form"), [("sqlite", "chatgpt"), ("postgresql", "entries")], indirect=["database_url"]
)
def test_killed_again_and_again_it_loses_and_doubles_nothing(
    database: Database, database_url: str, tmp_path: Path, anna: Principal, form: str
) -> None:
    """An import whose process is killed three times ends whole: every entry once, in order, with the right counts."""
    if form == "entries":
        talk = [{"conversation": f"c{n // 10}", "id": str(n), "text": f"word {n}"} for n in range(6 * TALKS)]
        content, talks = lines(*talk), 6 * TALKS // 10
    else:
        content, talks = chatgpt_export(*({**trip(), "conversation_id": f"c{n}"} for n in range(TALKS))), TALKS
    intake = intake_in(database, tmp_path)
    job = queue(intake, anna, content)
    for kill in range(3):
        process = start(database_url, tmp_path)
        while count(database, anna) < 500 * (kill + 1):
            assert process.poll() is None
            time.sleep(0.02)
        process.kill()
        process.wait()
    assert intake.get(anna, job.id).state is ImportState.RUNNING
    assert start(database_url, tmp_path).wait(60) == 0
    ended = intake.get(anna, job.id)
    assert (ended.state, ended.done_bytes) == (ImportState.DELIVERED, len(content))
    assert (ended.counts.conversations, ended.counts.entries, ended.counts.already_there) == (talks, 6 * TALKS, 0)
    entries = ledger(database, anna)
    assert len(entries) == len({entry.external_id for entry in entries}) == 6 * TALKS
    ids = {entry.id for entry in entries}
    assert all(entry.parent_id is None or entry.parent_id in ids for entry in entries)
    assert json.dumps(ended.as_json())
    assert list((tmp_path / "intake").iterdir()) == []


def test_a_file_that_never_became_a_job_is_swept(database: Database, tmp_path: Path, anna: Principal) -> None:
    """What a crash during an upload left behind is removed at the next start; queued files stay."""
    intake = intake_in(database, tmp_path)
    job = queue(intake, anna, lines({"id": "1", "text": "x"}))
    (tmp_path / "intake" / "half.part").write_bytes(b"half")
    (tmp_path / "intake" / "whole-without-job").write_bytes(b"whole")
    intake.recover()
    assert [path.name for path in (tmp_path / "intake").iterdir()] == [job.id]
    intake.run_queued()
    assert intake.get(anna, job.id).counts == Counts(entries=1)


def test_a_file_is_imported_by_the_process_that_took_it(postgres_database: Database, tmp_path: Path) -> None:
    """Of several processes on one database only the one that has the file takes its import, or queues it again."""
    anna = add_person(postgres_database, "Anna")
    mine, others = (intake_in(postgres_database, tmp_path / name) for name in ("mine", "others"))
    job = queue(mine, anna, lines({"id": "1", "text": "x"}))
    others.recover()
    others.run_queued()
    assert mine.get(anna, job.id).state is ImportState.QUEUED
    mine.run_queued()
    assert mine.get(anna, job.id).state is ImportState.DELIVERED
