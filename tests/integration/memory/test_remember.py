"""What a program tells is an entry of the person's, under the program's name and label, once."""

from __future__ import annotations

import pytest

from everword.core.errors import Invalid, TooLarge
from everword.core.types import Label, Principal
from everword.memory import store
from everword.memory.remember import MAX_CHARACTERS, SOURCE, remember
from everword.storage import events
from everword.storage.database import Database


def test_it_is_the_programs_word_and_there_once(database: Database, anna: Principal, ben: Principal) -> None:
    """Told twice it is one entry and one event; from another program, or to another person, it is another entry."""
    first, is_new = remember(database, anna, "The gate is green.", program="Notes")
    again, is_new_again = remember(database, anna, "The gate is green.", program="Notes")
    other, _ = remember(database, anna, "The gate is green.", program="Mail")
    bens, _ = remember(database, ben, "The gate is green.", program="Notes")
    assert (is_new, is_new_again) == (True, False)
    assert again == first
    assert len({first.id, other.id, bens.id}) == 3
    assert (first.label, first.source, first.speaker, first.conversation_id) == (Label.TOOL, SOURCE, "Notes", None)
    with database.reading(anna) as connection:
        told = [event.payload["entry_id"] for event in events.after(connection, anna, 0)]
        assert store.count(connection, anna)[0] == 2
    assert told == [first.id, other.id]


def test_a_name_is_one_line_and_never_empty(database: Database, anna: Principal) -> None:
    """What a program calls itself is cut, put on one line, and stands for a nameless one."""
    long, _ = remember(database, anna, "one", program="a\nname\x00 " + "x" * 200)
    none, _ = remember(database, anna, "two", program=" \n ")
    assert long.speaker.startswith("a name x")
    assert len(long.speaker) == 80
    assert none.speaker == "A program"


@pytest.mark.parametrize(
    ("text", "error"), [("  ", Invalid), ("a\x00b", Invalid), ("x" * (MAX_CHARACTERS + 1), TooLarge)]
)
def test_what_cannot_be_kept_is_refused(database: Database, anna: Principal, text: str, error: type[Exception]) -> None:
    """Blank, unstorable or far too long: a sentence, and nothing is written."""
    with pytest.raises(error):
        remember(database, anna, text, program="Notes")
    with database.reading(anna) as connection:
        assert store.count(connection, anna)[0] == 0
