"""Plain entries as JSON Lines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from everword.intake.records import Conversation, Role, Shown, Skipped
from tests.unit.intake.made import lines
from tests.unit.intake.reading import messages, read

HELLO = {"conversation": "c", "id": "c:1", "session": 2, "said_at": "2023-05-08T13:56:00", "speaker": "Caroline"}


def test_a_line_is_an_entry_with_its_own_id() -> None:
    """Conversation, id, speaker and text come through; a time without a zone is the owner's."""
    records = read(lines({**HELLO, "text": "Hey!"}), zone="Europe/Berlin")
    message = messages(records)["c:1"]
    assert message.said_at == datetime(2023, 5, 8, 11, 56, tzinfo=UTC)
    assert (message.speaker, message.role, message.text, message.conversation) == ("Caroline", Role.PERSON, "Hey!", "c")
    assert message.details == {"session": 2}
    assert isinstance(records[0], Conversation)


def test_lines_of_a_conversation_follow_each_other() -> None:
    """Each line follows the one before it in its conversation, also where conversations alternate."""
    talk = [{"conversation": name, "id": f"{name}{number}", "text": "x"} for number in (1, 2) for name in "ab"]
    records = read(lines(*talk))
    assert {key: item.parent for key, item in messages(records).items()} == {
        "a1": None,
        "b1": None,
        "a2": "a1",
        "b2": "b1",
    }
    assert [item for item in records if isinstance(item, Shown)][-2:] == [
        Shown("a", "entries", "a2"),
        Shown("b", "entries", "b2"),
    ]


def test_lines_without_ids_get_the_same_ones_again() -> None:
    """An id that is derived depends on what is said and what it follows, not on the file."""
    said = [{"conversation": "c", "speaker": "Ann", "text": text} for text in ("Hi", "Yes", "Yes")]
    first = list(messages(read(lines(*said), "one.jsonl")))
    more = list(messages(read(lines({"conversation": "other", "text": "?"}, *said), "two.jsonl")))
    assert len(set(first)) == 3
    assert more[1:] == first


def test_the_account_and_the_assistant_by_their_names() -> None:
    """Speakers called user and assistant have those roles, as does whoever `role` says."""
    said = [
        {"id": "1", "speaker": "user"},
        {"id": "2", "speaker": "assistant"},
        {"id": "3", "speaker": "x", "role": "tool"},
    ]
    found = messages(read(lines(*({**line, "text": "t"} for line in said))))
    assert [item.role for item in found.values()] == [Role.ACCOUNT, Role.ASSISTANT, Role.TOOL]


def test_a_label_in_the_file_is_not_believed() -> None:
    """A line may claim any label; the record has no place for it."""
    assert messages(read(lines({**HELLO, "text": "t", "label": "owner"})))["c:1"].role is Role.PERSON


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_other_encodings(encoding: str) -> None:
    """A byte order mark, UTF-16 and Windows-1252 are read for what they are."""
    content = lines({**HELLO, "text": "Grüße, Zoë"}).decode().encode(encoding)
    assert messages(read(content))["c:1"].text == "Grüße, Zoë"


def test_bad_lines_cost_only_themselves() -> None:
    """Lines that are no JSON, no object, without text, or broken off are skipped with their number and reason."""
    content = lines({**HELLO, "text": "good"}) + b"{nonsense}\n[1]\n" + lines({"id": "9"}) + b'\x80\x00\n{"text": "half'
    records = read(content)
    assert [item.text for item in messages(records).values()] == ["good"]
    assert [(item.what, item.why) for item in records if isinstance(item, Skipped)] == [
        ("file, line 2", "it is no JSON"),
        ("file, line 3", "it is no JSON object"),
        ("file, line 4", "it has no text"),
        ("file, line 5", "it holds bytes that are no text"),
        ("file, line 6", "it breaks off"),
    ]


def test_characters_that_no_database_holds() -> None:
    """NUL and half of a surrogate pair are replaced visibly; whole pairs are joined."""
    content = b'{"id": "1", "text": "a\\u0000b \\ud83d c \\ud83d\\ude00"}\n'
    assert messages(read(content))["1"].text == "a\u2400b \ufffd c \U0001f600"


def test_a_text_that_is_too_long_is_skipped_and_bridged() -> None:
    """What follows a text of more than 4 MiB follows the one before it."""
    said = [{"conversation": "c", "id": str(n), "text": "x" * (5_000_000 if n == 2 else 3)} for n in (1, 2, 3)]
    records = read(lines(*said))
    assert messages(records)["3"].parent == "1"
    assert Skipped("2", "its text is longer than 4 MiB") in records
