"""ChatGPT's export."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from everword.intake.records import Conversation, File, Role, Shown, Skipped
from tests.unit.intake.made import PNG, chatgpt_conversation, chatgpt_export, chatgpt_node, trip, zipped
from tests.unit.intake.reading import messages, read


def test_the_whole_tree_is_kept() -> None:
    """Every branch is there: edits and further answers are versions of the first, each after its parent."""
    found = messages(read(chatgpt_export(trip())))
    assert list(found) == [f"talk-1/{key}" for key in ("q1", "a1", "a1b", "q1-edited", "search", "a2")]
    assert found["talk-1/a1b"].version_of == "talk-1/a1"
    assert found["talk-1/q1-edited"].version_of == "talk-1/q1"
    assert found["talk-1/a1"].parent == "talk-1/q1"
    assert found["talk-1/q1"].parent is None


def test_the_branch_on_the_screen_is_shown() -> None:
    """`current_node` ends the branch that is shown."""
    assert [item for item in read(chatgpt_export(trip())) if isinstance(item, Shown)] == [
        Shown("talk-1", "chatgpt", "talk-1/a2")
    ]


def test_what_was_not_said_is_left_out_and_its_children_follow_on() -> None:
    """Reasoning is left out with a reason, and what followed it follows the message before it."""
    records = read(chatgpt_export(trip()))
    assert messages(records)["talk-1/search"].parent == "talk-1/q1-edited"
    assert "the model's reasoning" in [item.what for item in records if isinstance(item, Skipped)]


def test_authors_times_and_models_are_kept() -> None:
    """Roles, epoch times (the parent's where one has none) and model names come through."""
    records = read(chatgpt_export(trip()))
    found = messages(records)
    assert (found["talk-1/q1"].role, found["talk-1/q1"].speaker) == (Role.ACCOUNT, "")
    assert (found["talk-1/a2"].role, found["talk-1/a2"].speaker, found["talk-1/a2"].model) == (
        Role.ASSISTANT,
        "ChatGPT",
        "o1",
    )
    assert (found["talk-1/search"].role, found["talk-1/search"].speaker) == (Role.TOOL, "web")
    assert found["talk-1/search"].text == "Seas\nhttps://sea.example\nWarm."
    assert found["talk-1/a1b"].said_at == found["talk-1/q1"].said_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    conversation = next(item for item in records if isinstance(item, Conversation))
    assert conversation.title == "A trip"
    assert conversation.created_at == datetime(2023, 11, 14, 22, 13, 19, 500000, tzinfo=UTC)


def test_pictures_come_along() -> None:
    """A picture that the export holds is kept with its message, under its own name."""
    files = [item for item in read(chatgpt_export(trip())) if isinstance(item, File)]
    assert [(item.message, item.name, item.media_type, item.content) for item in files] == [
        ("talk-1/q1-edited", "sea.png", "image/png", PNG)
    ]


def test_shards_are_read_in_order() -> None:
    """Newer exports are cut into numbered files; every one is read."""
    shards = {
        f"conversations-00{number}.json": json.dumps(
            [chatgpt_conversation([chatgpt_node("q", None, "user", [f"{number}"])], conversation_id=f"c{number}")]
        )
        for number in (1, 0)
    }
    found = messages(read(zipped({**shards, "user.json": "{}"})))
    assert [item.text for item in found.values()] == ["0", "1"]


def test_the_bare_file_is_found_by_what_is_in_it() -> None:
    """`conversations.json` without its zip is read as well, whatever it is called."""
    assert len(messages(read(json.dumps([trip()]).encode(), "old chats"))) == 6


def test_a_tree_with_rings_and_gaps_ends() -> None:
    """Parents that are missing or go in a ring neither hang the parser nor lose a message."""
    conversation = chatgpt_conversation(
        [
            chatgpt_node("a", "b", "user", ["one"]),
            chatgpt_node("b", "a", "assistant", ["two"]),
            chatgpt_node("c", "gone", "user", ["three"]),
        ],
        current_node="gone",
    )
    assert sorted(item.text for item in messages(read(chatgpt_export(conversation))).values()) == [
        "one",
        "three",
        "two",
    ]


def test_odd_messages_cost_only_themselves() -> None:
    """Unknown content and authors are skipped with a reason; the rest is kept."""
    conversation = chatgpt_conversation(
        [
            chatgpt_node("a", None, "user", ["kept"]),
            chatgpt_node("b", "a", "assistant", content={"content_type": "hologram"}),
            chatgpt_node("c", "b", "robot", ["?"]),
            chatgpt_node("d", "c", "assistant", content=7),
            {"id": "e", "parent": "d", "message": "text"},
        ]
    )
    records = read(chatgpt_export(conversation, {"mapping": None}))
    assert [item.text for item in messages(records).values()] == ["kept"]
    reasons = " ".join(item.why for item in records if isinstance(item, Skipped))
    assert "hologram" in reasons
    assert "robot" in reasons
    assert "no conversation" in reasons


def test_an_unfinished_answer_is_marked() -> None:
    """An answer that was broken off there is an interrupted one here."""
    node = chatgpt_node("a", None, "assistant", ["Half of"], status="in_progress")
    assert messages(read(chatgpt_export(chatgpt_conversation([node]))))["talk-1/a"].state == "interrupted"
