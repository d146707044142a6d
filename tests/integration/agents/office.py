"""Somebody's background work on a real engine, with a scripted model and a target outside."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from everword.accounts.people import ensure_installation
from everword.agents import waiting, work, work_log
from everword.agents.acting import Acting
from everword.agents.bounds import day_of
from everword.agents.looking_up import LookingUp
from everword.agents.spending import Ceiling
from everword.agents.types import WORK
from everword.agents.worker import Worker
from everword.core.ids import ApprovalId, EffectId, new_id
from everword.core.types import Effect, Permit, Principal
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
from everword.runs import store as run_store
from everword.runs.engine import Engine
from everword.runs.types import Run, RunState
from everword.storage.database import Database
from everword.tools.asking import ASK_OWNER
from everword.tools.children import Children
from everword.tools.errors import NothingHappened
from everword.tools.files import file_tools
from everword.tools.manifest import Arguments, Asked, Known, Reach, Result, Tool
from everword.tools.toolbox import Own, Toolbox
from everword.vault.vault import Vault

_PRICE = "server/scripted 1000 1000"  # dollars a million tokens: a tenth of a cent each
_TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


@dataclass
class PostOffice:
    """A target outside: what arrived, by the key it came with. `dies` is where the program ends: before or after.

    While it is `silent` it cannot be asked; ``deaf`, a call of it does not end when it is cancelled.
    """

    arrived: list[tuple[str, str]] = field(default_factory=list)
    dies: str = ""
    refuses: bool = False
    takes_keys: bool = False
    silent: bool = False
    asked: int = 0
    late_s: float = 0.0
    """How long after its sender has gone a letter arrives that is `under way`."""
    late: threading.Thread = field(default_factory=threading.Thread)

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
        if dies == "under way":
            arriving = (permit.effect_id, arguments["text"])
            self.late = threading.Timer(self.late_s, self.arrived.append, [arriving])
            self.late.start()
            raise ConnectionResetError
        if permit.effect_id not in [key for key, _ in self.arrived] or not self.takes_keys:
            self.arrived.append((permit.effect_id, arguments["text"]))
        if dies == "after":
            raise ConnectionResetError
        if dies == "hangs":
            await asyncio.sleep(60)
        if dies == "deaf":
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
            await asyncio.sleep(60)
        return Result("Sent.")

    async def look_up(self, _asked: Asked, _arguments: Arguments, key: EffectId) -> Known:
        self.asked += 1
        if self.silent:
            raise ConnectionRefusedError
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
    settings: dict[str, Any]
    """What the owner set: their time zone, what a day may take, prices."""
    server: ScriptedServer
    gateway: Gateway

    def begin(self, tool: str, ceiling: Ceiling | None = None, **arguments: Any) -> Run:
        """Begin work whose first step is that call."""
        return self.say_to_begin("echo: " + json.dumps({"tool": tool, "arguments": arguments}), ceiling)

    def say_to_begin(self, text: str, ceiling: Ceiling | None = None) -> Run:
        """Begin work by these words."""
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

    def until_changed(self, before: Run) -> None:
        """Wait until a run is not as it was."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with self.database.reading(self.who) as connection:
                now = run_store.get(connection, self.who, before.id)
            if (now.state, now.wakes_at) != (before.state, before.wakes_at):
                return
            time.sleep(0.02)
        raise AssertionError(f"still {before.state}")

    def calls_of(self, run: Run) -> int:
        """How many calls of tools a run has made."""
        with self.database.reading(self.who) as connection:
            return work_log.read(connection, self.who, run).calls

    def waits(self) -> work.NeedsYou:
        """What needs the person."""
        with self.database.reading(self.who) as connection:
            return work.needs_you(connection, self.who, frozenset())

    def stop(self, run: Run) -> None:
        """Stop a run, as its button does."""
        waiting.stop(self.database, self.who, run.id)
        self.engine.stop(run.id)

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


@contextmanager
def opened_office(
    database: Database, who: Principal, home: Path, more: Sequence[Tool] = (), own: Own | None = None
) -> Iterator[Office]:
    """Somebody's work, with letters, files, questions, what more tools there are, and those of their own."""
    with opened_gateway(database, home, Script([rule(r"^(Tea|Sent)", r"It says: \1")])) as (server, gateway):
        settings: dict[str, Any] = {"time_zone": "UTC", "day_tokens": None, "day_dollars": None, "day_calls": None}
        post = PostOffice()
        folder = home / "chosen"
        folder.mkdir()
        letters = [
            post.tool("send_letter", limit_s=2.0),
            post.tool("send_patient"),
            post.tool("send_tracked", look_up=post.look_up, limit_s=2.0, settles_s=0.5),
            post.tool("send_keyed", takes_key=True),
        ]
        children = Children()
        toolbox = Toolbox([*letters, *file_tools(lambda _who: [folder], children.do), ASK_OWNER, *more], own)
        worker = Worker(gateway, Acting(toolbox), lambda _who: "", lambda _who: day_of(settings))
        ensure_installation(database)
        engine = Engine(database, lambda _person: who, {WORK: worker}, home, gateway.is_pressed)
        looking_up = LookingUp(database, lambda _person: who, toolbox, engine.launch)
        database.on_commit(looking_up.notify)
        looking_up.start()
        engine.start()
        assert engine.wait_ready(30)
        try:
            yield Office(database, who, engine, post, toolbox, folder, settings, server, gateway)
        finally:
            looking_up.stop()
            engine.close()
            children.stop()


@contextmanager
def opened_gateway(database: Database, home: Path, script: Script) -> Iterator[tuple[ScriptedServer, Gateway]]:
    """A real gateway, in front of a scripted model behind real HTTP."""
    server = ScriptedServer(script)
    server.start()
    config = ModelsConfig(home, f"scripted@{server.base_url}")
    local = LocalModels(home, LocalEngine(EngineConfig.for_this_machine(), SpeedBook(home / "speeds.json")))
    choice = Choice(database, config, Registry(database, Vault(bytes(32)), config), local, Offers({}, {}))
    gateway = Gateway(database, choice, local, 2, lambda _who: _PRICE)
    try:
        yield server, gateway
    finally:
        gateway.close()
        server.close()
