"""What others still hold once our stores hold nothing: backups, and what a database server keeps beyond our reach."""

from collections.abc import Sequence
from pathlib import Path

from everword.core.types import Principal
from everword.memory.forgetting.types import Forgetting, Remains
from everword.storage import backup_store
from everword.storage.backup import forgotten_list
from everword.storage.database import Database
from everword.storage.scrub import held_by_server

_SYSTEM = Principal.system()
_LISTED = "Remove the file. If you restore it, keep the list of what was forgotten beside it: the words are left out."
_NOT_LISTED = (
    "Remove the file; it could not be reached to lay a list of what was forgotten beside it. "
    "Save this receipt's entries (GET /api/memory/forget/{id}/entries) for a restore."
)
_PROCESSES = Remains(
    "the indexes of other Everword processes on this database, if there are any",
    "they have heard of this, within seconds; one that is stopped: its next start",
    "Nothing has to be done. To be rid of one that will not start again, remove its index folder.",
)


def remains(database: Database, forgetting: Forgetting, entry_ids: Sequence[str]) -> list[Remains]:
    """The backups that have the words, what the server holds, and on PostgreSQL other processes' indexes.

    Beside each backup that can be reached is written which entries went, for a restore to leave out.
    """
    since = forgetting.first_recorded_at or forgetting.created_at
    with database.reading(_SYSTEM) as connection:
        backups = backup_store.made_since(connection, _SYSTEM, since)
    found = [
        Remains(
            f"the backup of {backup.created_at:%Y-%m-%d %H:%M} UTC in {backup.place}",
            f"{backup.expires_at:%Y-%m-%d}" if backup.expires_at else "it is removed",
            _LISTED if forgotten_list.add(Path(backup.place), forgetting.id, entry_ids) else _NOT_LISTED,
        )
        for backup in backups
    ]
    if database.is_sqlite:
        return found
    return [*found, *(Remains(each.what, each.until, each.how) for each in held_by_server(database)), _PROCESSES]
