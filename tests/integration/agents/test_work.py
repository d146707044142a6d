"""Background work on both databases: effects once, approvals that bind, states that are true after a crash."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from everword.accounts.people import ensure_installation
from everword.agents import acting, beginning, looking_up, waiting, work, work_log
from everword.agents.spending import Ceiling
from everword.core import clock
from everword.core.errors import Conflict
from everword.core.ids import ExecutorId, new_id
from everword.core.types import Effect, Permit, Principal
from everword.guard import approval_store, policy
from everword.guard.approval_store import Approval
from everword.guard.errors import ApprovalChanged, ApprovalClosed
from everword.runs import effect_store
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.effect_store import EffectState
from everword.runs.errors import TakenOver
from everword.runs.segment import Segment
from everword.runs.types import Run, RunState
from everword.runs.workflows import run_step
from everword.storage.database import Database
from everword.tools.manifest import Arguments, Asked, Reach, Result, Tool
from everword.tools.toolbox import Toolbox
from tests.integration.agents.office import Office, opened_office

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def office(database: Database, anna: Principal, tmp_path: Path) -> Iterator[Office]:
    with opened_office(database, anna, tmp_path) as office:
        yield office


def test_what_acts_waits_for_a_yes_to_exactly_that(office: Office) -> None:
    """Reading asks nothing. Sending waits; a yes to something else does not count; the right one counts once."""
    (office.folder / "list.txt").write_text("milk")
    read = office.begin("read_file", path="list.txt")
    office.until(read, RunState.DELIVERED)
    run = office.begin("send_letter", text="Hello")
    assert office.until(run, RunState.WAITING).waiting_for == "approval"
    asked, *_ = office.waits().approvals[0]
    with pytest.raises(ApprovalChanged):
        office.say(asked.id, yes=True, seen_hash="0" * 64)
    assert not office.post.arrived
    for _ in range(2):
        office.say(asked.id, yes=True, seen_hash=asked.arguments_hash)
    office.until(run, RunState.DELIVERED)
    office.say(asked.id, yes=True, seen_hash=asked.arguments_hash)
    assert [text for _, text in office.post.arrived] == ["Hello"]
    with pytest.raises(ApprovalClosed):
        office.say(asked.id, yes=False, seen_hash=asked.arguments_hash)


def test_a_no_is_told_and_nothing_is_done(office: Office) -> None:
    """The run goes on knowing that the owner refused."""
    run = office.begin("send_letter", text="Hello")
    office.until(run, RunState.WAITING)
    asked, *_ = office.waits().approvals[0]
    office.say(asked.id, yes=False, seen_hash=asked.arguments_hash)
    office.until(run, RunState.DELIVERED)
    assert not office.post.arrived


def test_a_changed_call_is_a_new_question(office: Office) -> None:
    """The old question is closed, and only a yes to the new one sends: the new words."""
    run = office.begin("send_letter", text="Hello")
    office.until(run, RunState.WAITING)
    asked, *_ = office.waits().approvals[0]
    changed = work.edit(office.database, office.who, asked.id, {"text": "Good day"}, office.toolbox)
    office.engine.launch(changed.id)
    office.until(run, RunState.WAITING)
    with pytest.raises(ApprovalClosed):
        office.say(asked.id, yes=True, seen_hash=asked.arguments_hash)
    office.agree(run)
    office.until(run, RunState.DELIVERED)
    assert [text for _, text in office.post.arrived] == ["Good day"]


@pytest.mark.parametrize("dies", ["before", "after"])
@pytest.mark.parametrize("tool", ["send_tracked", "send_keyed"])
def test_an_effect_that_broke_off_happens_once(office: Office, tool: str, dies: str) -> None:
    """Where the target can be asked, or takes a key, what broke off is found out or told again: it arrived once."""
    office.post.dies, office.post.takes_keys = dies, tool == "send_keyed"
    run = office.begin(tool, text="Hello")
    office.agree(run)
    office.until(run, RunState.DELIVERED)
    assert len(office.post.arrived) == 1


@pytest.mark.parametrize("stops", [False, True])
def test_a_no_is_believed_once_nothing_is_under_way(
    office: Office, stops: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A letter that arrives after its target was asked the first time is found, and not sent again; after a stop too,
    which tells what became of it."""
    monkeypatch.setattr(looking_up, "LOOK_UP_AGAIN", timedelta(seconds=0.1))
    office.post.dies, office.post.late_s = "under way", 0.3
    run = office.begin("send_tracked", text="Hello")
    office.agree(run)
    if stops:
        while not office.post.asked:
            time.sleep(0.01)
        office.stop(run)
    office.until(run, RunState.CANCELLED if stops else RunState.DELIVERED)
    office.post.late.join()
    with office.database.reading(office.who) as connection:
        effects = effect_store.in_state(connection, office.who, EffectState.DONE)
    assert (len(office.post.arrived), len(effects)) == (1, 1)


@pytest.mark.parametrize("dies", ["before", "after"])
def test_what_nobody_can_tell_is_unknown_until_the_owner_looks(office: Office, dies: str) -> None:
    """A target that cannot be asked is not told again: the run is unknown, a card says so, the owner settles it."""
    office.post.dies = dies
    run = office.begin("send_letter", text="Hello")
    office.agree(run)
    assert office.until(run, RunState.UNKNOWN).error_code == "effect_unknown"
    (effect, of, call), *_ = office.waits().unknown
    assert (of.id, call.arguments) == (run.id, {"text": "Hello"})
    arrived = len(office.post.arrived)
    settled = work.settle(office.database, office.who, effect.id, happened=bool(arrived))
    office.engine.launch(settled.id)
    office.until(run, RunState.DELIVERED)
    assert len(office.post.arrived) == arrived
    with pytest.raises(Conflict):
        work.settle(office.database, office.who, effect.id, happened=True)


def test_a_stop_in_the_middle_of_an_effect_says_what_became_of_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is unknown at once, before anybody is asked; what can be looked up then is, behind it: never delivered."""
    monkeypatch.setattr(looking_up, "LOOK_UP_AGAIN", timedelta(seconds=0.1))
    office.post.silent = True
    for tool in ("send_tracked", "send_letter"):
        office.post.dies = "hangs"
        run = office.begin(tool, text=tool)
        office.agree(run)
        while tool not in [text for _, text in office.post.arrived]:
            time.sleep(0.01)
        office.stop(run)
        office.until(run, RunState.UNKNOWN)
    assert len(office.waits().unknown) == 2
    while office.post.asked < 2:
        time.sleep(0.01)
    office.post.silent = False
    tracked = next(of for effect, of, _ in office.waits().unknown if effect.tool == "send_tracked")
    assert office.until(tracked, RunState.CANCELLED).error is None
    assert office.until(run, RunState.UNKNOWN).error_code == "effect_unknown"
    assert len(office.post.arrived) == 2


@pytest.mark.parametrize("tool", ["send_tracked", "send_letter"])
def test_a_tool_that_never_returns(office: Office, tool: str) -> None:
    """It is ended at its time limit though it does not heed that: found done where its target can be asked, else
    unknown; and a stop of one is a stop."""
    office.post.dies = "deaf"
    run = office.begin(tool, text="Hello")
    office.agree(run)
    office.until(run, RunState.DELIVERED if tool == "send_tracked" else RunState.UNKNOWN)
    office.post.dies = "deaf"
    stopped = office.begin("send_patient", text="Stop me")
    office.agree(stopped)
    while "Stop me" not in [text for _, text in office.post.arrived]:
        time.sleep(0.01)
    office.stop(stopped)
    office.until(stopped, RunState.UNKNOWN)
    assert [text for _, text in office.post.arrived] == ["Hello", "Stop me"]


def test_a_target_that_is_away_is_asked_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown while it does not answer; when it does, the run goes on by itself, and what had not happened is done."""
    monkeypatch.setattr(looking_up, "LOOK_UP_AGAIN", timedelta(seconds=0.1))
    monkeypatch.setattr(acting, "LOOK_UP_AGAIN", timedelta(seconds=0.1))
    office.post.dies, office.post.silent = "before", True
    run = office.begin("send_tracked", text="Hello")
    office.agree(run)
    office.until(run, RunState.UNKNOWN)
    office.post.silent = False
    office.until(run, RunState.DELIVERED)
    assert len(office.post.arrived) == 1


def test_a_target_that_says_no_is_no_unknown(office: Office) -> None:
    """It is told to the model, and the effect has failed."""
    office.post.refuses = True
    run = office.begin("send_letter", text="Hello")
    office.agree(run)
    office.until(run, RunState.DELIVERED)
    assert not office.waits().count


def test_a_question_waits_for_its_answer(office: Office) -> None:
    """Nothing is held meanwhile; the owner's words go back to the model, and count once."""
    run = office.begin("ask_owner", question="Tea or coffee?")
    assert office.until(run, RunState.WAITING).waiting_for == "question"
    (of, call), *_ = office.waits().questions
    assert (of.id, call.arguments["question"]) == (run.id, "Tea or coffee?")
    answered = work.reply(office.database, office.who, run.id, "Tea")
    office.engine.launch(answered.id)
    office.until(run, RunState.DELIVERED)
    with pytest.raises(Conflict):
        work.reply(office.database, office.who, run.id, "Coffee")
    with office.database.reading(office.who) as connection:
        log = work_log.read(connection, office.who, run)
    assert log.answer is not None
    assert log.answer.text == "It says: Tea"


def test_nobody_says_yes_in_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question expires and the run with it: not failed, not delivered, and nothing was sent."""
    monkeypatch.setattr(policy, "EXPIRES_AFTER", timedelta(seconds=0.2))
    run = office.begin("send_letter", text="Hello")
    office.until(run, RunState.EXPIRED)
    assert not office.post.arrived
    asked = question_of(office, run)
    with pytest.raises(ApprovalClosed):
        office.say(asked.id, yes=True, seen_hash=asked.arguments_hash)


def question_of(office: Office, run: Run) -> Approval:
    """The run's question, whatever became of it."""
    with office.database.reading(office.who) as connection:
        refused = effect_store.in_state(connection, office.who, EffectState.REFUSED)
        effect = next(effect for effect in refused if effect.run_id == run.id)
        asked = approval_store.of_effect(connection, office.who, effect.id)
    assert asked is not None
    return asked


def test_a_yes_to_a_stopped_run_is_refused(office: Office) -> None:
    """The card was open as the run was stopped: who says yes is told that nothing was done."""
    run = office.begin("send_letter", text="Hello")
    office.until(run, RunState.WAITING)
    asked, *_ = office.waits().approvals[0]
    waiting.stop(office.database, office.who, run.id)
    with pytest.raises(ApprovalClosed, match="withdrawn"):
        office.say(asked.id, yes=True, seen_hash=asked.arguments_hash)
    assert not office.post.arrived


def test_waiting_is_no_work(office: Office) -> None:
    """A run may wait longer than it may work: after the yes it goes on."""
    run = office.begin("send_letter", Ceiling(seconds=20), text="Hello")
    office.until(run, RunState.WAITING)
    with office.database.writing(office.who) as connection:
        earlier = clock.now() - timedelta(days=3)
        run_store.change(connection, office.who, run.id, {"created_at": earlier, "started_at": earlier})
    office.agree(run)
    office.until(run, RunState.DELIVERED)
    assert office.post.arrived


@pytest.mark.parametrize("ceiling", [Ceiling(calls=0), Ceiling(tokens=1)], ids=["calls", "tokens"])
def test_a_ceiling_ends_a_run(office: Office, ceiling: Ceiling) -> None:
    """A run that would go on for ever ends when it has used what it may, and says so."""
    run = office.begin("list_files", ceiling)
    failed = office.until(run, RunState.FAILED)
    assert failed.error_code == "ceiling_reached"


def test_outside_of_the_chosen_folders_nothing_is_read(office: Office) -> None:
    """Neither by a path with dots, nor by one from the root, nor by a link."""
    (office.folder / "link").symlink_to("/etc")
    for path in ("../secret", "/etc/passwd", "link/passwd"):
        run = office.begin("read_file", path=path)
        office.until(run, RunState.DELIVERED)
        with office.database.reading(office.who) as connection:
            result = work_log.read(connection, office.who, run).entries[2]
        assert "not in a folder that you chose" in result.text


def test_a_call_that_cannot_be_done_says_why_nothing_was(office: Office) -> None:
    """Arguments that a tool does not take are told to the model and on record, and there is no effect."""
    run = office.begin("send_letter", words="Hello")
    office.until(run, RunState.DELIVERED)
    with office.database.reading(office.who) as connection:
        _, call, result, *_ = work_log.read(connection, office.who, run).entries
        assert work_log.fault_of(result) is work_log.Fault.NOT_TAKEN
        assert effect_store.of_calls(connection, office.who, [call.id]) == {}


def test_what_froze_after_its_intent_was_recorded_does_not_act_once_it_thaws(
    database: Database, anna: Principal
) -> None:
    """It looks again right before it acts: others may have taken the run over by now, and act from its intent."""
    page, asked = "https://example.org/roof", list[str]()

    async def ask(_asked: Asked, arguments: Arguments, _permit: Permit) -> Result:
        asked.append(arguments["url"])
        return Result("Tiles.")

    tool = Tool(
        name="ask",
        description="Ask a page.",
        parameters={"type": "object"},
        effect=Effect.QUERY,
        reach=Reach.OUTSIDE,
        says=lambda arguments: f"Ask {arguments['url']}",
        act=ask,
        address="url",
    )
    ensure_installation(database)
    me = ExecutorId(new_id())
    with database.writing(anna) as connection:
        run = beginning.write(connection, anna, f"Read {page}", new_id(), Ceiling(), cause="test").run
        segment_id = run_store.segment_of(connection, anna, run.id).id
        run_store.hold(connection, anna, segment_id, me)
        run = runs.begin(connection, anna, run)
        log = work_log.read(connection, anna, run)
        work_log.write_call(connection, anna, run, log, tool.name, {"url": page}, "")
        log = work_log.read(connection, anna, run)
    assert log.open_call is not None
    frozen = Segment(segment_id, me, run, anna, database, run_step, is_current=lambda: False)
    does = acting.Acting(Toolbox([tool]))
    with pytest.raises(TakenOver):
        asyncio.run(does.do(frozen, log, log.open_call))
    with database.reading(anna) as connection:
        effects = effect_store.of_calls(connection, anna, [log.open_call.entry.id]).values()
    assert ([effect.state for effect in effects], asked) == ([EffectState.INTENDED], [])
    alive = Segment(segment_id, me, run, anna, database, run_step)
    assert asyncio.run(does.do(alive, log, log.open_call)) is acting.Next.GO_ON
    assert asked == [page]


def test_a_stop_that_another_process_was_told_ends_a_run_of_quick_steps(office: Office) -> None:
    """The row alone says so: it is read before each step, and no step is long enough to look at it meanwhile."""
    path = "again.txt"
    again = json.dumps({"tool": "read_file", "arguments": {"path": path}})
    (office.folder / path).write_text(f"echo: {again}")
    run = office.begin("read_file", Ceiling(tokens=100_000_000, calls=10_000), path=path)
    while office.calls_of(run) < 3:  # the first step is slow
        time.sleep(0.02)
    waiting.stop(office.database, office.who, run.id)
    office.until(run, RunState.CANCELLED)
