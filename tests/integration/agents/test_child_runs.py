"""A run starts another and watches it, on both databases: it holds nothing meanwhile, and they end together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from everword.agents import child_runs, waiting, work_log
from everword.agents.spending import Ceiling, rest_of
from everword.core.errors import EverwordError
from everword.core.ids import EffectId, new_id
from everword.core.types import Label, Principal
from everword.runs import service
from everword.runs import store as run_store
from everword.runs.types import Run, RunState
from everword.storage.database import Database
from everword.tools.errors import NothingHappened
from everword.tools.running import run_tools
from tests.integration.agents.office import Office, opened_office

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def office(database: Database, anna: Principal, tmp_path: Path) -> Iterator[Office]:
    with opened_office(database, anna, tmp_path, run_tools(child_runs.start)) as office:
        yield office


def paused(office: Office, ceiling: Ceiling | None = None) -> Run:
    """A parent that rests, so that a test decides what it does next."""
    run = office.begin("ask_owner", ceiling, question="Shall I?")
    return office.until(run, RunState.WAITING)


def child_of(office: Office, parent: Run, text: str, tokens: int | None = None) -> Run:
    """A run that a run starts, and that executes."""
    key = EffectId(new_id())
    with office.database.writing(office.who) as connection:
        start = child_runs.start
        child_id = start(connection, office.who, parent.id, text, key, tokens=tokens, calls=None)
        assert start(connection, office.who, parent.id, text, key, tokens=tokens, calls=None) == child_id
    office.engine.launch(child_id)
    return now(office, child_id)


def now(office: Office, run_id: str) -> Run:
    with office.database.reading(office.who) as connection:
        return run_store.get(connection, office.who, run_id)  # type: ignore[arg-type]


def call(tool: str, **arguments: object) -> str:
    return "echo: " + json.dumps({"tool": tool, "arguments": arguments})


def test_it_waits_for_what_it_has_started_and_gets_what_that_brought(office: Office) -> None:
    """The child's answer is the watching call's result, labelled as the assistant's; waiting holds no segment."""
    parent = office.until(office.begin("start_run", request=call("ask_owner", question="Tea?")), RunState.DELIVERED)
    with office.database.reading(office.who) as connection:
        (child,) = run_store.children(connection, office.who, [parent.id])
        log = work_log.read(connection, office.who, child)
    assert (log.asked.label, log.said_by_owner) == (Label.ASSISTANT, log_of(office, parent).said_by_owner)
    watching = paused(office)
    with office.database.writing(office.who) as connection:
        run_store.change(connection, office.who, child.id, {"parent_id": watching.id})
    watches = office.until(_reply(office, watching, call("watch_run", run=child.id[-12:])), RunState.WAITING)
    assert (watches.waiting_for, watches.waits_for_id) == ("run", child.id)
    office.until(child, RunState.WAITING)
    _reply(office, child, "Tea, please")
    office.until(watching, RunState.DELIVERED)
    last = log_of(office, watching).entries[-2]
    assert (last.label, last.kind) == (Label.ASSISTANT, "tool_result")


def test_a_stop_reaches_what_was_started(office: Office) -> None:
    """Stopped by the owner, or failed: children and theirs end as cancelled, those that wait and those that run."""
    parent = paused(office)
    child = child_of(office, parent, call("ask_owner", question="Which?"))
    office.until(child, RunState.WAITING)
    below = child_of(office, child, call("send_letter", text="Hello"))
    office.until(below, RunState.WAITING)
    waiting.stop(office.database, office.who, parent.id)
    for run in (parent, child, below):
        assert now(office, run.id).state is RunState.CANCELLED
    assert not office.waits().approvals
    parent = paused(office)
    child = office.until(child_of(office, parent, call("ask_owner", question="Which?")), RunState.WAITING)
    with office.database.writing(office.who) as connection:
        service.finish(connection, office.who, parent.id, RunState.FAILED, cause="broke", error=EverwordError())
    office.until(child, RunState.CANCELLED)


def test_a_child_uses_what_its_parent_has_left(office: Office) -> None:
    """What an open child may use is gone from the rest; of an ended one only what it used. Too deep is refused."""
    parent = paused(office, Ceiling(tokens=100_000, calls=10))
    child = child_of(office, parent, call("ask_owner", question="Which?"), tokens=30_000)
    with office.database.reading(office.who) as connection:
        left = rest_of(connection, office.who, parent)
        assert 60_000 < left.tokens <= 70_000
        assert left.calls == 10 - 1 - Ceiling.of(child).calls
    waiting.stop(office.database, office.who, child.id)
    office.until(child, RunState.CANCELLED)
    with office.database.reading(office.who) as connection:
        assert rest_of(connection, office.who, parent).tokens > 95_000
    run = paused(office)
    for _ in range(child_runs.DEEPEST):
        run = office.until(child_of(office, run, call("ask_owner", question="Deeper?")), RunState.WAITING)
    with pytest.raises(NothingHappened, match="deep"):
        child_of(office, run, "Deeper still")
    with pytest.raises(NothingHappened, match="too little"):
        child_of(office, paused(office, Ceiling(calls=2)), "More")


def log_of(office: Office, run: Run) -> work_log.Log:
    with office.database.reading(office.who) as connection:
        return work_log.read(connection, office.who, run)


def _reply(office: Office, run: Run, text: str) -> Run:
    from everword.agents import work

    gone_on = work.reply(office.database, office.who, run.id, text)
    office.engine.launch(gone_on.id)
    return gone_on
