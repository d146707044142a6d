"""The names (speakers, sources) that a space's rows point to: one JSON string a line, `null` where one went."""

import json
import os
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

from everword.memory.words import fold


def beginning(name: str) -> str:
    """The first two letters of a name, folded: those of each form of its first word, in most languages."""
    first = name.casefold().split()[:1]
    return fold(first[0])[:2] if first else ""


class Names:
    """A list of names in a file; a name's place in it never changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
        whole = [line for line in lines if line.endswith("\n")]
        if len(whole) < len(lines):  # a crash in the middle of a line: no row points there yet
            path.write_text("".join(whole), encoding="utf-8")
        self.all: list[str] = []
        self._places: dict[str, int] = {}
        self._by_beginning: dict[str, list[str]] = defaultdict(list)
        for line in whole:
            self._take(json.loads(line))

    def _take(self, name: str | None) -> None:
        self.all.append(name or "")
        if name is not None:
            self._places[name] = len(self.all) - 1
            self._by_beginning[beginning(name)].append(name)

    def place(self, name: str) -> int | None:
        """The place of a name, where it is known."""
        return self._places.get(name)

    def beginning_with(self, beginnings: Iterable[str] | None) -> list[str]:
        """The names that begin with one of those (see `beginning`), or all, in the order of their places."""
        if beginnings is None:
            return list(self._places)
        found = [name for each in beginnings for name in self._by_beginning.get(each, ())]
        return sorted(found, key=self._places.__getitem__)

    def places(self, names: list[str]) -> list[int]:
        """The place of each of `names`; those not there yet are added, on disk when this returns."""
        new = [name for name in dict.fromkeys(names) if name not in self._places]
        if new:
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(name) + "\n" for name in new)
                file.flush()
                os.fsync(file.fileno())
            for name in new:
                self._take(name)
        return [self._places[name] for name in names]

    def keep(self, places: Collection[int]) -> None:
        """Blank every name but those at `places`, which stay where they are; on disk when this returns."""
        kept = [name if place in places and name in self._places else None for place, name in enumerate(self.all)]
        if len(self._places) == len(kept) - kept.count(None):
            return
        beside = self._path.with_name(f"{self._path.name}.new")
        with beside.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(name) + "\n" for name in kept)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        self.all, self._places, self._by_beginning = [], {}, defaultdict(list)
        for name in kept:
            self._take(name)
