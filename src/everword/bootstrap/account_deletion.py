"""Deleting an account: its words are forgotten as any are, then all that is left of it goes, is looked for, and a
receipt comes. It goes on after a crash.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from everword.accounts import departure
from everword.accounts.types import INSTALLATION_SPACE, Person
from everword.agents import waiting
from everword.core import clock
from everword.core.background import Background
from everword.core.errors import EverwordError
from everword.core.ids import PersonId, new_id
from everword.core.types import Principal
from everword.http.account import Deletion, DeletionReceipt
from everword.intake.service import Intake
from everword.intake.types import ImportState
from everword.memory.forgetting import look_store
from everword.memory.forgetting.errors import ForgettingGoesOn, StillAnswering, StillImporting
from everword.memory.forgetting.service import Forgetter
from everword.memory.forgetting.types import Check, Forgetting, ForgettingState, Remains, Selection
from everword.memory.index.indexer import Indexer
from everword.runs import forgetting_store as run_records
from everword.runs import store as run_store
from everword.runs.engine import Engine
from everword.runs.engine_records import EngineRecords
from everword.runs.schedules import store as schedule_store
from everword.runs.triggers import store as trigger_store
from everword.runs.types import RunState
from everword.storage import backup_store, events
from everword.storage.backup import forgotten_list
from everword.storage.database import Database
from everword.storage.leadership import Leadership
from everword.storage.schema import metadata
from everword.storage.scrub import held_by_server, scrub_postgresql, scrub_sqlite

_log = logging.getLogger(__name__)
_SYSTEM = Principal.system()
_EVERYTHING = Selection(until=datetime(9999, 12, 31, tzinfo=UTC))
_OPEN = (RunState.QUEUED, RunState.RUNNING, RunState.WAITING)
_LEADER = 0x6C656176  # "leav"
_MOST = 10_000
_POLL_S = 0.1
_AGAIN_S = 60.0


class WordsStay(EverwordError):
    """The account is closed, but not all of its words are gone yet: {why} It is tried again, also after a restart."""

    code = "words_stay"
    status = 503


@dataclass(frozen=True, slots=True)
class _Rooms:
    """What deleting an account needs of the house."""

    database: Database
    forgetter: Forgetter
    indexer: Indexer
    intake: Intake
    engine: Engine


class AccountDeleter(Background):
    """Deletes accounts, one at a time, in a thread of its own. Safe to share between threads."""

    def __init__(
        self, database: Database, forgetter: Forgetter, indexer: Indexer, intake: Intake, engine: Engine
    ) -> None:
        super().__init__("account deletion", after_failure_s=_AGAIN_S, turn=Leadership(database, _LEADER))
        self._rooms = _Rooms(database, forgetter, indexer, intake, engine)
        self._deletions: dict[PersonId, Deletion] = {}

    def begin(self, who: Principal) -> None:
        """Close the account and begin to delete it. Returns at once. Raises OperatorStays."""
        departure.begin(self._rooms.database, who)
        self._deletions[who.person_id] = Deletion("stopping")
        self.notify()

    def progress(self, person_id: PersonId) -> Deletion:
        """How far it is; with its receipt once the account is gone, which is given out for as long as we run."""
        return self._deletions.get(person_id, Deletion("stopping"))

    def _round(self) -> float:
        for person in departure.leaving(self._rooms.database):
            self._try(person)
        return _AGAIN_S

    def _try(self, person: Person) -> None:
        try:
            receipt = _Departing(self._rooms, person, self._stopping, self._tell).delete()
        except EverwordError as error:
            _log.warning("An account is not deleted yet: %s", error.message)
            self._deletions[person.id] = replace(self.progress(person.id), error=error)
        except Exception as error:  # boundary: one account; it is taken up again in a minute
            _log.exception("Deleting an account broke off; it goes on in a minute.")
            self._deletions[person.id] = replace(self.progress(person.id), error=WordsStay(why=type(error).__name__))
        else:
            if receipt is not None:
                self._deletions[person.id] = Deletion("done", receipt=receipt)
                _log.warning("An account was deleted, receipt %s: %s", receipt.id, dict(receipt.counts))

    def _tell(self, person: Person, stage: str, gone: int, total: int) -> None:
        self._deletions[person.id] = Deletion(stage, gone, total)


class _Departing:
    """One account on its way out."""

    def __init__(
        self,
        rooms: _Rooms,
        person: Person,
        stopping: threading.Event,
        tell: Callable[[Person, str, int, int], None],
    ) -> None:
        self._rooms = rooms
        self._person = person
        self._stopping = stopping
        self._tell = tell
        self._who = Principal(person.id, person.own_space, frozenset({person.own_space}))

    def delete(self) -> DeletionReceipt | None:
        """Do all of it; None where it was told to stop in between. Raises WordsStay and what the rooms raise."""
        begun_at = clock.now()
        self._tell(self._person, "stopping", 0, 0)
        while self._is_working():
            if self._stopping.wait(_POLL_S):
                return None
        if not self._forget_everything():
            return None
        receipts = [each for each, _, _ in self._rooms.forgetter.listed(self._who)]
        self._tell(self._person, "removing", 0, 0)
        remains = self._remove()
        checks = self._look()
        return DeletionReceipt(
            id=new_id(),
            created_at=begun_at,
            ended_at=clock.now(),
            counts=_added(receipts) | {"accounts": 1},
            checks=[*(receipts[0].checks if receipts else ()), *checks],
            remains=list(dict.fromkeys([*(each for receipt in receipts for each in receipt.remains), *remains])),
        )

    def _is_working(self) -> bool:
        """Stop what runs, is to begin or is imported for this person; whether anything still does."""
        with self._rooms.database.writing(self._who) as connection:
            for schedule in schedule_store.listed(connection, self._who):
                if schedule.person_id == self._who.person_id:
                    schedule_store.remove(connection, self._who, schedule.id)
            for trigger in trigger_store.listed(connection, self._who):
                if trigger.person_id == self._who.person_id:
                    trigger_store.remove(connection, self._who, trigger.id)
            unfinished = run_store.listed(connection, self._who, states=_OPEN, limit=_MOST)
        for run in unfinished:
            waiting.stop(self._rooms.database, self._who, run.id)
            self._rooms.engine.stop(run.id)
        coming = [
            job
            for job in self._rooms.intake.listed(self._who)
            if job.state in {ImportState.QUEUED, ImportState.RUNNING}
        ]
        for job in coming:
            self._rooms.intake.cancel(self._who, job.id)
        return bool(unfinished or coming)

    def _forget_everything(self) -> bool:
        """Forget every entry, as many at a time as go; whether all of it is done. Raises WordsStay."""
        while not self._stopping.is_set():
            begun = [each for each, _, _ in self._rooms.forgetter.listed(self._who) if each.ended_at is None]
            if not begun:
                try:
                    found = self._rooms.forgetter.begin_due(self._who, _EVERYTHING)
                except (StillAnswering, StillImporting, ForgettingGoesOn):
                    self._is_working()
                else:
                    if found is None:
                        return True
                    begun = [found]
            for each in begun:
                self._watch(each)
            self._stopping.wait(_POLL_S)
        return False

    def _watch(self, begun: Forgetting) -> None:
        while not self._stopping.wait(_POLL_S):
            forgetting, gone, total = self._rooms.forgetter.get(self._who, begun.id)
            self._tell(self._person, "forgetting", gone, total)
            if forgetting.state is ForgettingState.FAILED:
                raise WordsStay(why=forgetting.error or "")
            if forgetting.state is ForgettingState.DELIVERED:
                return

    def _remove(self) -> list[Remains]:
        """Remove all that is no entry (account, settings, keys, usage, receipts), and rewrite the files."""
        rooms, who = self._rooms, self._who
        records = EngineRecords(rooms.database)
        with rooms.database.reading(who) as connection:
            runs = run_store.listed(connection, who, limit=_MOST)
            worked = run_records.working_with(connection, who, (), (), [run.id for run in runs])
        records.remove([segment_id for each in worked for segment_id in each.segment_ids])
        rooms.intake.forget_files([job.id for job in rooms.intake.listed(who)])
        remains = self._list_beside_backups()
        with rooms.database.writing(_SYSTEM) as connection:
            departure.remove(connection, self._person)
            events.append(connection, _SYSTEM, INSTALLATION_SPACE, "account.deleted", {"people": 1})
        rooms.indexer.rewrite(self._person.own_space)
        if rooms.database.is_sqlite:
            scrub_sqlite(Path(str(rooms.database.url.database)), ())
        else:
            scrub_postgresql(rooms.database, [f'"{table.name}"' for table in metadata.sorted_tables])
            remains += [Remains(each.what, each.until, each.how) for each in held_by_server(rooms.database)]
        records.rewrite(())
        return remains

    def _list_beside_backups(self) -> list[Remains]:
        """Write beside each backup that can be reached that this space is gone; the backups that hold it."""
        database = self._rooms.database
        with database.reading(_SYSTEM) as connection:
            backups = backup_store.made_since(connection, _SYSTEM, self._person.created_at)
        space_id = self._person.own_space
        return [
            Remains(
                f"the account's name and settings, in the backup of {backup.created_at:%Y-%m-%d %H:%M} UTC",
                f"{backup.expires_at:%Y-%m-%d}" if backup.expires_at else "it is removed",
                "A restore leaves the account out: its list beside the backup says so."
                if forgotten_list.add(Path(backup.place), space_id, [space_id])
                else "The backup could not be reached: remove it.",
            )
            for backup in backups
        ]

    def _look(self) -> list[Check]:
        """Look for any row and any index of the space. Raises WordsStay."""
        self._tell(self._person, "looking", 0, 0)
        with self._rooms.database.reading(self._who) as connection:
            rows = look_store.count_rows(connection, self._who)
        is_indexed = (self._rooms.indexer.shelf.folder / self._person.own_space).exists()
        if rows or is_indexed:
            raise WordsStay(why=f"{rows} rows are left." if rows else "An index is left.")
        return [Check("account", len(metadata.sorted_tables), 0)]


def _added(receipts: list[Forgetting]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for receipt in receipts:
        counts.update(receipt.counts)
    return dict(counts)
