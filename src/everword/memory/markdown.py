"""A conversation as Markdown, for people to read and keep. Plain functions."""

from collections.abc import Sequence

from everword.core.types import Label
from everword.memory.branch import branch
from everword.memory.types import Conversation, Entry, EntryState


def render(conversation: Conversation, entries: Sequence[Entry]) -> str:
    """The shown branch of a conversation: a heading a turn, then the words as they were said."""
    lines = [f"# {conversation.title or 'Conversation'}", ""]
    for entry in branch(entries, conversation.leaf_id):
        mark = "" if entry.state is EntryState.COMPLETE else f" ({entry.state})"
        lines += [f"## {speaker_of(entry)}, {entry.said_at:%Y-%m-%d %H:%M} UTC{mark}", "", entry.text, ""]
    return "\n".join(lines)


def speaker_of(entry: Entry) -> str:
    """Who said it, as a reader would name them."""
    if entry.speaker:
        return entry.speaker
    return "Everword" if entry.label is Label.ASSISTANT else "You"
