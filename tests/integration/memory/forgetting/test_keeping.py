"""How long entries are kept: counted from when they came, chosen with a day's grace, and ended with a receipt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.types import Label
from everword.memory import store
from everword.memory.forgetting import keeping
from everword.memory.forgetting.keeping import GRACE, Span
from everword.memory.forgetting.retention import Retention
from everword.memory.forgetting.types import ForgettingState
from everword.memory.types import Entry, NewEntry
from everword.storage.schema.ledger import entry
from tests.integration.memory.forgetting.conftest import WORD, begin_talk, say
from tests.integration.memory.forgetting.conftest import Stage as Home

Later = Callable[[timedelta], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Lets time go by."""
    at: list[datetime] = []

    def later(by: timedelta) -> None:
        at.append((at[-1] if at else clock.now()) + by)
        monkeypatch.setattr(clock, "now", lambda: at[-1])

    return later


def brought(home: Home, text: str, *, said_days_ago: int, recorded_days_ago: int) -> Entry:
    """An entry that was said, and came here, so long ago."""
    now = clock.now()
    new = NewEntry(
        space_id=home.who.own_space,
        label=Label.OWNER,
        text=text,
        said_at=now - timedelta(days=said_days_ago),
        source="chat",
    )
    with home.database.writing(home.who) as connection:
        made = store.append(connection, home.who, new)
        at = now - timedelta(days=recorded_days_ago)
        connection.execute(update(entry).where(entry.c.id == made.id).values(recorded_at=at))
    return made


def is_kept(home: Home, of: Entry) -> bool:
    """Whether an entry is there."""
    with home.database.reading(home.who) as connection:
        try:
            store.get(connection, home.who, of.id)
        except NotFound:
            return False
    return True


def retention(home: Home) -> Retention:
    """Retention for the one person there is."""
    return Retention(home.database, home.forgetter, lambda: [home.who])


def test_a_past_that_was_imported_today_is_not_old(stage: Home) -> None:
    """What counts is the later of when it was said and when it was recorded, in the preview and when it goes."""
    old = brought(stage, f"Long ago: {WORD}", said_days_ago=40, recorded_days_ago=40)
    imported = brought(stage, "Said ten years ago, brought today", said_days_ago=3650, recorded_days_ago=0)
    due = keeping.preview(stage.database, stage.who, "30 days")
    assert (due.count, [each.id for each in due.entries]) == (1, [old.id])
    assert due.first_said_at == due.last_said_at == old.said_at
    assert is_kept(stage, imported)


def test_a_message_that_was_written_anew_today_is_not_old(stage: Home) -> None:
    """Versions go together, so none goes while one of them is young."""
    talk = begin_talk(stage)
    old = brought(stage, "What did the plumber say?", said_days_ago=40, recorded_days_ago=40)
    with stage.database.writing(stage.who) as connection:
        connection.execute(update(entry).where(entry.c.id == old.id).values(conversation_id=talk))
        old = store.get(connection, stage.who, old.id)
    say(stage, "What did the plumber say about the boiler?", talk=talk, version_of=old)
    assert keeping.preview(stage.database, stage.who, "30 days").count == 0


def test_a_shorter_span_begins_a_day_after_it_was_chosen(stage: Home, later: Later) -> None:
    """Until then nothing goes; then it does, with a receipt that is known as the span's doing, and repeats stay."""
    old = brought(stage, f"Long ago: {WORD}", said_days_ago=40, recorded_days_ago=40)
    young = say(stage, f"Just now: {WORD}", label=Label.ASSISTANT)
    chosen = keeping.choose(stage.database, stage.who, "30 days")
    assert (chosen.keep, chosen.coming and chosen.coming.keep) == ("for ever", "30 days")
    later(GRACE - timedelta(minutes=1))
    assert retention(stage).look() == []
    assert is_kept(stage, old)
    later(timedelta(minutes=1))
    begun = retention(stage).look()
    stage.forgetter.worker.run_unfinished()
    assert not is_kept(stage, old)
    assert is_kept(stage, young)
    with stage.database.reading(stage.who) as connection:
        known = keeping.read(connection, stage.who)
    assert (known.keep, known.coming) == ("30 days", None)
    assert known.forgetting_ids == (begun[0].id,)
    assert stage.forgetter.get(stage.who, begun[0].id)[0].state is ForgettingState.DELIVERED
    assert retention(stage).look() == []


def test_a_span_that_is_taken_back_never_begins(stage: Home, later: Later) -> None:
    """Keep them, said within the day, leaves everything as it was."""
    old = brought(stage, f"Long ago: {WORD}", said_days_ago=40, recorded_days_ago=40)
    keeping.choose(stage.database, stage.who, "30 days")
    assert keeping.take_back(stage.database, stage.who).coming is None
    later(GRACE * 3)
    assert retention(stage).look() == []
    assert is_kept(stage, old)


@pytest.mark.parametrize("longer", ["1 year", "for ever", "90 days"])
def test_a_longer_span_begins_at_once_and_ends_the_wait_of_a_shorter_one(
    stage: Home, later: Later, longer: Span
) -> None:
    """Nothing has to be thought over where more is kept than before."""
    keeping.choose(stage.database, stage.who, "90 days")
    later(GRACE)
    retention(stage).look()
    keeping.choose(stage.database, stage.who, "30 days")
    kept = keeping.choose(stage.database, stage.who, longer)
    assert (kept.keep, kept.coming) == (longer, None)
