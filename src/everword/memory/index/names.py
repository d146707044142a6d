"""The names (speakers, sources) that a space's rows point to: one JSON string a line, only ever added to."""

import json
import os
from pathlib import Path


class Names:
    """A list of names in a file; a name's place in it never changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
        whole = [line for line in lines if line.endswith("\n")]
        if len(whole) < len(lines):  # a crash in the middle of a line: no row points there yet
            path.write_text("".join(whole), encoding="utf-8")
        self.all: list[str] = [json.loads(line) for line in whole]
        self._places = {name: place for place, name in enumerate(self.all)}

    def places(self, names: list[str]) -> list[int]:
        """The place of each of `names`; those not there yet are added, on disk when this returns."""
        new = [name for name in dict.fromkeys(names) if name not in self._places]
        if new:
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(name) + "\n" for name in new)
                file.flush()
                os.fsync(file.fileno())
            for name in new:
                self._places[name] = len(self.all)
                self.all.append(name)
        return [self._places[name] for name in names]
