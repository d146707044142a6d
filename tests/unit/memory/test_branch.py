"""Branches and versions of a conversation."""

from dataclasses import replace
from datetime import UTC, datetime

from everword.core.ids import ConversationId, EntryId, RunId, SpaceId
from everword.core.types import Label
from everword.memory.branch import FOLLOWS, answer_key, branch, newest_leaf, versions
from everword.memory.types import Entry, EntryKind, EntryState


def entry(position: int, id: str, parent: str | None = None, version_of: str | None = None) -> Entry:
    at = datetime(2026, 1, 1, 12, position, tzinfo=UTC)
    return Entry(
        position=position,
        id=EntryId(id),
        space_id=SpaceId("s"),
        conversation_id=ConversationId("c"),
        parent_id=EntryId(parent) if parent else None,
        version_of=EntryId(version_of) if version_of else None,
        kind=EntryKind.MESSAGE,
        label=Label.OWNER,
        speaker="",
        source="chat",
        external_id=None,
        state=EntryState.COMPLETE,
        run_id=None,
        model=None,
        basis=None,
        said_at=at,
        recorded_at=at,
        text=id,
        details=None,
    )


TALK = [
    entry(1, "q1"),
    entry(2, "a1", "q1"),
    entry(3, "q2", "a1"),
    entry(4, "a2", "q2"),
    entry(5, "q2b", "a1", version_of="q2"),
    entry(6, "a2b", "q2b"),
]


def ids(entries: list[Entry]) -> list[str]:
    return [entry.id for entry in entries]


def test_a_branch_follows_parents_from_its_leaf() -> None:
    """Each leaf shows its own line of the talk, and an edit does not hide what came before it."""
    assert ids(branch(TALK, EntryId("a2"))) == ["q1", "a1", "q2", "a2"]
    assert ids(branch(TALK, EntryId("a2b"))) == ["q1", "a1", "q2b", "a2b"]


def test_talk_without_a_leaf_is_shown_in_the_order_said() -> None:
    """Imported flat talk has no parents: all of it is shown."""
    flat = [entry(3, "c"), entry(1, "a"), entry(2, "b")]
    assert ids(branch(flat, None)) == ["a", "b", "c"]


def test_a_circle_of_parents_ends() -> None:
    """Parents that point at each other (a broken import) do not hang the page."""
    assert ids(branch([entry(1, "a", "b"), entry(2, "b", "a")], EntryId("a"))) == ["b", "a"]
    assert newest_leaf([entry(1, "a", "b"), entry(2, "b", "a")], EntryId("a")) in {"a", "b"}


def test_versions_are_grouped_by_the_first() -> None:
    """An edited message and its original are one turn with two versions."""
    assert ids(versions(TALK)[EntryId("q2")]) == ["q2", "q2b"]


def test_showing_a_version_leads_to_its_newest_end() -> None:
    """Going back to an older version shows what followed it, not what followed its edit."""
    assert newest_leaf(TALK, EntryId("q2")) == "a2"
    assert newest_leaf(TALK, EntryId("q1")) == "a2b"


def answer(position: int, id: str, parent: str, run: str, state: EntryState = EntryState.COMPLETE) -> Entry:
    written = replace(entry(position, id, parent), label=Label.ASSISTANT, state=state)
    return replace(written, external_id=answer_key(RunId(run), position, state))


def waited(position: int, id: str, *runs: str) -> Entry:
    """Said after q1 while `runs`, the nearest first, had still to answer."""
    return replace(entry(position, id, "q1"), details={FOLLOWS: list(runs)})


def test_what_waited_stands_behind_the_answer_it_waited_for() -> None:
    """A message said during an answer follows that answer once it is there, its last version; until then its parent."""
    said = [entry(1, "q1"), waited(2, "q2", "r1"), waited(3, "q3", "r2", "r1")]
    assert ids(branch(said, EntryId("q2"))) == ["q1", "q2"]
    said += [
        answer(4, "a1x", "q1", "r1", EntryState.INTERRUPTED),
        answer(5, "a1", "q1", "r1"),
        answer(6, "a2", "q2", "r2"),
    ]
    assert ids(branch(said, EntryId("q3"))) == ["q1", "a1", "q2", "a2", "q3"]
    assert newest_leaf(said, EntryId("q1")) == "q3"


def test_a_message_taken_back_is_passed_over() -> None:
    """Where the nearest run never answered, what waited behind it follows the one before."""
    said = [entry(1, "q1"), waited(2, "q2", "r1"), waited(3, "q3", "r2", "r1"), answer(4, "a1", "q1", "r1")]
    assert ids(branch(said, EntryId("q3"))) == ["q1", "a1", "q3"]
