"""Several processes on one PostgreSQL: each rewrites its own index when another one has forgotten."""

import json
from pathlib import Path

from everword.core.background import Background
from everword.core.ids import EntryId
from everword.core.types import Principal
from everword.memory.forgetting import store
from everword.memory.forgetting.types import Forgetting, ForgettingId, ItemKind, Stage
from everword.memory.index.indexer import Indexer
from everword.storage.database import Database

_EVERY_S = 1.0
_SYSTEM = Principal.system()
_NOT_YET = (Stage.REDACT, Stage.ROWS, Stage.INDEX)


class Follower(Background):
    """Remembers in the index folder which forgettings this process's index has followed, also those it slept through.

    On SQLite one process has the folder, and there is nobody to follow.
    """

    def __init__(self, database: Database, indexer: Indexer) -> None:
        super().__init__("forgetting of others", after_failure_s=_EVERY_S)
        self._database = database
        self._indexer = indexer
        self._file = indexer.folder / "forgotten.json"
        self._led: set[ForgettingId] = set()

    def start(self) -> None:
        """Follow in a thread, until `stop`."""
        if not self._database.is_sqlite:
            super().start()

    def led(self, forgetting_id: ForgettingId) -> None:
        """This process has rewritten its index for a forgetting itself."""
        self._led.add(forgetting_id)

    def catch_up(self) -> None:
        """Rewrite the index of every space from which something was forgotten since."""
        known = _read(self._file)
        with self._database.reading(_SYSTEM) as connection:
            newer = store.after(connection, _SYSTEM, known)
        for forgetting in newer:
            if forgetting.stage in _NOT_YET:
                return
            if forgetting.id not in self._led:
                self._indexer.rewrite(forgetting.space_id, rewritten_ids(self._database, forgetting))
            _write(self._file, forgetting.id)

    def _round(self) -> float:
        self.catch_up()
        return _EVERY_S


def rewritten_ids(database: Database, forgetting: Forgetting) -> list[EntryId]:
    """The entries that left the ledger with a forgetting, also once it has ended: its receipt names them."""
    with database.reading(forgetting.person) as connection:
        return [
            EntryId(target_id)
            for kind in (ItemKind.ENTRY, ItemKind.REDACTION)
            for target_id in store.targets(connection, forgetting.person, forgetting.id, kind)
        ]


def _read(file: Path) -> ForgettingId | None:
    return ForgettingId(json.loads(file.read_text(encoding="utf-8"))["last"]) if file.exists() else None


def _write(file: Path, last: ForgettingId) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps({"last": last}), encoding="utf-8")
    beside.replace(file)
