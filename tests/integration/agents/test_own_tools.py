"""Notes and tasks as tools: the assistant changes its own without asking, and the owner's after a yes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from everword.agents import work_log
from everword.core.types import Principal
from everword.memory.notes import task_store, tasks
from everword.memory.notes.types import OWNER, Task
from everword.runs.types import Run, RunState
from everword.storage.database import Database
from everword.tools.notes import note_tools
from everword.tools.tasks import task_tools
from tests.integration.agents.office import Office, opened_office

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def office(database: Database, anna: Principal, tmp_path: Path) -> Iterator[Office]:
    own = [*note_tools(database), *task_tools(database, lambda _who: "Europe/Berlin")]
    with opened_office(database, anna, tmp_path, own) as office:
        yield office


def open_tasks(office: Office) -> list[Task]:
    with office.database.reading(office.who) as connection:
        return task_store.listed(connection, office.who, is_done=False, limit=9)


def results(office: Office, run: Run) -> list[str]:
    with office.database.reading(office.who) as connection:
        log = work_log.read(connection, office.who, run)
    return [entry.text for entry in log.entries if entry.kind == "tool_result"]


def test_its_own_tasks_are_written_changed_and_finished_without_asking(office: Office) -> None:
    """A task it wrote names its run; one by an id that is none changes nothing and is told."""
    wrote = office.until(office.begin("task_write", title="Renew the passport", due="2026-12-24"), RunState.DELIVERED)
    (task,) = open_tasks(office)
    assert (task.title, task.due, task.run_id, task.is_assistants) == (
        "Renew the passport",
        "2026-12-24",
        wrote.id,
        True,
    )
    run = office.until(office.begin("task_edit", id=task.id[-12:], due="2026-12-23T09:00"), RunState.DELIVERED)
    assert "due 2026-12-23T08:00:00Z" in results(office, run)[0]
    run = office.until(office.begin("task_finish", id="0123456789ab"), RunState.DELIVERED)
    assert results(office, run)[0].startswith("Nothing was done")
    office.until(office.begin("task_finish", id=task.id[-12:]), RunState.DELIVERED)
    assert open_tasks(office) == []


def test_what_the_owner_wrote_asks(office: Office) -> None:
    """To delete the owner's task it waits for a yes to exactly that."""
    with office.database.writing(office.who) as connection:
        task = tasks.write(connection, office.who, "Pay the rent", OWNER, "key:1")
    run = office.begin("task_delete", id=task.id)
    assert office.until(run, RunState.WAITING).waiting_for == "approval"
    assert open_tasks(office) == [task]
    office.agree(run)
    office.until(run, RunState.DELIVERED)
    assert open_tasks(office) == []
