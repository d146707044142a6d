"""Facts and forgetting, on both databases: what stood only on forgotten words goes with them, to the byte."""

from __future__ import annotations

from everword.core.types import Label
from everword.memory.facts import promises, service
from everword.memory.facts.distil import read_some
from everword.memory.facts.types import FactId
from everword.memory.forgetting.types import ForgettingState, Selection
from tests.integration.memory.facts.conftest import Memory
from tests.integration.memory.forgetting.conftest import Stage, say, stage  # noqa: F401 (a fixture)
from tests.integration.memory.forgetting.finding import places

TOWN = "Quixeramobim"


def memory_of(home: Stage) -> Memory:
    """The facts of a home."""
    return Memory(home.database, home.who)


def forget(home: Stage, *entry_ids: str) -> ForgettingState:
    """From the preview to the receipt, in this thread."""
    selection = Selection(entry_ids=entry_ids)  # type: ignore[arg-type]
    preview, up_to = home.forgetter.preview(home.who, selection)
    redact = {repeat.entry.id for repeat in preview.repeats if repeat.is_chosen}
    begun = home.forgetter.begin(home.who, selection, up_to=up_to, redact=redact)
    home.forgetter.worker.run_unfinished()
    found = home.forgetter.get(home.who, begun.id)[0]
    assert found.state is ForgettingState.DELIVERED, found.error
    return found.state


def test_facts_go_with_their_entries_and_no_byte_stays(stage: Stage) -> None:  # noqa: F811
    """Facts, claims and promises that stood on a forgotten entry alone are in no file or table any more."""
    memory = memory_of(stage)
    kept = say(stage, "I'm allergic to peanuts.")
    gone = say(stage, f"I live in {TOWN}. I'll send the keys to {TOWN} by Friday.")
    memory.distil()
    assert memory.statements() == ["You are allergic to peanuts", f"You live in {TOWN}"]
    assert len(promises.still_open(stage.database, stage.who)) == 1
    stage.indexer.catch_up()
    assert places(stage.home, stage.database, TOWN)
    forget(stage, gone.id)
    assert memory.statements("all") == ["You are allergic to peanuts"]
    assert promises.still_open(stage.database, stage.who) == []
    assert places(stage.home, stage.database, TOWN) == set()
    assert kept.id


def test_a_fact_that_stands_on_other_words_keeps_those(stage: Stage) -> None:  # noqa: F811
    """Of two sources one goes: the fact stays, made of the other alone, without the other's words and time."""
    memory = memory_of(stage)
    said = say(stage, "I live in Lisbon.")
    gone = say(stage, "As my tax file shows, I have lived in Lisbon since 2019.")
    memory.distil()
    (fact,) = memory.facts()
    assert fact.interval.start is not None
    forget(stage, gone.id)
    (left,) = memory.facts()
    assert (left.id, left.interval.start) == (fact.id, None)
    assert [claim.entry_id for claim in memory.sources(left)] == [said.id]


def test_what_was_superseded_by_forgotten_words_holds_again(stage: Stage) -> None:  # noqa: F811
    """Without the evidence that took its place, the older fact is no longer superseded."""
    memory = memory_of(stage)
    say(stage, "I live in Lisbon.")
    gone = say(stage, "I live in Porto now.")
    memory.distil()
    assert memory.statements() == ["You live in Porto"]
    forget(stage, gone.id)
    assert memory.statements() == ["You live in Lisbon"]


def test_an_entry_read_while_it_is_forgotten_teaches_nothing(stage: Stage) -> None:  # noqa: F811
    """Read before its rows went and written after: the words do not come back, and no reading finds them again."""
    memory = memory_of(stage)
    gone = say(stage, f"I live in {TOWN}.")
    say(stage, "I'm allergic to peanuts.")
    forget(stage, gone.id)
    while read_some(stage.database, stage.who, "UTC"):
        pass
    assert memory.statements("all") == ["You are allergic to peanuts"]


def test_a_correction_is_an_entry_and_can_be_forgotten_like_one(stage: Stage) -> None:  # noqa: F811
    """When a correction's entry goes, what was inferred holds again."""
    memory = memory_of(stage)
    say(stage, "I live in Lisbon.")
    memory.distil()
    (fact,) = memory.facts()
    known = service.correct(stage.database, stage.who, FactId(fact.id), "You live in Porto")
    entry = known.stands[0].entry
    assert (entry.label, entry.text) == (Label.OWNER, "I live in Porto")
    assert memory.statements() == ["You live in Porto"]
    forget(stage, entry.id)
    assert memory.statements() == ["You live in Lisbon"]
