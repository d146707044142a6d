"""The model stage: a real gateway and a scripted model, within its budget, and never elsewhere unasked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from everword.agents.distilling import FactReader, Terms
from everword.core.types import Principal
from everword.memory.facts.types import Origin
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
from everword.storage.database import Database
from everword.vault.vault import Vault
from tests.integration.memory.facts.conftest import Memory

SAID = "Some days I restore church organs with a tiny firm in Linz."
ANSWER = json.dumps(
    {
        "facts": [
            {"about": "me", "statement": "I restore church organs", "quote": "I restore church organs"},
            {"about": "me", "statement": "I own a castle", "quote": "I own a castle"},
        ]
    }
)


@dataclass
class Reading:
    """A person's memory, and a reader whose terms and whose waiting people a test sets."""

    memory: Memory
    reader: FactReader
    server: ScriptedServer
    terms: Terms
    waits: float = 0.0

    def read(self) -> bool:
        """Read a little; whether there is more."""
        return bool(self.reader.read_some({self.memory.who.own_space}))


@pytest.fixture
def reading(database: Database, anna: Principal, tmp_path: Path) -> Iterator[Reading]:
    """A reader with a model on this machine that always lists two facts, one of them invented."""
    server = ScriptedServer(Script([rule("organs|peanuts", ANSWER.replace("\\", "\\\\"))]))
    server.start()
    config = ModelsConfig(tmp_path, f"scripted@{server.base_url}")
    engine = LocalEngine(EngineConfig.for_this_machine(), SpeedBook(tmp_path / "speeds.json"))
    local = LocalModels(tmp_path, engine)
    registry = Registry(database, Vault(bytes(32)), config)
    gateway = Gateway(database, Choice(database, config, registry, local, Offers({}, {})), local, 2)
    made: list[Reading] = []
    reader = FactReader(
        database,
        gateway,
        people=lambda spaces: [anna] if anna.own_space in spaces else [],
        terms=lambda _who: made[0].terms,
        time_zone=lambda _who: "UTC",
        should_yield=lambda: made[0].waits,
    )
    made.append(Reading(Memory(database, anna), reader, server, Terms("this machine", 50_000)))
    yield made[0]
    gateway.close()
    server.close()


def test_a_model_reads_what_the_rules_cannot(reading: Reading) -> None:
    """What it lists is kept where the words bear it out; each entry is asked about once, and the tokens are counted."""
    memory = reading.memory
    memory.learn(SAID)
    assert memory.facts() == []
    while reading.read():
        pass
    (fact,) = memory.facts()
    assert (fact.statement, fact.origin) == ("You restore church organs", Origin.MODEL)
    assert len(reading.server.requests) == 1
    use = reading.reader.use(memory.who)
    assert use.used_tokens > 0
    assert use.unread == 0
    assert not reading.read()


def test_the_rules_read_first(reading: Reading) -> None:
    """What the rules have not read yet is not given to a model."""
    reading.memory.say(SAID)
    assert not reading.read()
    assert reading.server.requests == []


def test_the_budget_of_a_day_ends_it(reading: Reading) -> None:
    """Once the day's tokens are used, no more is read until tomorrow."""
    reading.terms = Terms("this machine", 1)
    reading.memory.learn(SAID, "I'm allergic to peanuts and to nothing else in Linz.")
    while reading.read():
        pass
    assert len(reading.server.requests) <= 2
    assert reading.reader.use(reading.memory.who).unread > 0


def test_it_yields_to_a_person(reading: Reading) -> None:
    """While somebody waits nothing is asked, and what was not read is read later."""
    reading.memory.learn(SAID)
    reading.waits = 0.1
    assert reading.read()
    assert reading.server.requests == []
    reading.waits = 0.0
    while reading.read():
        pass
    assert len(reading.memory.facts()) == 1


def test_by_rules_alone_if_so_set(reading: Reading) -> None:
    """Set to rules only, no model is asked, and the screen is told why."""
    reading.terms = Terms("rules only", 50_000)
    reading.memory.learn(SAID)
    assert not reading.read()
    assert reading.server.requests == []
    assert "as you have set it" in (reading.reader.use(reading.memory.who).why_not or "")


def test_nothing_leaves_the_machine_unasked(database: Database, anna: Principal, tmp_path: Path) -> None:
    """A model elsewhere reads no facts, though it answers, until the owner says so for facts too."""
    config = ModelsConfig(tmp_path, "gpt@https://models.example/v1")
    engine = LocalEngine(EngineConfig.for_this_machine(), SpeedBook(tmp_path / "speeds.json"))
    local = LocalModels(tmp_path, engine)
    registry = Registry(database, Vault(bytes(32)), config)
    gateway = Gateway(database, Choice(database, config, registry, local, Offers({}, {})), local, 2)
    memory = Memory(database, anna)
    memory.learn(SAID)
    reader = FactReader(
        database,
        gateway,
        people=lambda spaces: [anna] if anna.own_space in spaces else [],
        terms=lambda _who: Terms("this machine", 50_000),
        time_zone=lambda _who: "UTC",
        should_yield=lambda: 0.0,
    )
    assert not reader.read_some({anna.own_space})
    assert "not on this machine" in (reader.use(anna).why_not or "")
    gateway.close()
