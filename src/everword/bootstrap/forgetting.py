"""Forgetting, put together: what each room does when entries go."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from everword.accounts import store as accounts
from everword.accounts.people import principal_for
from everword.agents import schedules, triggers
from everword.agents.webhooks import drop_lost_secrets
from everword.attention import store as attention
from everword.attention.types import SourceId
from everword.core.ids import ConversationId, EntryId, RunId
from everword.core.types import Principal
from everword.intake import forgetting_store as imports
from everword.intake.service import Intake
from everword.memory.facts.forgetting import forget_facts, refresh
from everword.memory.forgetting import ledger, ledger_store
from everword.memory.forgetting.phrases import Phrases, runs_of
from everword.memory.forgetting.service import Forgetter
from everword.memory.forgetting.types import Gone, Rooms, RunRef
from everword.memory.forgetting.work import Worker
from everword.memory.index.indexer import Indexer
from everword.memory.notes import forgetting_store as notes
from everword.models import store as models
from everword.runs import forgetting_store as runs
from everword.runs.engine_records import EngineRecords
from everword.storage import events
from everword.storage.database import Database
from everword.vault.vault import Vault

_MOST_PEOPLE = 100_000


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
        hanging=(notes.count, runs.schedules_on, runs.triggers_on),
        redacted=(runs.move, notes.move, schedules.pause_redacted, triggers.pause_redacted),
        rows=(
            _forget_runs,
            _forget_authors,
            _forget_events,
            _forget_cards,
            _forget_usage,
            forget_facts,
            _ImportRows(intake),
            partial(_forget_hooks, vault),
        ),
        records=(EngineRecords(database),),
        is_importing=imports.is_importing,
        forget_prompts=forget_prompts,
    )
    worker = Worker(database, indexer, vault, home, rooms)
    return Forgetter(database, indexer, vault, rooms, worker)


def everybody(database: Database) -> list[Principal]:
    """All who have entries to keep."""
    system = Principal.system()
    with database.reading(system) as connection:
        people = accounts.first_people(connection, system, _MOST_PEOPLE)
    return [principal_for(database, person.id) for person in people]


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


def _forget_authors(connection: Connection, who: Principal, gone: Gone) -> Mapping[str, int]:
    notes.forget_runs(connection, who, gone.run_ids)
    return {}


def _forget_hooks(vault: Vault, connection: Connection, who: Principal, _gone: Gone) -> Mapping[str, int]:
    drop_lost_secrets(connection, who, vault)
    return {}


def _forget_events(connection: Connection, who: Principal, gone: Gone) -> Mapping[str, int]:
    named = gone.entry_ids | gone.conversation_ids
    return {"events": events.forget(connection, who, gone.run_ids, named)}


def _forget_cards(connection: Connection, who: Principal, gone: Gone) -> Mapping[str, int]:
    named = {SourceId(each) for each in gone.run_ids | gone.entry_ids}
    return {"cards": attention.forget(connection, who, who.own_space, named)}


def _forget_usage(connection: Connection, who: Principal, gone: Gone) -> Mapping[str, int]:
    return {"usage references": models.forget_runs(connection, who, gone.run_ids)}


def forget_restored(database: Database, entry_ids: Collection[str]) -> int:
    """Remove from a database that was just restored the entries that were forgotten since. Returns how many.

    Of what is derived only the facts are in a backup; those that lost entries are put together anew.
    """
    system = Principal.system()
    with database.writing(system) as connection:
        entries = ledger_store.by_ids(connection, system, {EntryId(each) for each in entry_ids})
        phrases = Phrases(runs_of(entry.text for entry in entries))
        talks = {entry.conversation_id for entry in entries if entry.conversation_id is not None}
        ledger.retitle(connection, system, phrases, sorted(talks))
        found = runs.working_with(connection, system, [entry.id for entry in entries], talks, [])
        runs.remove(connection, system, [run.run_id for run in found if run.names])
        for person in accounts.first_people(connection, system, _MOST_PEOPLE):
            if person.own_space in entry_ids:  # an account that was deleted is listed by its space's id
                accounts.remove_space(connection, system, person.own_space)
        removed = ledger.remove(connection, system, Gone(frozenset(entry.id for entry in entries)))["entries"]
        for space_id in {entry.space_id for entry in entries}:
            refresh(connection, system, space_id)
        return int(removed)


class _ImportRows:
    """What intake knows of the files that words were imported from: their names, hashes, reports and spooled bytes."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def __call__(self, connection: Connection, who: Principal, gone: Gone) -> Mapping[str, int]:
        if gone.recorded is None:
            return {}
        cleared = imports.forget(connection, who, who.own_space, *gone.recorded)
        self._intake.forget_files(cleared)
        return {"imports": len(cleared)}
