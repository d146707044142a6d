"""Facts on both databases: the failures of other memories, each as a test."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import event

from everword.core import clock
from everword.core.ids import RunId, new_id
from everword.core.types import Label
from everword.memory import conversation_store, recalled_store, store
from everword.memory.facts import learn as learn_module
from everword.memory.facts import store as fact_store
from everword.memory.facts.distil import read_some
from everword.memory.facts.learn import learn
from everword.memory.facts.reading.extract import claims_of
from everword.memory.types import NewEntry, Quote
from tests.conftest import add_person
from tests.integration.memory.facts.conftest import Memory

SMALL_TALK = [
    "Good morning!", "How are you?", "Thanks, that helps a lot.", "I'm a bit tired today.", "Haha, I love it!",
    "It is raining again.", "Could you set a timer for 12 minutes?", "I had a coffee.", "What a day.", "See you!",
    "I'm on my way.", "That was great.", "Let me think about it.", "I guess so.", "My head is spinning.",
]  # fmt: skip


def test_a_flood_of_small_talk_leaves_no_fact(memory: Memory) -> None:
    """Three hundred messages of chatter around one statement make one fact."""
    for number in range(300):
        memory.say(SMALL_TALK[number % len(SMALL_TALK)], days=number)
    memory.say("I live in Lisbon.")
    memory.distil()
    assert memory.statements("all") == ["You live in Lisbon"]


def test_a_flood_of_values_for_one_thing_leaves_one_and_its_history(memory: Memory) -> None:
    """Each takes the place of the one before; what did not change is not written again."""
    for number in range(60):
        memory.say(f"My phone number is 555 {number:04}.", days=number)
    memory.distil(at_most=20)
    assert memory.statements() == ["Your phone number is 555 0059"]
    assert len(memory.facts("past")) == 59
    written: list[str] = []
    event.listen(
        memory.database.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: written.append(statement)
    )
    memory.learn("My phone number is 555 0060.")
    assert len([each for each in written if each.startswith(("UPDATE fact ", "INSERT INTO fact "))]) <= 3


def test_of_very_many_values_the_newest_are_kept(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said last, and what the owner pinned: the rest goes with its claims, whatever is read last."""
    monkeypatch.setattr(learn_module, "_HISTORY", 10)
    memory.say("My phone number is 555 9999.", days=-1)
    memory.distil()
    (first,) = memory.facts()
    with memory.database.writing(memory.who) as connection:
        fact_store.pin(connection, memory.who, first.id, clock.now())
    for number in reversed(range(30)):
        memory.say(f"My phone number is 555 {number:04}.", days=number)
    memory.distil(at_most=7)
    values = {fact.value for fact in memory.facts()}
    assert values == {"555 9999", *(f"555 {number:04}" for number in range(20, 30))}
    assert memory.statements() == ["Your phone number is 555 0029"]


def test_a_coworkers_degree_is_never_the_owners(memory: Memory) -> None:
    """What is said of a coworker is the coworker's, in every row."""
    memory.learn("My coworker Dana has a degree in biology. She lives in Ghent.")
    assert memory.statements() == [
        "Dana has a degree in biology",
        "Dana lives in Ghent",
        "You have a coworker named Dana",
    ]
    assert [fact.statement for fact in memory.facts(subject="")] == ["You have a coworker named Dana"]


def test_an_updated_value_takes_the_old_ones_place(memory: Memory) -> None:
    """The new value holds, the old one is kept with its end, in a row that can be turned round."""
    memory.learn("My phone number is 555 0100.", "My phone number is 555 0199.")
    assert memory.statements() == ["Your phone number is 555 0199"]
    (old,) = memory.facts("past")
    (new,) = memory.facts("current")
    assert (old.statement, old.superseded_by) == ("Your phone number is 555 0100", new.id)


def test_what_is_taken_back_a_message_later_is_not_learned(memory: Memory) -> None:
    """ "Haha kidding" takes the message before it with it, whether that was read before or is read after."""
    with memory.database.writing(memory.who) as connection:
        talk = conversation_store.create(connection, memory.who, memory.who.own_space)
    memory.say("I live in Lisbon.", talk=talk.id)
    memory.say("I moved to Porto.", talk=talk.id, days=1)
    memory.distil()
    assert memory.statements() == ["You live in Porto"]
    memory.say("haha kidding", talk=talk.id, days=1)
    memory.distil()
    assert memory.statements() == ["You live in Lisbon"]
    memory.say("I work at Bosch.", talk=talk.id)
    memory.say("no, ignore that", talk=talk.id)
    memory.distil(at_most=1)
    assert memory.statements() == ["You live in Lisbon"]


def test_deleting_one_of_two_people_leaves_the_others_facts(memory: Memory) -> None:
    """When what Ben said goes, what others said stays, also of Ben; another owner's memory is untouched."""
    other = Memory(memory.database, add_person(memory.database, "Dora"))
    other.learn("I live in Graz.")
    ben = memory.say("I live in Ghent. The code word is plum.", label=Label.MEMBER, speaker="Ben")
    memory.say("I live in Bruges.", label=Label.MEMBER, speaker="Carla")
    memory.say("Ben lives in Ghent.", days=1)
    memory.distil()
    assert memory.statements() == ["Ben lives in Ghent", "Carla lives in Bruges"]
    assert memory.facts(subject="Ben")[0].sources == 2
    remove(memory, ben.id)
    assert memory.statements() == ["Ben lives in Ghent", "Carla lives in Bruges"]
    assert memory.facts(subject="Ben")[0].label is Label.OWNER
    assert other.statements() == ["You live in Graz"]


def remove(memory: Memory, *entry_ids: str) -> None:
    """Entries leave as forgetting lets them: rows, then what hangs on them, in one transaction."""
    from everword.memory.facts.forgetting import forget_facts
    from everword.memory.forgetting import ledger
    from everword.memory.forgetting.types import Gone

    gone = Gone(frozenset(entry_ids))  # type: ignore[arg-type]
    with memory.database.writing(memory.who) as connection:
        ledger.remove(connection, memory.who, gone)
        forget_facts(connection, memory.who, gone)


def test_what_is_forgotten_while_it_is_read_does_not_come_back(memory: Memory) -> None:
    """Claims of an entry that went between reading and writing are not kept."""
    entry = memory.say("I live in Lisbon.")
    claims = claims_of(entry)
    assert claims
    remove(memory, entry.id)
    with memory.database.writing(memory.who) as connection:
        learn(connection, memory.who, memory.who.own_space, [entry.id], claims)
    assert memory.facts() == []


def test_two_writers_lose_nothing(memory: Memory) -> None:
    """Two threads that learn of the same thing at once: every claim is kept, and there is one fact of each value."""
    entries = [
        memory.say("I live in Lisbon." if number % 2 else "I live in Porto.", days=number) for number in range(24)
    ]
    errors: list[BaseException] = []

    def write(own: list[object]) -> None:
        try:
            for entry in own:
                with memory.database.writing(memory.who) as connection:
                    learn(connection, memory.who, memory.who.own_space, [entry.id], claims_of(entry))  # type: ignore[attr-defined, arg-type]
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=write, args=(entries[half::2],)) for half in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert sum(fact.sources for fact in memory.facts()) == 24
    once = [(fact.statement, fact.superseded_by is None) for fact in memory.facts()]
    with memory.database.writing(memory.who) as connection:
        for entry in entries:
            learn(connection, memory.who, memory.who.own_space, [entry.id], claims_of(entry))
    assert [(fact.statement, fact.superseded_by is None) for fact in memory.facts()] == once


def test_recalled_words_are_not_learned_again(memory: Memory) -> None:
    """The assistant's answer, and a person's repetition of what it showed, are no second source."""
    with memory.database.writing(memory.who) as connection:
        talk = conversation_store.create(connection, memory.who, memory.who.own_space).id
    said = memory.say("I have lived in the little town of Sintra since May.")
    run = RunId(new_id())
    with memory.database.writing(memory.who) as connection:
        quote = Quote(entry=said, start=0, end=len(said.text), rank=1, score=1.0)
        recalled_store.write(connection, memory.who, memory.who.own_space, run, [quote])
    memory.say("Where do I live?", talk=talk)
    memory.say("You have lived in the little town of Sintra since May.", label=Label.ASSISTANT, talk=talk, run_id=run)
    memory.say("Right: I have lived in the little town of Sintra since May.", talk=talk)
    memory.say("I have lived in the little town of Sintra since May.", talk=talk)
    memory.distil()
    (fact,) = memory.facts()
    assert [claim.entry_id for claim in memory.sources(fact)] == [said.id]


def test_the_same_read_twice_is_the_same(memory: Memory) -> None:
    """Reading everything again (a crash, a new version of the rules) changes no fact, no id and no count."""
    memory.learn("I live in Berlin.", "I live in Lisbon.", "My sister Maria is a nurse.", "I'm allergic to nuts.")
    before = memory.facts()
    with memory.database.reading(memory.who) as connection:
        entries = store.entries_after(connection, memory.who, 0, 100)
    with memory.database.writing(memory.who) as connection:
        claims = [claim for entry in entries for claim in claims_of(entry)]
        learn(connection, memory.who, memory.who.own_space, [entry.id for entry in entries], claims)
    assert memory.facts() == before


def test_the_same_said_again_is_one_fact_with_two_sources(memory: Memory) -> None:
    """The same fact twice is one fact with two sources, each with its own quote."""
    memory.learn("I live in Lisbon.", "As you know, I live in Lisbon now.")
    (fact,) = memory.facts()
    assert len({claim.entry_id for claim in memory.sources(fact)}) == 2
    assert fact.confidence > 0.9


def test_in_batches_of_one_it_comes_to_the_same(memory: Memory) -> None:
    """Newest first and one at a time gives the same facts as all at once."""
    texts = ["I live in Berlin.", "I live in Lisbon.", "I no longer live in Lisbon.", "I live in Porto."]
    for day, text in enumerate(texts):
        memory.say(text, days=day)
    memory.distil(at_most=1)
    assert memory.statements("current") == ["You live in Porto"]
    assert [fact.statement for fact in memory.facts("past")] == ["You live in Berlin", "You lived in Lisbon"]


def test_an_edited_message_says_what_its_newest_version_says(memory: Memory) -> None:
    """Old versions teach nothing, read before or after."""
    first = memory.say("I live in Berlin.")
    memory.distil()
    memory.say("I live in Bergen.", version_of=first)
    memory.distil()
    assert memory.statements("all") == ["You live in Bergen"]


def test_the_label_of_a_source_stays(memory: Memory) -> None:
    """A stranger's word is a stranger's in the fact, until somebody trusted says the same."""
    memory.learn("Anna lives in Porto.", label=Label.STRANGER, speaker="news.pdf")
    (fact,) = memory.facts()
    assert (fact.label, fact.said_by) == (Label.STRANGER, "news.pdf")
    memory.learn("Anna lives in Porto.")
    (fact,) = memory.facts()
    assert fact.label is Label.OWNER
    assert {claim.label for claim in memory.sources(fact)} == {Label.OWNER, Label.STRANGER}


def test_newest_first(memory: Memory) -> None:
    """Of a backlog the newest entries are read first, and what is said meanwhile before the rest."""
    for number in range(10):
        memory.say(f"I speak {['German', 'French', 'Spanish', 'Dutch', 'Greek'][number % 5]}.", days=number)
    read_some(memory.database, memory.who, "UTC", 2)
    assert memory.statements() == ["You speak Dutch", "You speak Greek"]
    memory.say("I speak Polish.", days=20)
    read_some(memory.database, memory.who, "UTC", 1)
    assert "You speak Polish" in memory.statements()


def test_nobody_sees_anothers_facts(memory: Memory) -> None:
    """Facts are a space's own."""
    memory.learn("I live in Lisbon.")
    other = Memory(memory.database, add_person(memory.database, "Dora"))
    assert other.facts() == []
    with other.database.reading(other.who) as connection:
        assert fact_store.subjects(connection, other.who, 10) == []


def test_a_large_import_said_in_one_moment_disputes_nothing_wrongly(memory: Memory) -> None:
    """Two people of one name are told apart by nothing; two values in one breath are shown as disputed, both kept."""
    at = clock.now()
    with memory.database.writing(memory.who) as connection:
        for text in ("I live in Porto.", "I live in Lisbon."):
            store.append(
                connection,
                memory.who,
                NewEntry(space_id=memory.who.own_space, label=Label.OWNER, text=text, said_at=at),
            )
    memory.distil()
    assert all(fact.is_disputed for fact in memory.facts("disputed"))
    assert len(memory.facts("disputed")) == 2
