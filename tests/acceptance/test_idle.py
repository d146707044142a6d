"""A day on which nothing happens costs nothing: the whole house at work, its clock driven, a model that counts."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from everword.agents import schedules, triggers
from everword.agents.schedules import Wanted
from everword.bootstrap.house import House, open_house
from everword.core import clock
from everword.core.ids import new_id
from everword.core.types import Label, Principal
from everword.memory import store
from everword.memory.types import NewEntry
from everword.models.fake import ScriptedServer
from everword.runs.schedules.types import OnMissed, OnOverlap
from everword.runs.triggers.types import TriggerKind
from everword.settings.environment import Settings
from tests.conftest import add_person

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
STEP = timedelta(minutes=30)


class Clock:
    """The real one, so far ahead."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = timedelta()
        now, monotonic = clock.now, clock.monotonic
        monkeypatch.setattr(clock, "now", lambda: now() + self.ahead)
        monkeypatch.setattr(clock, "monotonic", lambda: monotonic() + self.ahead.total_seconds())

    def pass_by(self, house: House, time_of_day: timedelta) -> None:
        """Let time pass, and every worker look what it has to do by then."""
        for _ in range(round(time_of_day / STEP)):
            self.ahead += STEP
            with house.database.writing(Principal.system()):
                pass  # a commit wakes whoever waits
            time.sleep(0.05)


def settled(server: ScriptedServer, at_least: int) -> int:
    """How often the model has been asked, once that grows no more."""
    deadline = time.monotonic() + 60
    asked, since = len(server.requests), time.monotonic()
    while time.monotonic() - since < 2 or asked < at_least:
        assert time.monotonic() < deadline, asked
        if len(server.requests) != asked:
            asked, since = len(server.requests), time.monotonic()
        time.sleep(0.05)
    return asked


def say(house: House, who: Principal, text: str) -> None:
    """Words of their owner."""
    with house.database.writing(who) as connection:
        said = NewEntry(space_id=who.own_space, label=Label.OWNER, text=text, said_at=clock.now(), source="chat")
        store.append(connection, who, said)


def lived_in(house: House) -> Principal:
    """Somebody with words that facts are read from, something to do next week, and triggers."""
    anna = add_person(house.database, "Anna")
    house.services.preferences.write(anna, {"facts_by": "any model"})
    with house.database.writing(anna) as connection:
        for kind, words in ((TriggerKind.ENTRY, "invoice"), (TriggerKind.WEBHOOK, "")):
            triggers.create(connection, anna, triggers.Wanted(kind, "Say what came", words), client_id=new_id())
    for text in ("I moved to Lisbon in May.", "My sister Clara works at the harbour."):
        say(house, anna, text)
    wanted = Wanted(
        text="Say hello",
        when="in 7 days",
        time_zone="UTC",
        follows_owner=False,
        on_missed=OnMissed.CATCH_UP,
        on_overlap=OnOverlap.SKIP,
        ceiling=None,
    )
    schedules.create(house.database, anna, wanted, client_id=new_id())
    return anna


@pytest.mark.slow
def test_an_idle_day_costs_no_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With facts read by a model, a schedule, triggers and every worker running, the second of two days asks the model
    nothing: the first had what was said. When a schedule's time or a trigger's words come, it is asked: the count can
    tell."""
    driven = Clock(monkeypatch)
    with ScriptedServer() as server:
        url = f"sqlite:///{tmp_path / 'everword.db'}"
        house = open_house(Settings(home=tmp_path, database_url=url, model=f"scripted@{server.base_url}"))
        try:
            anna = lived_in(house)
            house.start()
            assert house.services.engine.wait_ready(60)
            settled(server, 0)
            driven.pass_by(house, timedelta(days=1))
            before = settled(server, 1)
            driven.pass_by(house, timedelta(days=1))
            assert settled(server, 0) == before
            driven.ahead += timedelta(days=6)
            driven.pass_by(house, STEP)
            before = settled(server, before + 1)
            house.services.preferences.write(anna, {"facts_by": "rules only"})
            say(house, anna, "The invoice of the roofer came.")
            driven.pass_by(house, STEP)
            settled(server, before + 1)
        finally:
            house.close()
