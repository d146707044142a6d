"""Claude's export."""

from __future__ import annotations

from everword.intake.records import File, Role, Shown, Skipped
from tests.unit.intake.made import claude_conversation, claude_export
from tests.unit.intake.reading import messages, read


def test_messages_with_their_senders() -> None:
    """What was said comes through with who said it, in order."""
    found = messages(read(claude_export(claude_conversation())))
    assert found["m-1"].role is Role.ACCOUNT
    assert found["m-1"].text == "How long does the dough rest?"
    assert found["m-2"].text == "Let me look."
    assert found["m-2"].speaker == "Claude"


def test_what_a_tool_gave_back_is_not_the_assistants_word() -> None:
    """A tool's result stands apart from the answer around it, in its place."""
    found = messages(read(claude_export(claude_conversation())))
    assert (found["m-2/2"].role, found["m-2/2"].kind) == (Role.TOOL, "tool_result")
    assert (found["m-2/2"].parent, found["m-2/3"].parent) == ("m-2", "m-2/2")
    assert found["m-2/3"].text == "Fourteen hours."


def test_attached_text_is_a_file_and_can_be_found() -> None:
    """The text of an attachment is kept as a file of the message and as a document that nobody takes for their word."""
    records = read(claude_export(claude_conversation()))
    assert [(item.message, item.content) for item in records if isinstance(item, File)] == [("m-1", b"Rest 14 hours.")]
    document = messages(records)["m-1/recipe.txt"]
    assert (document.text, document.kind, document.role, document.parent) == (
        "Rest 14 hours.",
        "document",
        Role.FILE,
        "m-1",
    )
    assert messages(records)["m-2"].parent == "m-1/recipe.txt"


def test_other_files_are_named_in_the_report() -> None:
    """Users and projects are left out, with a note; so are pictures that the export does not hold."""
    left_out = {item.what for item in read(claude_export(claude_conversation())) if isinstance(item, Skipped)}
    assert left_out == {"users.json", "projects.json", "pictures and files", "the model's reasoning"}


def test_branches_of_newer_exports() -> None:
    """Where messages name their parents, the tree is kept and the newest message ends the shown branch."""
    conversation = claude_conversation()
    first, second = conversation["chat_messages"]
    first["parent_message_uuid"] = "00000000-0000-4000-8000-000000000000"
    second["parent_message_uuid"] = "m-1"
    again = {**second, "uuid": "m-3", "content": [], "text": "Again."}
    conversation["chat_messages"].append(again)
    records = read(claude_export(conversation))
    assert messages(records)["m-3"].version_of == "m-2"
    assert [item.leaf for item in records if isinstance(item, Shown)] == ["m-3"]
