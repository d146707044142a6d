"""How a conversation's entries hang together: branches, and the versions of one turn. Plain functions over entries."""

from collections.abc import Sequence

from everword.core.ids import EntryId, RunId
from everword.core.types import Label
from everword.memory.types import Entry, EntryKind, EntryState

FOLLOWS = "follows"
"""In an entry's details: the runs that had still to answer when it was said, the nearest first. Its place is behind the
answer of the first of them that gave one; `parent_id` is what it follows where none did."""


def branch(entries: Sequence[Entry], leaf_id: EntryId | None) -> list[Entry]:
    """The entries from the first to `leaf_id`, following parents.

    Without a leaf (talk that was imported flat) all entries in the order said.
    """
    if leaf_id is None:
        return sorted(entries, key=lambda entry: (entry.said_at, entry.position))
    followed = parents(entries)
    by_id = {entry.id: entry for entry in entries}
    shown: list[Entry] = []
    step: EntryId | None = leaf_id
    while step is not None and (entry := by_id.pop(step, None)) is not None:
        shown.append(entry)
        step = followed[entry.id]
    return shown[::-1]


def parents(entries: Sequence[Entry]) -> dict[EntryId, EntryId | None]:
    """What each entry follows, by its id."""
    answers: dict[str, EntryId] = {}
    for entry in sorted(entries, key=lambda entry: entry.position):
        run_id = _run_of(entry)
        if run_id is not None:
            answers[run_id] = entry.id
    followed = {}
    for entry in entries:
        behind = (answers.get(run_id) for run_id in follows(entry))
        followed[entry.id] = next((found for found in behind if found is not None), entry.parent_id)
    return followed


def follows(entry: Entry) -> list[str]:
    """The runs whose answers an entry was to come behind, the nearest first; none for most."""
    named = (entry.details or {}).get(FOLLOWS)
    return [run_id for run_id in named if isinstance(run_id, str)] if isinstance(named, list) else []


def answer_key(run_id: RunId, attempt: int, state: EntryState) -> str:
    """The external id of what an attempt of a run wrote. It names the run even in another ledger, after an import."""
    return f"run:{run_id}:{attempt}:{state.value}"


def parent_of_answer(entries: Sequence[Entry], question: Entry) -> EntryId:
    """The entry an answer follows: the question, or the last of the texts attached to it."""
    parent = question.id
    for entry in sorted(entries, key=lambda entry: entry.position):
        if entry.parent_id == parent and entry.kind is EntryKind.DOCUMENT:
            parent = entry.id
    return parent


def versions(entries: Sequence[Entry]) -> dict[EntryId, list[Entry]]:
    """The versions of each turn, oldest first, by the id of the first."""
    families: dict[EntryId, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.position):
        families.setdefault(entry.first_version, []).append(entry)
    return families


def newest_leaf(entries: Sequence[Entry], through: EntryId) -> EntryId:
    """The end of the newest branch that goes through an entry."""
    followed = parents(entries)
    children: dict[EntryId, EntryId] = {}
    for entry in sorted(entries, key=lambda entry: entry.position):
        parent_id = followed[entry.id]
        if parent_id is not None:
            children[parent_id] = entry.id
    leaf = through
    seen = {leaf}
    while (following := children.get(leaf)) is not None and following not in seen:
        leaf = following
        seen.add(leaf)
    return leaf


def _run_of(entry: Entry) -> str | None:
    """The run that wrote an answer, by its external id."""
    if entry.label is not Label.ASSISTANT or entry.external_id is None:
        return None
    prefix, _, rest = entry.external_id.partition(":")
    return rest.partition(":")[0] if prefix == "run" else None
