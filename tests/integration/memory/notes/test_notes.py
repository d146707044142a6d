"""Notes and tasks on both databases: their words are in the ledger, and they go where those go."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from everword.agents import schedules
from everword.agents.schedules import Wanted
from everword.core.errors import Conflict, Invalid, NotFound
from everword.core.ids import EntryId, RunId, new_id
from everword.core.types import Label, Principal
from everword.memory import store
from everword.memory.forgetting.phrases import BLACKED_OUT
from everword.memory.forgetting.types import ForgettingState, Selection
from everword.memory.notes import note_store, notes, task_store, tasks
from everword.memory.notes.tasks import Changed
from everword.memory.notes.types import OWNER, Author
from everword.runs.schedules import store as schedule_store
from everword.runs.schedules.types import OnMissed, OnOverlap, ScheduleState
from everword.storage.database import Database
from tests.integration.memory.forgetting.conftest import SAID, WORD, Stage, say, stage

__all__ = ["stage"]


def test_a_note_is_written_once_and_keeps_what_it_said(database: Database, anna: Principal) -> None:
    """The same key is one note; an edit is another version in the ledger; a deleted one does not come back."""
    with database.writing(anna) as connection:
        first = notes.write(connection, anna, "Anna prefers trains", Author(RunId(new_id())), "key:1")
        assert notes.write(connection, anna, "Anna prefers trains", OWNER, "key:1") == first
        assert (first.label, first.is_assistants) == (Label.ASSISTANT, True)
        changed = notes.edit(connection, anna, first.id, "Anna prefers the morning train", OWNER)
        assert (changed.label, changed.is_assistants, changed.created_at) == (Label.OWNER, False, first.created_at)
        assert notes.write(connection, anna, "Anna prefers trains", OWNER, "key:1").id == first.id
        said = [store.get(connection, anna, key).text for key in _versions(connection, anna, changed.entry_id)]
        assert said == ["Anna prefers the morning train", "Anna prefers trains"]
        notes.remove(connection, anna, first.id)
        with pytest.raises(Conflict):
            notes.write(connection, anna, "Anna prefers trains", OWNER, "key:1")
        with pytest.raises(Invalid):
            notes.write(connection, anna, "  ", OWNER, "key:2")
        assert (note_store.listed(connection, anna, 10), store.count(connection, anna)[0]) == ([], 2)


def test_open_tasks_come_by_what_is_due(database: Database, anna: Principal) -> None:
    """The earliest first, those without a day last; a day is overdue when it is over where the owner lives."""
    with database.writing(anna) as connection:
        made = {
            title: tasks.write(connection, anna, title, OWNER, f"key:{title}", due=due)
            for title, due in (("later", None), ("at nine", "2026-03-01T09:00:00+01:00"), ("today", "2026-03-01"))
        }
        assert [task.title for task in task_store.listed(connection, anna, is_done=False, limit=9)] == [
            "today", "at nine", "later",
        ]  # fmt: skip
        assert made["at nine"].due == "2026-03-01T08:00:00Z"
        late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
        assert made["today"].is_overdue(late, "Europe/Berlin")
        assert not made["today"].is_overdue(late, "America/New_York")
        done = tasks.change(connection, anna, made["today"].id, Changed(is_done=True), OWNER)
        assert done.done_at is not None
        assert not done.is_overdue(late, "UTC")
        again = tasks.change(connection, anna, done.id, Changed(title="tomorrow", due="", is_done=False), OWNER)
        assert (again.title, again.due, again.done_at) == ("tomorrow", None, None)
        with pytest.raises(Invalid):
            tasks.change(connection, anna, done.id, Changed(due="2026-02-30"), OWNER)
        tasks.remove(connection, anna, done.id)
        with pytest.raises(NotFound):
            task_store.get(connection, anna, done.id)


def test_forgetting_takes_what_stands_on_the_words(stage: Stage) -> None:
    """The preview counts notes, tasks and schedules, and they go with every version of their words."""
    database, who = stage.database, stage.who
    with database.writing(who) as connection:
        note = notes.write(connection, who, SAID, OWNER, "key:1")
        notes.edit(connection, who, note.id, f"{SAID}, not even Ben", OWNER)
        task = tasks.write(connection, who, f"Change the lock of {WORD}", OWNER, "key:2")
    schedule = schedules.create(database, who, _wanted(f"Ask about {WORD}"), client_id=new_id())
    with database.reading(who) as connection:
        now = note_store.get(connection, who, note.id).entry_id
    selection = Selection(entry_ids=(now, task.entry_id, schedule.request_id))
    preview, up_to = stage.forgetter.preview(who, selection)
    assert {name: preview.counts[name] for name in ("entries", "notes", "tasks", "schedules")} == {
        "entries": 4, "notes": 1, "tasks": 1, "schedules": 1,
    }  # fmt: skip
    begun = stage.forgetter.begin(who, selection, up_to=up_to)
    stage.forgetter.worker.run_unfinished()
    receipt = stage.forgetter.get(who, begun.id)[0]
    assert receipt.state is ForgettingState.DELIVERED, receipt.error
    assert (receipt.counts["notes"], receipt.counts["tasks"], receipt.counts["schedules"]) == (1, 1, 1)
    with database.reading(who) as connection:
        assert note_store.count(connection, who) == task_store.count(connection, who, is_done=False) == 0
        assert schedule_store.listed(connection, who) == []


def test_what_repeats_forgotten_words_stays_without_them(stage: Stage) -> None:
    """A note of the assistant's is blacked out and stays a note; a schedule rests, and says why."""
    database, who = stage.database, stage.who
    secret = say(stage, SAID)
    with database.writing(who) as connection:
        note = notes.write(connection, who, f"Remember: {SAID}. Call Ben.", Author(RunId(new_id())), "key:1")
        task = tasks.write(connection, who, "Call Ben", OWNER, "key:2", source_entry_id=secret.id)
    schedule = schedules.create(database, who, _wanted(f"Say that {SAID}"), client_id=new_id())
    selection = Selection(entry_ids=(secret.id,))
    preview, up_to = stage.forgetter.preview(who, selection)
    redact = {repeat.entry.id for repeat in preview.repeats}
    assert redact == {note.entry_id, schedule.request_id}
    begun = stage.forgetter.begin(who, selection, up_to=up_to, redact=redact)
    stage.forgetter.worker.run_unfinished()
    receipt = stage.forgetter.get(who, begun.id)[0]
    assert receipt.state is ForgettingState.DELIVERED, receipt.error
    with database.reading(who) as connection:
        now = note_store.get(connection, who, note.id)
        assert BLACKED_OUT in now.text
        assert WORD not in now.text
        assert "Call Ben" in now.text
        assert task_store.get(connection, who, task.id).source_entry_id is None
        rests = schedule_store.get(connection, who, schedule.id)
        assert (rests.state, rests.next_at) == (ScheduleState.PAUSED, None)
        assert "forgotten" in (rests.reason or "")
        assert WORD not in store.get(connection, who, rests.request_id).text


def _wanted(text: str) -> Wanted:
    return Wanted(text, "every day at 7", "UTC", False, OnMissed.CATCH_UP, OnOverlap.SKIP, None)


def _versions(connection: Connection, who: Principal, entry_id: EntryId) -> list[EntryId]:
    return store.versions_of(connection, who, store.get(connection, who, entry_id))
