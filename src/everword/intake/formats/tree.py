"""The shape of an exported conversation: messages that name the one before them, some of which are left out."""

from collections.abc import Iterator, Mapping
from typing import Any


def walk(parents: Mapping[str, str | None]) -> Iterator[str]:
    """Every node once, each after its parent, children in the order of `parents`.

    A node whose parent is missing is a root. So is, once, a node of a ring.
    """
    children: dict[str, list[str]] = {}
    roots = []
    for node, parent in parents.items():
        if parent is None or parent not in parents:
            roots.append(node)
        else:
            children.setdefault(parent, []).append(node)
    seen: set[str] = set()
    for root in (*roots, *parents):
        pending = [] if root in seen else [root]
        while pending:
            node = pending.pop()
            if node in seen:
                continue
            seen.add(node)
            yield node
            pending.extend(reversed(children.get(node, [])))


def kept_ancestor(node: str | None, parents: Mapping[str, str | None], kept: Mapping[str, Any]) -> str | None:
    """The nearest node at or above `node` that was kept."""
    seen: set[str] = set()
    while node is not None and node not in kept and node not in seen:
        seen.add(node)
        node = parents.get(node)
    return node if node in kept else None


class Versions:
    """Which messages are versions of which: those with the same parent and the same author."""

    def __init__(self) -> None:
        self._first: dict[tuple[str | None, str], str] = {}

    def first(self, parent: str | None, author: str, node: str) -> str | None:
        """The first version of `node`, or None where that is `node` itself."""
        first = self._first.setdefault((parent, author), node)
        return None if first == node else first
