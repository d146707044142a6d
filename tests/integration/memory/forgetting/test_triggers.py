"""Forgetting reaches triggers on both databases: what they are to do, what they look for, what has set them off."""

from __future__ import annotations

import pytest

from everword.agents import triggers, webhooks
from everword.agents.setting_off import Ledger
from everword.agents.triggers import Wanted
from everword.core.errors import NotFound
from everword.core.ids import RunId, new_id
from everword.core.types import Label
from everword.memory.forgetting.types import ForgettingState, Selection
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.triggers import store
from everword.runs.triggers.types import Trigger, TriggerKind
from everword.runs.triggers.watcher import Watcher
from everword.runs.types import RunState
from tests.integration.memory.forgetting.conftest import SAID, WORD, say
from tests.integration.memory.forgetting.conftest import Stage as Home
from tests.integration.memory.forgetting.finding import places
from tests.integration.memory.forgetting.test_forgetting import forget


def make(home: Home, text: str, kind: TriggerKind = TriggerKind.ENTRY, words: str = "") -> Trigger:
    """A trigger; a webhook with its secret."""
    with home.database.writing(home.who) as connection:
        trigger = triggers.create(connection, home.who, Wanted(kind, text, words), client_id=new_id())
        if kind is TriggerKind.WEBHOOK:
            webhooks.renew_secret(connection, home.who, home.vault, trigger)
    return trigger


def fire(home: Home) -> None:
    """Let whatever is due begin its run."""
    watcher = Watcher(home.database, lambda _person: home.who, Ledger(), lambda _run: None)
    while watcher.fire_due():
        pass


def listed(home: Home) -> set[str]:
    with home.database.reading(home.who) as connection:
        return {trigger.id for trigger in store.listed(connection, home.who)}


def secrets(home: Home) -> list[str]:
    with home.database.reading(home.who) as connection:
        return [name for _, name in home.vault.names(connection, home.who)]


def test_what_a_trigger_does_and_looks_for_is_forgotten_with_it(stage: Home) -> None:
    """Its request or its words forgotten, a trigger is gone, its secret too; the preview counts it; others stay."""
    gone = {make(stage, "Look at it", words=WORD).id, make(stage, SAID, TriggerKind.WEBHOOK).id}
    stays = make(stage, "Look at it", TriggerKind.WEBHOOK)
    assert listed(stage) == gone | {stays.id}
    assert len(secrets(stage)) == 2
    stage.indexer.catch_up()
    assert places(stage.home, stage.database, WORD)
    preview, _ = stage.forgetter.preview(stage.who, Selection(words=WORD))
    assert preview.counts["triggers"] == 2
    receipt = forget(stage, Selection(words=WORD))
    assert receipt.state is ForgettingState.DELIVERED, receipt.error
    assert listed(stage) == {stays.id}
    assert secrets(stage) == [webhooks.secret_name(stays.id)]
    assert places(stage.home, stage.database, WORD) == set()


def test_what_set_a_trigger_off_is_forgotten_with_the_run(stage: Home) -> None:
    """The entry that fitted is gone from the run that it began, which goes; the trigger stays and can be set off."""
    trigger = make(stage, "Look at it", words="cellar")
    came = say(stage, SAID, label=Label.STRANGER, speaker="Ben", source="files")
    fire(stage)
    run = newest(stage, trigger)
    with stage.database.writing(stage.who) as connection:
        runs.finish(connection, stage.who, run, RunState.DELIVERED, cause="done")
    stage.indexer.catch_up()
    receipt = forget(stage, Selection(entry_ids=(came.id,)))
    assert receipt.state is ForgettingState.DELIVERED, receipt.error
    assert places(stage.home, stage.database, WORD) == set()
    with stage.database.reading(stage.who) as connection, pytest.raises(NotFound):
        run_store.get(connection, stage.who, run)
    assert listed(stage) == {trigger.id}
    say(stage, "Another cellar")
    fire(stage)
    assert newest(stage, trigger) != run


def newest(home: Home, trigger: Trigger) -> RunId:
    """The run that it began last."""
    with home.database.reading(home.who) as connection:
        run_id = store.get(connection, home.who, trigger.id).run_id
    assert run_id is not None
    return run_id
