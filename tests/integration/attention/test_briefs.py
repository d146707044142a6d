"""Briefs on both databases: made once a day, read as things stand, and what is said to a card survives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from everword.agents import today
from everword.agents.work import begin
from everword.attention import store
from everword.attention.briefs import Briefs
from everword.attention.types import CardKind, CardState, Habits, HeldBack, Item, Source, SourceId, SummaryState
from everword.attention.wording import Wording
from everword.core import clock
from everword.core.errors import Conflict
from everword.core.ids import RunId, new_id
from everword.core.types import Label, Principal
from everword.memory import store as ledger
from everword.memory.facts import promise_store, promises
from everword.memory.facts.types import Moment, PromiseState, Spoken
from everword.memory.notes import task_store, tasks
from everword.memory.notes.types import Author
from everword.memory.types import NewEntry
from everword.models import store as usage_store
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
from everword.runs import service as runs
from everword.runs.types import RunState
from everword.storage.database import Database
from everword.tools.toolbox import Toolbox
from everword.vault.vault import Vault
from tests.conftest import add_person

BERLIN = ZoneInfo("Europe/Berlin")
HABITS = Habits("Europe/Berlin", time(7), "rules only", None, time(7))


class Morning:
    """One person's mornings, with the clock as a test sets it."""

    def __init__(self, database: Database, who: Principal, at: datetime) -> None:
        self.database, self.who, self.at, self.habits = database, who, at, HABITS
        self.briefs = Briefs(database, Toolbox([]), lambda _who: self.habits)

    def set(self, day: int, hour: int, minute: int = 0) -> None:
        self.at = datetime(2026, 11, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)

    def promise(self, text: str, due_day: int | None) -> None:
        """Something the person said they would do, by the end of that day."""
        with self.database.writing(self.who) as connection:
            new = NewEntry(space_id=self.who.own_space, label=Label.OWNER, text=f"I will {text}", said_at=self.at)
            entry = ledger.append(connection, self.who, new)
            due = None if due_day is None else Moment(datetime(2026, 11, due_day, tzinfo=UTC) + timedelta(days=1))
            spoken = Spoken(
                entry_id=entry.id, start=0, end=len(entry.text), action=text, due=due, said_at=entry.said_at
            )
            promise_store.replace(connection, self.who, self.who.own_space, [entry.id], [spoken])

    def work(self, text: str, state: RunState) -> RunId:
        """Background work that has ended so, with an answer where it was delivered."""
        run = begin(self.database, self.who, text, client_id=new_id()).run
        with self.database.writing(self.who) as connection:
            result = None
            if state is RunState.DELIVERED:
                new = NewEntry(
                    space_id=self.who.own_space, label=Label.ASSISTANT, text=f"{text}: done", said_at=self.at,
                    conversation_id=run.conversation_id, run_id=run.id,
                )  # fmt: skip
                result = {"entry_id": ledger.append(connection, self.who, new).id}
            runs.finish(connection, self.who, run.id, state, cause="test", result=result)
        return run.id

    def titles(self) -> list[str]:
        return [each.item.title for each in self.briefs.read(self.who).cards]

    def held(self) -> dict[str, HeldBack | None]:
        return {each.item.title: each.held_back for each in self.briefs.read(self.who).held}


@pytest.fixture
def morning(database: Database, monkeypatch: pytest.MonkeyPatch) -> Morning:
    made = Morning(database, Principal.system(), clock.now())
    made.set(23, 20)
    monkeypatch.setattr(clock, "now", lambda: made.at)
    made.who = add_person(database, "Anna")  # no brief is due of a time before the account was there
    return made


def test_a_day_in_order(morning: Morning) -> None:
    """What failed and what is due today is to be decided, what was delivered was prepared, the rest is watched."""
    morning.promise("send the roof survey", 24)
    morning.promise("renew the insurance", 27)
    morning.promise("ring Berit", None)
    morning.work("Fetch the stone prices", RunState.FAILED)
    morning.work("Sum up the minutes", RunState.DELIVERED)
    morning.set(24, 7)
    assert morning.briefs.make_due(morning.who) is not None
    cards = [(each.item.kind, each.item.title) for each in morning.briefs.read(morning.who).cards]
    assert cards == [
        (CardKind.DECIDE, "send the roof survey"),
        (CardKind.DECIDE, "Fetch the stone prices"),
        (CardKind.PREPARED, "Sum up the minutes"),
        (CardKind.WATCH, "renew the insurance"),
        (CardKind.WATCH, "ring Berit"),
    ]
    by_title = {each.item.title: each.item for each in morning.briefs.read(morning.who).cards}
    assert by_title["send the roof survey"].why == "you said you would by today"
    assert by_title["renew the insurance"].why == "you said you would by Friday 27 November"
    quoted = by_title["ring Berit"].quoted
    assert quoted is not None
    assert quoted.entry.text == "I will ring Berit"


def test_tasks_that_are_due(morning: Morning) -> None:
    """Overdue and due today is to be decided, due tomorrow watched, the rest left to the list; done is done there."""
    for number, (title, due) in enumerate(
        {
            "overdue": "2026-11-23",
            "at noon": "2026-11-24T11:00:00Z",
            "tomorrow": "2026-11-25",
            "later": "2026-11-27",
            "some day": None,
        }.items()
    ):
        with morning.database.writing(morning.who) as connection:
            tasks.write(connection, morning.who, title, Author(), f"key {number}", due=due)
    morning.set(24, 7)
    morning.briefs.make_due(morning.who)
    cards = morning.briefs.read(morning.who).cards
    assert [(each.item.title, each.item.kind, each.item.why) for each in cards] == [
        ("overdue", CardKind.DECIDE, "was due yesterday"),
        ("at noon", CardKind.DECIDE, "due 12:00"),
        ("tomorrow", CardKind.WATCH, "due tomorrow"),
    ]
    morning.briefs.decide(morning.who, cards[0].card.id, CardState.DONE)
    with morning.database.reading(morning.who) as connection:
        assert [task.title for task in task_store.listed(connection, morning.who, is_done=True, limit=9)] == ["overdue"]


def test_it_is_made_once_a_day_and_a_missed_one_once_when_the_program_runs_again(morning: Morning) -> None:
    """Two processes, or one that starts again, make one brief; of several days that were missed, the newest alone."""
    morning.promise("water the plants", None)
    morning.set(24, 7)
    assert morning.briefs.make_due(morning.who) is not None
    again = Briefs(morning.database, Toolbox([]), lambda _who: HABITS)
    assert again.make_due(morning.who) is None
    morning.set(24, 18)
    assert morning.briefs.make_due(morning.who) is None
    morning.set(28, 9, 30)
    assert again.read(morning.who).brief is None
    assert again.next_at(morning.who) == morning.at
    made = again.make_due(morning.who)
    assert made is not None
    assert (made.day, made.due_at.astimezone(BERLIN).hour, made.made_at) == ("2026-11-28", 7, morning.at)
    assert again.make_due(morning.who) is None


def test_none_is_made_before_one_came_nor_where_it_is_switched_off(morning: Morning) -> None:
    """Somebody who came in the evening gets no brief of that morning; off means off, and a brief can be asked for."""
    assert morning.briefs.make_due(morning.who) is None
    morning.habits = replace(HABITS, brief_at=None)
    morning.set(24, 9)
    assert morning.briefs.make_due(morning.who) is None
    assert morning.briefs.read(morning.who).next_at is None
    morning.briefs.make_now(morning.who)
    assert morning.briefs.read(morning.who).brief is not None


def test_what_is_said_to_a_card_holds_on_the_next_day(morning: Morning) -> None:
    """Done is done at its source, too; dismissed does not come again; later is back in the next brief."""
    for what in ("mow the lawn", "call Wim", "read the offer"):
        morning.promise(what, 24)
    failed = morning.work("Fetch the stone prices", RunState.FAILED)
    morning.set(24, 7)
    morning.briefs.make_due(morning.who)
    cards = {each.item.title: each.card.id for each in morning.briefs.read(morning.who).cards}
    morning.briefs.decide(morning.who, cards["mow the lawn"], CardState.DONE)
    morning.briefs.decide(morning.who, cards["call Wim"], CardState.LATER)
    morning.briefs.decide(morning.who, cards["Fetch the stone prices"], CardState.DISMISSED)
    assert morning.titles() == ["read the offer"]
    assert morning.held() == {"call Wim": HeldBack.LATER}
    assert [promise.action for promise, _ in promises.still_open(morning.database, morning.who)] == [
        "call Wim",
        "read the offer",
    ]
    with morning.database.reading(morning.who) as connection:
        assert failed in today.seen_runs(connection, morning.who)
    morning.set(25, 7)
    morning.briefs.make_due(morning.who)
    assert sorted(morning.titles()) == ["call Wim", "read the offer"]
    morning.briefs.decide(morning.who, cards["mow the lawn"], CardState.OPEN)
    with morning.database.reading(morning.who) as connection:
        open_ones = promise_store.listed(
            connection, morning.who, state=PromiseState.OPEN, due_after=morning.at - timedelta(days=9),
            said_after=morning.at, limit=9,
        )  # fmt: skip
    assert "mow the lawn" in {promise.action for promise in open_ones}


def test_what_waits_goes_only_by_being_answered(morning: Morning) -> None:
    """A run that waits for a yes can be set aside for later, not done with a press; and there is no "less" of it."""
    run = begin(morning.database, morning.who, "Which rates?", client_id=new_id()).run
    with morning.database.writing(morning.who) as connection:
        brief = store.make(
            connection, morning.who, morning.who.own_space, "2026-11-23", due_at=morning.at, since=morning.at
        )
        assert brief is not None
        item = Item(
            source=Source.QUESTION, source_id=SourceId(run.id), kind=CardKind.DECIDE, title="", why="", came=morning.at
        )
        store.add_cards(connection, morning.who, brief, [(item, None)], 0)
        (card,) = store.cards(connection, morning.who, brief.id)
    with pytest.raises(Conflict):
        morning.briefs.decide(morning.who, card.id, CardState.DONE)
    with pytest.raises(Conflict):
        morning.briefs.less(morning.who, card.id)
    morning.briefs.decide(morning.who, card.id, CardState.LATER)


def test_less_like_this_is_a_rule_that_can_be_lifted(morning: Morning) -> None:
    """It holds that sort back now and in the next brief, says so in words, and ends with one press."""
    morning.promise("ring Berit", None)
    morning.work("Sum up the minutes", RunState.DELIVERED)
    morning.set(24, 7)
    morning.briefs.make_due(morning.who)
    card = next(each for each in morning.briefs.read(morning.who).cards if each.item.source is Source.PROMISE)
    morning.briefs.less(morning.who, card.card.id)
    assert morning.held() == {"ring Berit": HeldBack.LESS}
    morning.set(25, 7)
    morning.briefs.make_due(morning.who)
    assert morning.held() == {"ring Berit": HeldBack.LESS}
    assert morning.briefs.read(morning.who).less == {"promise:undated": "promises without a day"}
    morning.briefs.lift(morning.who, "promise:undated")
    assert "ring Berit" in morning.titles()


def test_asked_for_again_it_adds_what_has_come_since(morning: Morning) -> None:
    """What is there keeps its place; what is new comes after it, and seven stay the most."""
    morning.promise("send the roof survey", 24)
    morning.set(24, 7)
    morning.briefs.make_due(morning.who)
    for number in range(4):
        morning.work(f"Delivered {number}", RunState.DELIVERED)
    morning.briefs.make_now(morning.who)
    assert morning.titles()[0] == "send the roof survey"
    assert len(morning.titles()) == 4
    assert set(morning.held().values()) == {HeldBack.ALIKE}


@pytest.fixture
def gateway(database: Database, tmp_path: Path) -> Iterator[Gateway]:
    """A model that words briefs: one sentence that holds, and one with a figure of its own where lime is spoken of."""
    script = Script(
        [
            rule(r"(?s).*lime.*", '{"summary": "Lime is up 8 percent."}'),
            rule(r"(?s).*roof survey.*", '{"summary": "The roof survey is due today."}'),
        ]
    )
    with ScriptedServer(script) as server:
        local = LocalModels(tmp_path, LocalEngine(EngineConfig.for_this_machine(), SpeedBook(tmp_path / "speeds.json")))
        config = ModelsConfig(tmp_path, f"scripted@{server.base_url}")
        registry = Registry(database, Vault(bytes(32)), config)
        gateway = Gateway(database, Choice(database, config, registry, local, Offers({}, {})), local, 2)
        yield gateway
        gateway.close()


@pytest.mark.parametrize(
    ("promised", "state", "words"),
    [
        ("send the roof survey", SummaryState.WORDED, "The roof survey is due today."),
        ("order lime", SummaryState.FAILED, None),
    ],
)
def test_a_model_words_the_summary_from_the_cards_alone(
    morning: Morning, gateway: Gateway, promised: str, state: SummaryState, words: str | None
) -> None:
    """Where the person lets one; a figure that is on no card is not shown. It is asked once; forgetting clears it."""
    morning.habits = replace(HABITS, worded_by="any model")
    wording = Wording(morning.database, gateway, morning.briefs, lambda: 0.0)
    morning.promise(promised, 24)
    morning.set(24, 7)
    morning.briefs.make_due(morning.who)
    for _ in range(3):
        wording.word(morning.who)
    brief = morning.briefs.read(morning.who).brief
    assert brief is not None
    assert (brief.summary_state, brief.summary, brief.summary_attempts) == (state, words, 1)
    with morning.database.writing(morning.who) as connection:
        store.forget(connection, morning.who, morning.who.own_space, [])
    assert (brief := morning.briefs.read(morning.who).brief) is not None
    assert brief.summary is None


@pytest.mark.parametrize("worded_by", ["rules only", "any model"])
def test_an_idle_day_costs_no_token(morning: Morning, gateway: Gateway, worded_by: str) -> None:
    """Without a card, or without leave, no model is asked."""
    morning.habits = replace(HABITS, worded_by=worded_by)
    wording = Wording(morning.database, gateway, morning.briefs, lambda: 0.0)
    if worded_by == "rules only":
        morning.promise("send the roof survey", 24)
    morning.set(24, 7)
    morning.briefs.make_due(morning.who)
    wording.word(morning.who)
    with morning.database.reading(morning.who) as connection:
        assert usage_store.usages(connection, morning.who) == []
