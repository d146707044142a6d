"""Triggers on both databases: what fits begins a run once, whatever dies in between; nothing sets itself off."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from everword.agents import setting_off, triggers, webhooks, work, work_log
from everword.agents.setting_off import Standing
from everword.agents.triggers import Changed, Wanted
from everword.agents.webhooks import DeliveredBefore, Delivery, HookPaused, HookRefused, Hooks
from everword.core import clock
from everword.core.errors import EverwordError, Invalid
from everword.core.ids import EntryId, RunId, TriggerId, new_id
from everword.core.types import Label, Principal
from everword.memory import store as ledger
from everword.memory.types import Entry, NewEntry
from everword.runs import rounds, service
from everword.runs import store as run_store
from everword.runs.schedules.types import OnOverlap
from everword.runs.triggers import store
from everword.runs.triggers.types import Trigger, TriggerKind, TriggerState
from everword.runs.triggers.watcher import Watcher
from everword.runs.types import Run, RunState
from everword.storage.database import Database
from everword.vault.types import Secret
from everword.vault.vault import Vault


@dataclass(frozen=True)
class Poisonable(setting_off.Ledger):
    """The ledger as triggers look at it; some of them cannot be begun."""

    poisoned: set[str] = field(default_factory=set)

    def begin(self, connection: Connection, who: Principal, trigger: Trigger, entry_id: EntryId) -> Run:
        run = super().begin(connection, who, trigger, entry_id)
        if trigger.id in self.poisoned:
            raise EverwordError
        return run


@dataclass
class Desk:
    """Somebody's triggers, and what watches for them, without a thread."""

    database: Database
    who: Principal
    looking: Poisonable = field(default_factory=Poisonable)
    launched: list[RunId] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.vault = Vault(bytes(32))
        self.hooks = Hooks(self.database, self.vault)
        self.watcher = self.another()

    def another(self) -> Watcher:
        """What watches in another process, which knows nothing but the rows."""
        return Watcher(self.database, lambda _person: self.who, self.looking, self.launched.append)

    def make(self, text: str = "Look at it", kind: TriggerKind = TriggerKind.ENTRY, **conditions: object) -> Trigger:
        wanted = Wanted(kind, text, **conditions)  # type: ignore[arg-type]
        with self.database.writing(self.who) as connection:
            return triggers.create(connection, self.who, wanted, client_id=new_id())

    def hook(self) -> tuple[Trigger, Secret]:
        trigger = self.make(kind=TriggerKind.WEBHOOK)
        with self.database.writing(self.who) as connection:
            return trigger, webhooks.renew_secret(connection, self.who, self.vault, trigger)

    def say(self, text: str, run_id: RunId | None = None, **more: object) -> Entry:
        values = {"label": Label.OWNER, "said_at": clock.now()} | more
        new = NewEntry(space_id=self.who.own_space, text=text, run_id=run_id, **values)  # type: ignore[arg-type]
        with self.database.writing(self.who) as connection:
            return ledger.append(connection, self.who, new)

    def fire(self, watcher: Watcher | None = None) -> None:
        while (watcher or self.watcher).fire_due():
            pass

    def runs(self, trigger: Trigger) -> list[Run]:
        """What it began, the oldest first."""
        with self.database.reading(self.who) as connection:
            found = run_store.listed(connection, self.who, limit=1000)
        return sorted((run for run in found if run.input.get("trigger_id") == trigger.id), key=lambda run: run.id)

    def end(self, run: Run) -> None:
        with self.database.writing(self.who) as connection:
            service.finish(connection, self.who, run.id, RunState.DELIVERED, cause="done")

    def stands(self, trigger: Trigger) -> Standing:
        with self.database.reading(self.who) as connection:
            return setting_off.standing(connection, self.who, self.now(trigger))

    def now(self, trigger: Trigger) -> Trigger:
        with self.database.reading(self.who) as connection:
            return store.get(connection, self.who, trigger.id)


@pytest.fixture
def desk(database: Database, anna: Principal) -> Iterator[Desk]:
    return Desk(database, anna)  # type: ignore[return-value]


def signed(secret: Secret, body: bytes, *, key: str = "msg_1", at: int | None = None) -> Delivery:
    """A delivery as any library for Standard Webhooks signs it."""
    stamp = str(int(clock.now().timestamp()) if at is None else at)
    raw = base64.b64decode(secret.reveal().removeprefix("whsec_"))
    mac = hmac.new(raw, f"{key}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return Delivery(key, stamp, f"v1,{base64.b64encode(mac).decode()}", body)


def test_what_fits_begins_a_run_once(desk: Desk) -> None:
    """All words in any case, by that speaker; not what was there, not what was said long ago, not our own workings."""
    desk.say("The invoice of Anna")
    trigger = desk.make(words="invoice paid", speaker="Ben")
    desk.say("Invoice: PAID!", speaker="Anna")
    desk.say("The invoice came", speaker="Ben")
    desk.say("invoice paid", speaker="Ben", said_at=clock.now() - timedelta(days=400))
    desk.say("invoice paid", speaker="Ben", source="work")
    desk.fire()
    assert desk.runs(trigger) == []
    entry = desk.say("Paid, says the Invoice", speaker="Ben", label=Label.STRANGER)
    desk.fire(desk.another())
    desk.fire()
    (run,) = desk.runs(trigger)
    assert desk.launched == [run.id]
    with desk.database.reading(desk.who) as connection:
        log = work_log.read(connection, desk.who, run)
    assert (log.asked.text, log.said_by_owner) == ("Look at it", "Look at it")
    assert log.came_with == entry


def test_the_owners_own_words(desk: Desk) -> None:
    """The speaker "me" is whoever the owner is called, and nobody else who says the same."""
    trigger = desk.make(speaker=setting_off.ME, words="tick")
    desk.say("tick", label=Label.STRANGER, speaker="me")
    desk.fire()
    assert desk.runs(trigger) == []
    desk.say("tick", speaker="Anna")
    desk.fire()
    assert len(desk.runs(trigger)) == 1


def test_nothing_sets_itself_off_and_chains_end(desk: Desk) -> None:
    """What a trigger's run wrote, or a run behind it, does not set it off; triggers lead to each other three deep."""
    chained = [desk.make(words=word) for word in ("alpha", "beta", "gamma", "delta")]
    desk.say("alpha beta?")
    desk.fire()
    assert [len(desk.runs(each)) for each in chained] == [1, 1, 0, 0]
    (first,) = desk.runs(chained[0])
    desk.end(first)
    desk.say("alpha gamma", run_id=first.id, label=Label.ASSISTANT)
    desk.fire()
    assert [len(desk.runs(each)) for each in chained] == [1, 1, 1, 0]
    (third,) = desk.runs(chained[2])
    assert third.input["chain"] == [chained[0].id, chained[2].id]
    desk.end(third)
    desk.end(*desk.runs(chained[1]))
    desk.say("beta", run_id=third.id, label=Label.ASSISTANT)
    desk.fire()
    last = desk.runs(chained[1])[-1]
    assert len(last.input["chain"]) == setting_off.LONGEST_CHAIN
    desk.say("delta", run_id=last.id, label=Label.ASSISTANT)
    desk.say("delta", run_id=RunId(new_id()), label=Label.ASSISTANT)
    desk.fire()
    assert desk.runs(chained[3]) == []


def test_what_comes_while_it_works_waits_or_is_skipped(desk: Desk) -> None:
    """Queued, each has its run, one after the other; skipped, that is told in the run that was in the way."""
    queue, skip = desk.make(words="tick"), desk.make(words="tick", on_overlap=OnOverlap.SKIP)
    desk.say("tick")
    desk.fire()
    assert desk.stands(queue) == Standing(is_busy=True, is_queued=False)
    for _ in range(2):
        desk.say("tick")
        desk.fire()
    assert desk.stands(queue) == Standing(is_busy=True, is_queued=True)
    assert desk.stands(skip) == Standing(is_busy=True, is_queued=False)
    assert (len(desk.runs(queue)), len(desk.runs(skip))) == (1, 1)
    with desk.database.reading(desk.who) as connection:
        causes = [each.cause for each in run_store.transitions(connection, desk.who, desk.runs(skip)[0].id)]
    assert sum("skipped" in cause for cause in causes) == 2
    for number in (2, 3, 3):
        desk.end(desk.runs(queue)[-1])
        desk.fire()
        assert len(desk.runs(queue)) == number


def test_a_poisoned_trigger_rests_and_others_go_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times in vain: it is paused with the reason, before its owner, and nothing of it was written."""
    monkeypatch.setattr(rounds, "_AGAIN_S", 0)
    bad, good = desk.make(words="tick"), desk.make(words="tick")
    desk.looking.poisoned.add(bad.id)
    desk.say("tick")
    for _ in range(rounds.ATTEMPTS):
        desk.fire()
    assert (len(desk.runs(bad)), len(desk.runs(good))) == (0, 1)
    assert desk.now(bad).state is TriggerState.PAUSED
    with desk.database.reading(desk.who) as connection:
        ((stuck, text),) = work.needs_you(connection, desk.who, frozenset()).stuck
    assert (stuck.id, text) == (bad.id, "Look at it")
    desk.looking.poisoned.clear()
    triggers.change(desk.database, desk.who, bad.id, Changed(is_paused=False))
    desk.fire()
    assert desk.runs(bad) == []
    desk.say("tick")
    desk.fire()
    assert len(desk.runs(bad)) == 1


def test_a_deleted_trigger_is_not_set_off_by_what_waits(desk: Desk) -> None:
    """Deleted is deleted; one that asks for nothing is refused, for every word would set it off."""
    trigger = desk.make(words="tick")
    desk.say("tick")
    with desk.database.writing(desk.who) as connection:
        triggers.remove(connection, desk.who, trigger.id)
    desk.fire()
    assert desk.runs(trigger) == []
    with pytest.raises(Invalid, match="which entries"):
        desk.make()


def test_a_delivery_is_kept_once_and_never_an_instruction(desk: Desk) -> None:
    """Signed, recent and new it is a stranger's entry that sets its trigger off; else nothing of it is kept."""
    trigger, secret = desk.hook()
    other, _ = desk.hook()
    good = signed(secret, b'{"door": "open"}')
    stamp = int(clock.now().timestamp())
    for wrong, error in (
        (Delivery("msg_2", good.timestamp, good.signature, good.body), HookRefused),
        (Delivery(good.id, good.timestamp, good.signature, b'{"door": "shut"}'), HookRefused),
        (Delivery(good.id, good.timestamp, "v1,AAAA v2,x", good.body), HookRefused),
        (signed(secret, b"late", at=stamp - webhooks.WINDOW_S - 5), Invalid),
        (signed(secret, b"\xff"), Invalid),
        (signed(secret, b"x", key=""), Invalid),
    ):
        with pytest.raises(error):
            desk.hooks.receive(trigger.id, wrong)
    for unknown in (other.id, new_id(), "hook"):
        with pytest.raises(HookRefused):
            desk.hooks.receive(unknown, good)
    assert ledger_size(desk) == 2  # the requests
    desk.hooks.receive(trigger.id, good)
    with pytest.raises(DeliveredBefore):
        desk.hooks.receive(trigger.id, good)
    desk.fire(desk.another())
    (run,) = desk.runs(trigger)
    assert desk.runs(other) == []
    with desk.database.reading(desk.who) as connection:
        log = work_log.read(connection, desk.who, run)
    assert log.came_with is not None
    assert (log.came_with.label, log.came_with.text) == (Label.STRANGER, '{"door": "open"}')
    assert log.said_by_owner == "Look at it"
    triggers.change(desk.database, desk.who, trigger.id, Changed(is_paused=True))
    with pytest.raises(HookPaused):
        desk.hooks.receive(trigger.id, signed(secret, b"more", key="msg_3"))


def test_the_signature_is_the_one_of_the_standard() -> None:
    """The example of standardwebhooks.com: its secret, id, timestamp and body give its signature."""
    secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    delivery = Delivery("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", signature, b'{"test": 2432232314}')
    assert webhooks.is_signed(secret, delivery)


def ledger_size(desk: Desk) -> int:
    with desk.database.reading(desk.who) as connection:
        return ledger.count(connection, desk.who)[0]


def test_ids_of_triggers_are_their_own(desk: Desk) -> None:
    """The same client id is one trigger."""
    wanted = Wanted(TriggerKind.ENTRY, "Look", words="tick")
    with desk.database.writing(desk.who) as connection:
        made = [triggers.create(connection, desk.who, wanted, client_id="the-same-one").id for _ in range(2)]
    assert made == [TriggerId(made[0])] * 2
