"""The ledger on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import EntryId
from everword.core.types import Label, Principal
from everword.memory import conversation_store, store
from everword.memory.types import Entry, NewEntry
from everword.storage.database import Database


def write(database: Database, who: Principal, text: str, **values: object) -> Entry:
    new = NewEntry(space_id=who.own_space, label=Label.OWNER, text=text, said_at=clock.now(), **values)  # type: ignore[arg-type]
    with database.writing(who) as connection:
        return store.append(connection, who, new)


def test_words_come_back_as_they_were_said(database: Database, anna: Principal) -> None:
    """Every character survives: emoji, right-to-left, combining marks, line ends, long texts."""
    texts = ["plain", "  spaces  ", "a\r\nb\tc", "👩‍🚀 שלום ñ é 日本", "x" * 300_000, ""]
    for text in texts:
        written = write(database, anna, text)
        with database.reading(anna) as connection:
            assert store.get(connection, anna, written.id) == written
        assert written.text == text


def test_positions_follow_the_order_of_writing(database: Database, anna: Principal) -> None:
    """Positions, ids and the order of writing agree, in batches larger than one statement too."""
    said_at = datetime(2020, 1, 1, tzinfo=UTC)
    new = [
        NewEntry(space_id=anna.own_space, label=Label.STRANGER, text=str(number), said_at=said_at)
        for number in range(1203)
    ]
    with database.writing(anna) as connection:
        written = store.append_many(connection, anna, new)
    assert [entry.text for entry in written] == [str(number) for number in range(1203)]
    assert [entry.position for entry in written] == sorted(entry.position for entry in written)
    assert [entry.id for entry in written] == sorted(entry.id for entry in written)
    with database.reading(anna) as connection:
        assert len(store.entries_after(connection, anna, 0, 10_000)) == 1203


def test_the_same_external_entry_is_written_once(database: Database, anna: Principal) -> None:
    """Brought twice is there once, and the second writer gets the first entry back."""
    first = write(database, anna, "hello", source="import", external_id="7")
    again = write(database, anna, "another text", source="import", external_id="7")
    assert again == first


def test_nothing_of_another_person_can_be_read(database: Database, anna: Principal, ben: Principal) -> None:
    """Ben finds none of Anna's words by id, position, conversation, time or count, and cannot write where she does."""
    said = write(database, anna, "my secret")
    with database.writing(anna) as connection:
        conversation = conversation_store.create(connection, anna, anna.own_space, title="Secret")
    with database.reading(ben) as connection:
        with pytest.raises(NotFound):
            store.get(connection, ben, said.id)
        assert store.entries_after(connection, ben, 0, 100) == []
        assert store.by_positions(connection, ben, [said.position]) == []
        assert store.timeline(connection, ben) == []
        assert store.count(connection, ben) == (0, None)
        assert conversation_store.listed(connection, ben, archived=False, before=None, limit=10) == []
        with pytest.raises(NotFound):
            conversation_store.get(connection, ben, conversation.id)
    stolen = NewEntry(space_id=anna.own_space, label=Label.OWNER, text="planted", said_at=clock.now())
    with pytest.raises(NotFound), database.writing(ben) as connection:
        store.append(connection, ben, stolen)


def test_a_failed_transaction_leaves_nothing(database: Database, anna: Principal) -> None:
    """An error after the entry was written takes the entry back with it."""

    class Interrupted(Exception):
        pass

    new = NewEntry(space_id=anna.own_space, label=Label.OWNER, text="half", said_at=clock.now())

    def write_half() -> None:
        with database.writing(anna) as connection:
            store.append(connection, anna, new)
            raise Interrupted

    with pytest.raises(Interrupted):
        write_half()
    with database.reading(anna) as connection:
        assert store.count(connection, anna)[0] == 0


def test_the_timeline_goes_both_ways(database: Database, anna: Principal) -> None:
    """Paging back and then forward again shows each entry once, also where many were said in the same second."""
    said_at = datetime(2024, 5, 1, tzinfo=UTC)
    new = [
        NewEntry(
            space_id=anna.own_space, label=Label.OWNER, text=str(number), said_at=said_at + timedelta(days=number // 4)
        )
        for number in range(20)
    ]
    with database.writing(anna) as connection:
        store.append_many(connection, anna, new)
    with database.reading(anna) as connection:
        newest = store.timeline(connection, anna, limit=7)
        edge = newest[-1]
        older = store.timeline(connection, anna, before=(edge.said_at, edge.position), limit=7)
        edge = older[0]
        back = store.timeline(connection, anna, after=(edge.said_at, edge.position), limit=7)
    assert [entry.text for entry in newest + older] == [str(number) for number in range(19, 5, -1)]
    assert back == newest


def test_an_entry_is_shown_in_its_place(database: Database, anna: Principal) -> None:
    """Around an entry stand its own conversation's neighbours, nobody else's; a later version marks the old one."""
    with database.writing(anna) as connection:
        conversation = conversation_store.create(connection, anna, anna.own_space, title="Roof")
    said = []
    for number in range(5):
        said.append(write(database, anna, str(number), conversation_id=conversation.id))
        write(database, anna, "elsewhere")
    write(database, anna, "2 again", conversation_id=conversation.id, version_of=said[2].id)
    with database.reading(anna) as connection:
        around = store.around(connection, anna, said[2].id, 1, 2)
        assert [entry.text for entry in around] == ["1", "2", "3", "4"]
        assert store.superseded(connection, anna, [entry.id for entry in said]) == {said[2].id}
        with pytest.raises(NotFound):
            store.around(connection, anna, EntryId("00000000-0000-7000-8000-000000000009"), 1, 1)
