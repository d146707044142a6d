"""Background work on both databases: effects once, approvals that bind, states that are true after a crash."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from everword.agents import work, work_log
from everword.agents.acting import Acting
from everword.agents.types import WORK
from everword.agents.worker import Ceiling, Worker
from everword.core.errors import Conflict
from everword.core.ids import ApprovalId, EffectId, new_id
from everword.core.types import Effect, Permit, Principal
from everword.guard import approval_store, policy
from everword.guard.approval_store import Approval
from everword.guard.errors import ApprovalChanged, ApprovalClosed
from everword.models.choice import Choice
from everword.models.config import ModelsConfig
from everword.models.fake import ScriptedServer
from everword.models.gateway import Gateway
from everword.models.local.engine import LocalEngine
from everword.models.local.models import LocalModels
from everword.models.local.types import EngineConfig
from everword.models.offers import Offers
from everword.models.registry import Registry
from everword.models.script import Script, rule
from everword.models.speed import SpeedBook
from everword.runs import effect_store, service
from everword.runs import store as run_store
from everword.runs.effect_store import EffectState
from everword.runs.engine import Engine
from everword.runs.types import Run, RunState
from everword.storage.database import Database
from everword.tools.asking import ASK_OWNER
from everword.tools.errors import NothingHappened
from everword.tools.files import file_tools
from everword.tools.manifest import Arguments, Asked, Known, Reach, Result, Tool
from everword.tools.toolbox import Toolbox
from everword.vault.vault import Vault

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
_TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


@dataclass
class PostOffice:
    """A target outside: what arrived, by the key it came with. `dies` is where the program ends: before or after."""

    arrived: list[tuple[str, str]] = field(default_factory=list)
    dies: str = ""
    refuses: bool = False
    takes_keys: bool = False

    def tool(self, name: str, **more: Any) -> Tool:
        return Tool(
            name=name,
            description="Send a letter.",
            parameters=_TEXT,
            effect=Effect.SEND,
            reach=Reach.OUTSIDE,
            says=lambda arguments: f"Send “{arguments['text']}”",
            act=self.send,
            **more,
        )

    async def send(self, _asked: Asked, arguments: Arguments, permit: Permit) -> Result:
        dies, self.dies = self.dies, ""
        if self.refuses:
            raise NothingHappened(why="the post office is closed.")
        if dies == "before":
            raise ConnectionResetError
        if permit.effect_id not in [key for key, _ in self.arrived] or not self.takes_keys:
            self.arrived.append((permit.effect_id, arguments["text"]))
        if dies == "after":
            raise ConnectionResetError
        if dies == "hangs":
            await asyncio.sleep(60)
        return Result("Sent.")

    async def look_up(self, _asked: Asked, _arguments: Arguments, key: EffectId) -> Known:
        return Known.HAPPENED if key in [known for known, _ in self.arrived] else Known.DID_NOT


@dataclass
class Office:
    """Somebody's background work, on a real engine with a scripted model."""

    database: Database
    who: Principal
    engine: Engine
    post: PostOffice
    toolbox: Toolbox
    folder: Path

    def begin(self, tool: str, ceiling: Ceiling | None = None, **arguments: Any) -> Run:
        """Begin work whose first step is that call."""
        text = "echo: " + json.dumps({"tool": tool, "arguments": arguments})
        begun = work.begin(self.database, self.who, text, client_id=new_id(), ceiling=ceiling)
        self.engine.launch(begun.run.id)
        return begun.run

    def until(self, run: Run, *states: RunState) -> Run:
        """Wait for one of the states."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with self.database.reading(self.who) as connection:
                now = run_store.get(connection, self.who, run.id)
            if now.state in states:
                return now
            time.sleep(0.02)
        with self.database.reading(self.who) as connection:
            log = work_log.read(connection, self.who, now)
            came = [step.cause for step in run_store.transitions(connection, self.who, run.id)]
        raise AssertionError(f"still {now.state}: {now.error}: {[entry.text for entry in log.entries]} {came}")

    def waits(self) -> work.NeedsYou:
        """What needs the person."""
        with self.database.reading(self.who) as connection:
            return work.needs_you(connection, self.who, frozenset())

    def say(self, approval_id: ApprovalId, *, yes: bool, seen_hash: str) -> Run:
        """Answer, and launch what goes on."""
        run = work.answer(self.database, self.who, approval_id, yes=yes, seen_hash=seen_hash)
        self.engine.launch(run.id)
        return run

    def agree(self, run: Run) -> Run:
        """Say yes to what the run waits with."""
        self.until(run, RunState.WAITING)
        asked = next(asked for asked, of, _, _ in self.waits().approvals if of.id == run.id)
        return self.say(asked.id, yes=True, seen_hash=asked.arguments_hash)


@pytest.fixture
def office(database: Database, anna: Principal, tmp_path: Path) -> Iterator[Office]:
    server = ScriptedServer(Script([rule(r"^(Tea|Sent)", r"It says: \1")]))
    server.start()
    config = ModelsConfig(tmp_path, f"scripted@{server.base_url}")
    local = LocalModels(tmp_path, LocalEngine(EngineConfig.for_this_machine(), SpeedBook(tmp_path / "speeds.json")))
    registry = Registry(database, Vault(bytes(32)), config)
    gateway = Gateway(database, Choice(database, config, registry, local, Offers({}, {})), local, 2)
    post = PostOffice()
    folder = tmp_path / "chosen"
    folder.mkdir()
    letters = [
        post.tool("send_letter"),
        post.tool("send_tracked", look_up=post.look_up),
        post.tool("send_keyed", takes_key=True),
    ]
    toolbox = Toolbox([*letters, *file_tools(lambda _who: [folder]), ASK_OWNER])
    worker = Worker(gateway, Acting(toolbox), lambda _who: "")
    engine = Engine(database, lambda _person: anna, {WORK: worker})
    engine.start()
    assert engine.wait_ready(30)
    yield Office(database, anna, engine, post, toolbox, folder)
    engine.close()
    gateway.close()
    server.close()


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


def test_a_stop_in_the_middle_of_an_effect_says_what_became_of_it(office: Office) -> None:
    """What can be looked up is, and the run is cancelled; what cannot makes it unknown: never delivered."""
    for tool, state in (("send_tracked", RunState.CANCELLED), ("send_letter", RunState.UNKNOWN)):
        office.post.dies = "hangs"
        run = office.begin(tool, text=tool)
        office.agree(run)
        while tool not in [text for _, text in office.post.arrived]:
            time.sleep(0.01)
        with office.database.writing(office.who) as connection:
            service.request_stop(connection, office.who, run.id)
        office.engine.stop(run.id)
        office.until(run, state)


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


def test_a_ceiling_ends_a_run(office: Office) -> None:
    """A run that would go on for ever ends when it has used what it may, and says so."""
    run = office.begin("list_files", Ceiling(calls=1))
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
