"""The list beside a backup of what was forgotten after it was made: random ids, for a restore to leave out."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

SUFFIX = ".forgotten"


def beside(backup: Path) -> Path:
    """The list that belongs to a backup."""
    return backup.with_name(backup.name + SUFFIX)


def add(backup: Path, forgetting_id: str, entry_ids: Collection[str]) -> bool:
    """Write down, once a forgetting, which entries went; whether the backup's folder could be reached."""
    path = beside(backup)
    try:
        if not backup.exists():
            return False
        if path.exists() and any(line["forgetting"] == forgetting_id for line in _lines(path)):
            return True
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"forgetting": forgetting_id, "entry_ids": sorted(entry_ids)}) + "\n")
    except OSError:
        return False
    return True


def read(path: Path) -> set[str]:
    """The entries that a list names; none where there is no list."""
    return {each for line in _lines(path) for each in line["entry_ids"]} if path.exists() else set()


def _lines(path: Path) -> list[dict[str, Any]]:
    whole = [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]
    return [json.loads(line) for line in whole]
