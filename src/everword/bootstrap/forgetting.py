"""Forgetting, put together: what each room does when entries go."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from sqlalchemy import Connection

from everword.core.ids import ConversationId, EntryId, RunId
from everword.core.types import Principal
from everword.intake import forgetting_store as imports
from everword.intake.service import Intake
from everword.memory.forgetting.service import Forgetter
from everword.memory.forgetting.types import Gone, Rooms, RunRef
from everword.memory.forgetting.work import Worker
from everword.memory.index.indexer import Indexer
from everword.models import store as models
from everword.runs import forgetting_store as runs
from everword.runs.engine_records import EngineRecords
from everword.storage import events
from everword.storage.database import Database
from everword.vault.vault import Vault


def build_forgetter(
    home: Path,
    database: Database,
    indexer: Indexer,
    vault: Vault,
    intake: Intake,
    forget_prompts: Callable[[], None],
) -> Forgetter:
    """The forgetter, with every room's part in it."""
    rooms = Rooms(
        runs_of=_runs_of,
        rows=(_forget_runs, _forget_events, _forget_usage, _ImportRows(intake)),
        records=(EngineRecords(database),),
        is_importing=imports.is_importing,
        forget_prompts=forget_prompts,
    )
    worker = Worker(database, indexer, vault, home, rooms)
    return Forgetter(database, indexer, vault, rooms, worker)


def _runs_of(
    connection: Connection,
    who: Principal,
    entry_ids: Collection[EntryId],
    conversation_ids: Collection[ConversationId],
    run_ids: Collection[RunId],
) -> list[RunRef]:
    return [
        RunRef(found.run_id, found.segment_ids, found.conversation_id, found.is_open, found.names)
        for found in runs.working_with(connection, who, entry_ids, conversation_ids, run_ids)
    ]


def _forget_runs(connection: Connection, who: Principal, gone: Gone) -> Mapping[str, int]:
    return {"runs": runs.remove(connection, who, gone.run_ids)}


def _forget_events(connection: Connection, who: Principal, gone: Gone) -> Mapping[str, int]:
    named = gone.entry_ids | gone.conversation_ids
    return {"events": events.forget(connection, who, gone.run_ids, named)}


def _forget_usage(connection: Connection, who: Principal, gone: Gone) -> Mapping[str, int]:
    return {"usage references": models.forget_runs(connection, who, gone.run_ids)}


class _ImportRows:
    """What intake knows of the files that words were imported from: their names, hashes, reports and spooled bytes."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def __call__(self, connection: Connection, who: Principal, gone: Gone) -> Mapping[str, int]:
        if gone.recorded is None:
            return {}
        cleared = imports.forget(connection, who, *gone.recorded)
        self._intake.forget_files(cleared)
        return {"imports": len(cleared)}
