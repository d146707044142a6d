"""How a conversation's entries hang together: branches, and the versions of one turn. Plain functions over entries."""

from collections.abc import Sequence

from everword.core.ids import EntryId
from everword.memory.types import Entry


def branch(entries: Sequence[Entry], leaf_id: EntryId | None) -> list[Entry]:
    """The entries from the first to `leaf_id`, following parents.

    Without a leaf (talk that was imported flat) all entries in the order said.
    """
    if leaf_id is None:
        return sorted(entries, key=lambda entry: (entry.said_at, entry.position))
    by_id = {entry.id: entry for entry in entries}
    shown: list[Entry] = []
    step: EntryId | None = leaf_id
    while step is not None and (entry := by_id.pop(step, None)) is not None:
        shown.append(entry)
        step = entry.parent_id
    return shown[::-1]


def versions(entries: Sequence[Entry]) -> dict[EntryId, list[Entry]]:
    """The versions of each turn, oldest first, by the id of the first."""
    families: dict[EntryId, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.position):
        families.setdefault(entry.first_version, []).append(entry)
    return families


def newest_leaf(entries: Sequence[Entry], through: EntryId) -> EntryId:
    """The end of the newest branch that goes through an entry."""
    children: dict[EntryId, EntryId] = {}
    for entry in sorted(entries, key=lambda entry: entry.position):
        if entry.parent_id is not None:
            children[entry.parent_id] = entry.id
    leaf = through
    seen = {leaf}
    while (following := children.get(leaf)) is not None and following not in seen:
        leaf = following
        seen.add(leaf)
    return leaf
