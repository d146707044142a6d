"""Recall and its indexes, on both databases."""

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from everword.core.errors import Invalid
from everword.core.ids import ConversationId, EntryId
from everword.core.types import Label, Principal
from everword.memory import conversation_store, store
from everword.memory.index.filters import Filters
from everword.memory.index.indexer import Indexer
from everword.memory.recall import Recaller
from everword.memory.types import Entry, EntryKind, NewEntry
from everword.storage.database import Database

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture
def recaller(database: Database, tmp_path: Path) -> Iterator[Recaller]:
    """Recall over an index of its own."""
    indexer = Indexer(database, tmp_path / "index")
    yield Recaller(database, indexer)
    indexer.stop()


def begin(database: Database, who: Principal) -> ConversationId:
    with database.writing(who) as connection:
        return conversation_store.create(connection, who, who.own_space).id


def say(
    database: Database,
    who: Principal,
    text: str,
    *,
    speaker: str = "",
    days_ago: float = 0,
    conversation: ConversationId | None = None,
    version_of: EntryId | None = None,
    kind: EntryKind = EntryKind.MESSAGE,
) -> Entry:
    new = NewEntry(
        kind=kind,
        space_id=who.own_space,
        label=Label.STRANGER if speaker else Label.OWNER,
        speaker=speaker,
        text=text,
        said_at=NOW - timedelta(days=days_ago),
        conversation_id=conversation,
        version_of=version_of,
    )
    with database.writing(who) as connection:
        return store.append(connection, who, new)


def found(recaller: Recaller, who: Principal, question: str) -> list[str]:
    return [hit.entry.text for hit in recaller.recall(who, question, now=NOW).hits]


def test_what_was_just_said_is_found_at_once(database: Database, anna: Principal, recaller: Recaller) -> None:
    """Nobody has to wait for the background thread: recall indexes what is newest before it looks."""
    for text in ("The boiler is in the cellar", "My dentist is Dr Okafor", "We had soup"):
        say(database, anna, text)
    assert found(recaller, anna, "who is my dentist?")[0] == "My dentist is Dr Okafor"


def test_words_that_differ_are_found_by_meaning(database: Database, anna: Principal, recaller: Recaller) -> None:
    """An entry that shares no word with the question is found."""
    for text in ("I sold the car on Monday", "The soup was cold", "Rain again"):
        say(database, anna, text)
    assert found(recaller, anna, "vehicle")[0] == "I sold the car on Monday"


def test_who_and_when(database: Database, anna: Principal, recaller: Recaller) -> None:
    """A speaker and a month that a question names decide between entries with the same words."""
    for speaker, days_ago in (("Ben", 15), ("Carla", 15), ("Ben", 300)):
        say(database, anna, f"The tickets are booked, {speaker} {days_ago}", speaker=speaker, days_ago=days_ago)
    assert found(recaller, anna, "What did Ben say in March?")[0] == "The tickets are booked, Ben 15"
    assert found(recaller, anna, "What did Carla say about the tickets?")[0] == "The tickets are booked, Carla 15"


def test_a_call_of_a_tool_is_no_find(database: Database, anna: Principal, recaller: Recaller) -> None:
    """What the assistant told a tool is on record and searched by its kind; nobody's question is answered from it."""
    talk = begin(database, anna)
    say(database, anna, "Anna, the boiler is in the cellar", conversation=talk)
    call = '{"tool": "remember", "arguments": {"text": "the boiler is in the cellar"}}'
    say(database, anna, call, conversation=talk, kind=EntryKind.TOOL_CALL)
    assert found(recaller, anna, "where is the boiler?") == ["Anna, the boiler is in the cellar"]
    searched = recaller.recall(anna, "where is the boiler?", filters=Filters(kind=EntryKind.TOOL_CALL), now=NOW)
    assert [hit.entry.text for hit in searched.hits] == [call]


def test_nobody_finds_anothers_words(
    database: Database, anna: Principal, ben: Principal, recaller: Recaller, tmp_path: Path
) -> None:
    """Recall, search and scores of one person are the same whether or not another has said the same words."""
    say(database, anna, "The safe code is 4711")
    before = recaller.recall(anna, "safe code", now=NOW)
    for _ in range(20):
        say(database, ben, "The safe code is 9999, a safe code")
    after = recaller.recall(anna, "safe code", now=NOW)
    assert [(hit.entry.id, hit.score) for hit in after.hits] == [(hit.entry.id, hit.score) for hit in before.hits]
    assert all("4711" not in text for text in found(recaller, ben, "safe code 4711"))
    assert [hit.entry.space_id for hit in recaller.search(anna, "safe").hits] == [anna.own_space]
    assert {path.name for path in (tmp_path / "index" / "live").iterdir() if path.is_dir()} == {
        anna.own_space,
        ben.own_space,
    }


def test_only_the_newest_version_is_found(database: Database, anna: Principal, recaller: Recaller) -> None:
    """An edited entry is found by its new words only, whether its versions were indexed together or apart."""
    first = say(database, anna, "The meeting is on Tuesday")
    assert found(recaller, anna, "when is the meeting")
    say(database, anna, "The meeting is on Thursday", version_of=first.id)
    assert found(recaller, anna, "when is the meeting") == ["The meeting is on Thursday"]
    again = say(database, anna, "Lunch with Rosa at noon")
    say(database, anna, "Lunch with Rosa at one", version_of=again.id)
    assert [hit.entry.text for hit in recaller.search(anna, "rosa").hits] == ["Lunch with Rosa at one"]


def test_a_long_text_is_found_by_its_part(database: Database, anna: Principal, recaller: Recaller) -> None:
    """A hit carries the passage that answers, within the whole entry."""
    filler = "Nothing of note happened that day. " * 60
    say(database, anna, f"{filler}\n\nThe spare key hangs behind the clock.\n\n{filler}")
    hit = recaller.recall(anna, "where does the spare key hang?", now=NOW).hits[0]
    assert "behind the clock" in hit.text
    assert len(hit.text) < len(hit.entry.text) / 2


def test_the_answer_after_a_question_is_found(database: Database, anna: Principal, recaller: Recaller) -> None:
    """An answer that repeats no word of the question is found by what was asked just before it."""
    talk = begin(database, anna)
    for number in range(30):
        say(database, anna, f"Small talk number {number} about the weather", conversation=talk, days_ago=3)
    say(database, anna, "Which town did you choose for the reunion?", conversation=talk)
    say(database, anna, "Whitby, if everybody can come", speaker="Priya", conversation=talk)
    assert "Whitby, if everybody can come" in found(recaller, anna, "Where will the reunion be?")[:2]


def test_a_crash_between_ledger_and_index_is_made_good(
    database: Database, anna: Principal, tmp_path: Path, recaller: Recaller
) -> None:
    """Rows that were written without their commit are cut off, and what is missing is indexed again, once."""
    for number in range(5):
        say(database, anna, f"Before the crash {number}")
    assert recaller.indexer.catch_up()
    kept = tmp_path / "kept"
    shutil.copytree(tmp_path / "index", kept)
    for number in range(5):
        say(database, anna, f"After the crash {number}")
    assert recaller.indexer.catch_up()
    for name in ("rows.bin", "codes-0.bin", "vectors.bin"):  # the new rows, but not the commit that they belong to
        place = Path("live") / anna.own_space / name
        (kept / place).write_bytes((tmp_path / "index" / place).read_bytes()[:-10])
    revived = Recaller(database, Indexer(database, kept))
    assert [hit.entry.text for hit in revived.search(anna, "after crash", limit=50).hits].count(
        "After the crash 3"
    ) == 1
    assert len(revived.search(anna, "crash", limit=50).hits) == 10
    revived.indexer.stop()


def test_a_lost_index_is_built_again(database: Database, anna: Principal, tmp_path: Path, recaller: Recaller) -> None:
    """Files lost beneath the index, or all of it, come back from the ledger."""
    for number in range(5):
        say(database, anna, f"Word {number}")
    recaller.indexer.catch_up()
    recaller.indexer.stop()
    shutil.rmtree(tmp_path / "index")
    again = Recaller(database, Indexer(database, tmp_path / "index"))
    assert len(again.search(anna, "word").hits) == 5
    again.indexer.stop()


def test_rebuilding_while_answering(database: Database, anna: Principal, recaller: Recaller) -> None:
    """While every index is built anew, questions are answered and new words found; afterwards nothing is doubled."""
    for number in range(300):
        say(database, anna, f"Entry number {number} of the ledger")
    recaller.indexer.catch_up()
    thread = threading.Thread(target=recaller.indexer.rebuild)
    thread.start()
    say(database, anna, "Said meanwhile: the password is plum")
    answers = [found(recaller, anna, "what is the password?")[0] for _ in range(5)]
    thread.join()
    assert set(answers) == {"Said meanwhile: the password is plum"}
    hits = recaller.search(anna, "entry number", limit=200).hits
    assert len({hit.entry.id for hit in hits}) == len(hits) == 200
    assert found(recaller, anna, "what is the password?")[0] == "Said meanwhile: the password is plum"


def test_a_thread_follows_the_ledger(database: Database, anna: Principal, recaller: Recaller) -> None:
    """What is committed is indexed behind it, without anybody asking."""
    recaller.indexer.start()
    written = say(database, anna, "Indexed behind the commit")
    recaller.indexer.notify()
    waiting = threading.Event()
    for _ in range(200):
        if recaller.indexer.position >= written.position:
            break
        waiting.wait(0.05)
    assert recaller.indexer.position == written.position


def test_search_as_one_types(database: Database, anna: Principal, recaller: Recaller) -> None:
    """Every word counts, the last from its first letters; what matches is highlighted where it stands."""
    say(database, anna, "The Café in Kraków opens at nine")
    say(database, anna, "The kraken sleeps")
    say(database, anna, "A cafe in Lyon")
    assert {hit.entry.text for hit in recaller.search(anna, "kra").hits} == {
        "The Café in Kraków opens at nine",
        "The kraken sleeps",
    }
    (hit,) = recaller.search(anna, "cafe kra").hits
    assert [hit.entry.text[start:end] for start, end in hit.highlights] == ["Café", "Kraków"]
    assert recaller.search(anna, "kra ").hits == []
    assert recaller.search(anna, "").hits == []


def test_a_statement_comes_before_the_question_that_asked_for_it(
    database: Database, anna: Principal, recaller: Recaller
) -> None:
    """What the owner asked Everword with the same words stands below what answers it."""
    statement = "The boat mooring costs forty a month in winter"
    say(database, anna, statement)
    say(database, anna, "What does the boat mooring cost me now?")
    found = [hit.entry.text for hit in recaller.search(anna, "boat mooring cost").hits]
    assert found == [statement, "What does the boat mooring cost me now?"]


def test_search_filters_and_pages(database: Database, anna: Principal, recaller: Recaller) -> None:
    """Speaker, time and conversation limit a search; pages follow each other without overlap."""
    talk = begin(database, anna)
    for number in range(25):
        say(database, anna, f"plan {number}", speaker="Ben" if number % 5 else "Carla", days_ago=number)
    inside = say(database, anna, "plan inside", conversation=talk)
    assert len(recaller.search(anna, "plan", filters=Filters(speaker="carla")).hits) == 5
    recent = Filters(since=NOW - timedelta(days=2, hours=1), until=NOW + timedelta(days=1))
    assert len(recaller.search(anna, "plan", filters=recent).hits) == 4
    only = recaller.search(anna, "plan", filters=Filters(conversation_id=talk)).hits
    assert [hit.entry.id for hit in only] == [inside.id]
    assert len(recaller.search(anna, "", filters=Filters(speaker="Carla")).hits) == 5
    first = recaller.search(anna, "plan", limit=10)
    second = recaller.search(anna, "plan", limit=10, cursor=first.next)
    third = recaller.search(anna, "plan", limit=10, cursor=second.next)
    pages = [hit.entry.id for page in (first, second, third) for hit in page.hits]
    assert len(pages) == len(set(pages)) == 26
    assert third.next is None
    with pytest.raises(Invalid):
        recaller.search(anna, "plan", cursor="elsewhere")


def test_what_is_in_the_prompt_is_left_out(database: Database, anna: Principal, recaller: Recaller) -> None:
    """Entries that are excluded are not found; a budget and k bound what is."""
    entries = [say(database, anna, f"Note {number} on the garden") for number in range(8)]
    excluded = {entry.id for entry in entries[:3]}
    hits = recaller.recall(anna, "garden notes", now=NOW, exclude_entry_ids=excluded).hits
    assert {hit.entry.id for hit in hits} == {entry.id for entry in entries[3:]}
    assert len(recaller.recall(anna, "garden notes", now=NOW, k=2).hits) == 2
    few = recaller.recall(anna, "garden notes", now=NOW, budget_tokens=30).hits
    assert 0 < sum(hit.cost_tokens for hit in few) <= 30


def test_nothing_is_found_in_an_empty_memory(database: Database, anna: Principal, recaller: Recaller) -> None:
    """The first question of all is answered without an error, and as unsupported."""
    recalled = recaller.recall(anna, "What did I say about my sister's wedding?", now=NOW)
    assert recalled.hits == []
    assert recalled.about_past
    assert not recalled.is_supported
