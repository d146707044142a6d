"""What a person does about forgetting: look at what would go, let it go, watch, and read the receipts."""

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from everword.core.ids import EntryId, new_id
from everword.core.types import Principal
from everword.memory.forgetting import ledger_store, store
from everword.memory.forgetting.errors import ForgettingGoesOn, NothingSelected, StillAnswering, StillImporting
from everword.memory.forgetting.plan import Plan, entries_of, last_position, look_up, own, words_of
from everword.memory.forgetting.types import (
    Forgetting,
    ForgettingId,
    ForgettingState,
    ItemKind,
    Preview,
    Rooms,
    Selection,
    Words,
)
from everword.memory.forgetting.work import Worker
from everword.memory.index.indexer import Indexer
from everword.memory.types import Entry
from everword.storage import backup_store
from everword.storage.database import Database
from everword.vault.types import Secret
from everword.vault.vault import Vault

_SHOWN = 500
_SYSTEM = Principal.system()


class Forgetter:
    """Forgetting for one installation. Safe to share between threads; the worker does what was begun."""

    def __init__(self, database: Database, indexer: Indexer, vault: Vault, rooms: Rooms, worker: Worker) -> None:
        self._database = database
        self._indexer = indexer
        self._vault = vault
        self._rooms = rooms
        self.worker = worker
        """Does what was begun; a test or a benchmark may do it step by step."""

    def start(self) -> None:
        """Go on with what a crash or a stop has left, and do what is begun from now on, in a thread."""
        self.worker.start()

    def stop(self) -> None:
        """End between two steps; the next start goes on there."""
        self.worker.stop()

    def preview(self, who: Principal, selection: Selection) -> tuple[Preview, int]:
        """Everything that would go, and the ledger position up to which was looked. Changes nothing.

        Raises NothingSelected, or Invalid where it is too much.
        """
        who = own(who)
        self._indexer.catch_up()
        plan = self._plan(who, selection, last_position(self._database, who))
        with self._database.reading(who) as connection:
            counts = {
                "entries": len(plan.entries),
                "conversations": len(plan.emptied),
                "attachments": ledger_store.attachment_count(connection, who, plan.entry_ids),
                "runs": len(plan.runs),
                "answers": len(ledger_store.citing(connection, who, plan.entry_ids)),
            }
            for hanging in self._rooms.hanging:
                counts |= hanging(connection, who, plan.entry_ids)
        preview = Preview(
            entries=plan.entries[:_SHOWN],
            entry_count=len(plan.entries),
            counts=counts,
            repeats=plan.found.repeats,
            backups=self._backups(plan.entries),
            is_answering=any(run.is_open for run in (*plan.runs, *plan.read_by)),
        )
        return preview, plan.up_to

    def begin(
        self, who: Principal, selection: Selection, *, up_to: int, redact: Collection[EntryId] | None = None
    ) -> Forgetting:
        """Begin to forget what a preview showed (`up_to` is the position it gave). Returns at once.

        `redact` are the repeating entries to black out; none: those that the preview chose. Raises NothingSelected,
        StillAnswering, StillImporting, ForgettingGoesOn.
        """
        who = own(who)
        self._indexer.catch_up()
        return self._begin(who, self._plan(who, selection, up_to), redact)

    def _begin(self, who: Principal, plan: Plan, redact: Collection[EntryId] | None) -> Forgetting:
        if not plan.entries:
            raise NothingSelected
        chosen = {repeat.entry.id for repeat in plan.found.repeats if repeat.is_chosen}
        redactions = chosen if redact is None else set(redact) & {repeat.entry.id for repeat in plan.found.repeats}
        with self._database.reading(who) as connection:
            words = words_of(connection, who, plan, redactions)
        with self._database.writing(who) as connection:
            self._check(connection, who, plan)
            begun = self._write(connection, who, plan, redactions, words)
        self.worker.notify()
        return begun

    def begin_due(self, who: Principal, selection: Selection) -> Forgetting | None:
        """Begin to forget what a rule of the person's names, the oldest first, as much as goes at once.

        Other entries are left as they are: nobody looks at a preview. None where nothing is due. Raises StillAnswering,
        StillImporting, ForgettingGoesOn.
        """
        who = own(who)
        up_to = last_position(self._database, who)
        if not entries_of(self._database, self._indexer, who, selection, up_to, is_all=False):
            return None
        self._indexer.catch_up()
        return self._begin(who, self._plan(who, selection, up_to, is_all=False), redact=())

    def get(self, who: Principal, forgetting_id: ForgettingId) -> tuple[Forgetting, int, int]:
        """A forgetting or its receipt, with how many things have gone of how many. Raises NotFound."""
        with self._database.reading(own(who)) as connection:
            found = store.get(connection, own(who), forgetting_id)
            gone, total = store.count_items(connection, own(who), [forgetting_id])[forgetting_id]
        return found, gone, total

    def listed(self, who: Principal) -> list[tuple[Forgetting, int, int]]:
        """The newest first, each with how many things have gone of how many."""
        with self._database.reading(own(who)) as connection:
            found = store.listed(connection, own(who))
            counted = store.count_items(connection, own(who), [each.id for each in found])
        return [(each, *counted[each.id]) for each in found]

    def targets(self, who: Principal, forgetting_id: ForgettingId) -> list[str]:
        """The random ids of the entries that a forgetting removed or redacted. Raises NotFound."""
        with self._database.reading(own(who)) as connection:
            store.get(connection, own(who), forgetting_id)
            return [
                each
                for kind in (ItemKind.ENTRY, ItemKind.REDACTION)
                for each in store.targets(connection, own(who), forgetting_id, kind)
            ]

    def _plan(self, who: Principal, selection: Selection, up_to: int, *, is_all: bool = True) -> Plan:
        entries = entries_of(self._database, self._indexer, who, selection, up_to, is_all=is_all)
        ids = frozenset(entry.id for entry in entries)
        talks = frozenset(entry.conversation_id for entry in entries if entry.conversation_id is not None)
        with self._database.reading(who) as connection:
            emptied = ledger_store.emptied(connection, who, talks, ids)
            if selection.conversation_id is not None and not (selection.words or selection.entry_ids):
                emptied |= {selection.conversation_id} & talks
            found = look_up(connection, self._indexer, who, entries)
            read_by = ledger_store.recalling(connection, who, ids)
            wrote = {entry.run_id for entry in entries if entry.run_id is not None}
            runs = self._rooms.runs_of(connection, who, ids, talks, read_by | wrote)
        going = [run for run in runs if run.run_id in wrote or run.names or run.conversation_id in emptied]
        others = [run for run in runs if run not in going]
        return Plan(up_to, entries, talks, frozenset(emptied), found, tuple(going), tuple(others))

    def _check(self, connection: Connection, who: Principal, plan: Plan) -> None:
        if any(run.is_open for run in (*plan.runs, *plan.read_by)):
            raise StillAnswering
        if self._rooms.is_importing(connection, who):
            raise StillImporting
        if any(each.state is ForgettingState.RUNNING for each in store.listed(connection, who)):
            raise ForgettingGoesOn

    def _write(
        self, connection: Connection, who: Principal, plan: Plan, redactions: Collection[EntryId], words: Words
    ) -> Forgetting:
        forgetting_id = ForgettingId(new_id())
        value = Secret(json.dumps({"spoken": words.spoken, "folded": words.folded}))
        sealed = self._vault.seal(who.own_space, forgetting_id, value)
        first = min(entry.recorded_at for entry in plan.entries)
        begun = store.create(connection, who, forgetting_id, who.own_space, sealed, first)
        items: dict[ItemKind, Collection[str]] = {
            ItemKind.REDACTION: redactions,
            ItemKind.ENTRY: plan.entry_ids,
            ItemKind.CONVERSATION: plan.emptied,
            ItemKind.RUN: [run.run_id for run in plan.runs],
            ItemKind.SEGMENT: [key for run in (*plan.runs, *plan.read_by) for key in run.segment_ids],
        }
        for kind, ids in items.items():
            store.add_items(connection, who, forgetting_id, who.own_space, kind, sorted(ids))
        return begun

    def _backups(self, entries: tuple[Entry, ...]) -> int:
        if not entries:
            return 0
        since: datetime = min(entry.recorded_at for entry in entries)
        with self._database.reading(_SYSTEM) as connection:
            return len(backup_store.made_since(connection, _SYSTEM, since))
