"""Doing what was begun: stage by stage, each recorded before the next and repeated after a crash, then the receipt."""

import json
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection

from everword.core import clock
from everword.core.background import Background
from everword.core.errors import EverwordError
from everword.core.ids import ConversationId, EntryId, RunId, SegmentId
from everword.core.types import Principal
from everword.memory.forgetting import ledger, ledger_store, store
from everword.memory.forgetting.check import Checker
from everword.memory.forgetting.errors import WordsRemain
from everword.memory.forgetting.following import Follower, rewritten_ids
from everword.memory.forgetting.plan import look_up
from everword.memory.forgetting.remains import remains
from everword.memory.forgetting.types import Forgetting, ForgettingState, Gone, ItemKind, Rooms, Stage, Words
from everword.memory.index.indexer import Indexer
from everword.memory.types import Entry
from everword.storage import events
from everword.storage.database import Database
from everword.storage.leadership import Leadership
from everword.storage.scrub import remove_copies
from everword.vault.vault import Vault

_log = logging.getLogger(__name__)
_LEADER = 0x666F7267  # "forg"
_BATCH = 500
_BREATH_S = 0.005  # between batches, so that somebody who writes meanwhile need not wait for all of them
_ATTEMPTS = 3
_AGAIN_S = 60.0
_FAILED_AGAIN_S = 3600.0
_SYSTEM = Principal.system()
_IMPORTED_BY_HAND = frozenset({"chat", ledger_store.ATTACHED})


class Worker(Background):
    """Executes forgettings, one at a time, in a thread of its own."""

    def __init__(self, database: Database, indexer: Indexer, vault: Vault, home: Path, rooms: Rooms) -> None:
        super().__init__("forgetting", after_failure_s=_AGAIN_S, turn=Leadership(database, _LEADER))
        self._database = database
        self._indexer = indexer
        self._vault = vault
        self._rooms = rooms
        self._follower = Follower(database, indexer)
        self._checker = Checker(database, indexer, home, rooms)
        self._failed_at = -_FAILED_AGAIN_S
        self._stages: dict[Stage, Callable[[Forgetting], Stage]] = {
            Stage.REDACT: self._redact,
            Stage.ROWS: self._remove_rows,
            Stage.INDEX: self._rewrite_index,
            Stage.ENGINE: self._clear_engine,
            Stage.FILES: self._scrub_files,
            Stage.CHECK: self._check,
        }

    def start(self) -> None:
        """Take up what is unfinished, and what is begun from now on."""
        super().start()
        self._follower.start()

    def stop(self) -> None:
        """End between two steps."""
        self._follower.stop()
        super().stop()

    def _round(self) -> float:
        is_due = clock.monotonic() - self._failed_at >= _FAILED_AGAIN_S
        self._failed_at = clock.monotonic() if is_due else self._failed_at
        self.run_unfinished(with_failed=is_due)
        return _AGAIN_S

    def run_unfinished(self, *, with_failed: bool = True) -> None:
        """Do everything that is unfinished, in this thread; what failed before, where it is due."""
        with self._database.reading(_SYSTEM) as connection:
            unfinished = store.unfinished(connection, _SYSTEM)
        for each in unfinished:
            is_due = with_failed or each.state is ForgettingState.RUNNING
            if is_due and not self._stopping.is_set():
                self._run(each)

    def _run(self, forgetting: Forgetting) -> None:
        """From the stage it has reached to its receipt; words that remain are gone after a few times more."""
        attempts = 0
        while forgetting.stage is not Stage.ENDED and not self._stopping.is_set():
            try:
                forgetting = self.step(forgetting)
            except EverwordError as error:
                attempts += 1
                _log.warning("Forgetting %s: %s", forgetting.id, error.message)
                is_given_up = attempts >= _ATTEMPTS
                is_found = isinstance(error, WordsRemain)
                retry = Stage.INDEX if is_found and not is_given_up else forgetting.stage
                with self._database.writing(forgetting.person) as connection:
                    forgetting = store.advance(
                        connection,
                        forgetting.person,
                        forgetting.id,
                        stage=retry,
                        state=ForgettingState.FAILED if is_given_up else ForgettingState.RUNNING,
                        error=(error.code, error.message),
                    )
                if is_given_up:
                    return

    def step(self, forgetting: Forgetting) -> Forgetting:
        """One stage. Raises what its stores raise, WordsRemain where the check finds any."""
        following = self._stages[forgetting.stage](forgetting)
        with self._database.writing(forgetting.person) as connection:
            if following is Stage.ENDED:
                return store.get(connection, forgetting.person, forgetting.id)
            state = ForgettingState.RUNNING
            moved = store.advance(connection, forgetting.person, forgetting.id, stage=following, state=state)
            self._tell(connection, moved)
        return moved

    def _redact(self, forgetting: Forgetting) -> Stage:
        """Black out what repeats, while what it repeats is still there to compare with: one transaction."""
        who, targets = forgetting.person, self._targets
        forgotten = frozenset(map(EntryId, targets(forgetting, ItemKind.ENTRY)))
        open_ids = set(targets(forgetting, ItemKind.REDACTION, is_open=True))
        self._indexer.catch_up()
        with self._database.reading(who) as connection:
            entries = tuple(ledger_store.by_ids(connection, who, forgotten))
            found = look_up(connection, self._indexer, who, entries)
        talks = {entry.conversation_id for entry in entries if entry.conversation_id is not None}
        kept = sorted(talks - set(targets(forgetting, ItemKind.CONVERSATION)))
        with self._database.writing(who) as connection:
            redactions = [repeat for repeat in found.repeats if repeat.entry.id in open_ids]
            for repeat in redactions:
                ledger.redact(connection, who, repeat, forgotten, self._rooms.redacted)
            retitled = ledger.retitle(connection, who, found.phrases, kept)
            store.done(connection, who, forgetting.id, ItemKind.REDACTION, sorted(open_ids))
            counts = {"redacted": len(redactions), "titles": retitled}
            store.advance(connection, who, forgetting.id, stage=Stage.ROWS, counts=counts)
        return Stage.ROWS

    def _remove_rows(self, forgetting: Forgetting) -> Stage:
        """Remove rows in batches, each with what points to it in every room; conversations once they are empty."""
        while self._remove_batch(forgetting):
            clock.sleep(_BREATH_S)
        return Stage.INDEX

    def _remove_batch(self, forgetting: Forgetting) -> bool:
        who = forgetting.person
        for kind in (ItemKind.RUN, ItemKind.ENTRY, ItemKind.CONVERSATION):
            with self._database.writing(who) as connection:
                ids = store.targets(connection, who, forgetting.id, kind, is_open=True, limit=_BATCH)
                if not ids:
                    continue
                gone = _gone(kind, ids)
                if kind is ItemKind.ENTRY:
                    gone = _with_imports(gone, ledger_store.by_ids(connection, who, gone.entry_ids))
                counts = Counter[str]()
                for hanging in self._rooms.hanging:
                    counts.update(hanging(connection, who, gone.entry_ids))
                counts.update(ledger.remove(connection, who, gone))
                for rows in self._rooms.rows:
                    counts.update(rows(connection, who, gone))
                store.done(connection, who, forgetting.id, kind, ids)
                store.advance(connection, who, forgetting.id, counts=counts)
            return True
        return False

    def _rewrite_index(self, forgetting: Forgetting) -> Stage:
        self._follower.led(forgetting.id)
        is_again = forgetting.error_code == WordsRemain.code
        gone = None if is_again else rewritten_ids(self._database, forgetting)
        self._indexer.rewrite(forgetting.space_id, gone, is_whole=is_again)
        return Stage.ENGINE

    def _clear_engine(self, forgetting: Forgetting) -> Stage:
        segment_ids = list(map(SegmentId, self._targets(forgetting, ItemKind.SEGMENT)))
        removed = sum(records.remove(segment_ids) for records in self._rooms.records)
        self._rooms.forget_prompts()
        with self._database.writing(forgetting.person) as connection:
            counts = {"engine records": removed}
            store.advance(connection, forgetting.person, forgetting.id, stage=Stage.FILES, counts=counts)
        return Stage.FILES

    def _scrub_files(self, forgetting: Forgetting) -> Stage:
        words = self._words(forgetting)
        self._checker.scrub(words)
        copies = remove_copies(self._database, self._targets(forgetting, ItemKind.ENTRY))
        with self._database.writing(forgetting.person) as connection:
            counts = {"copies before migrations": copies}
            store.advance(connection, forgetting.person, forgetting.id, stage=Stage.CHECK, counts=counts)
        return Stage.CHECK

    def _check(self, forgetting: Forgetting) -> Stage:
        """Look again in every store. Where nothing is found the receipt is written, and the words looked for go."""
        who = forgetting.person
        checks = self._checker.look(
            forgetting, list(map(EntryId, self._receipt_ids(forgetting))), self._words(forgetting)
        )
        beyond = remains(self._database, forgetting, self._receipt_ids(forgetting))
        with self._database.writing(who) as connection:
            ended = store.finish(connection, who, forgetting.id, checks, beyond)
            self._tell(connection, ended)
        self._checker.scrub_own()
        return Stage.ENDED

    def _receipt_ids(self, forgetting: Forgetting) -> list[str]:
        return [each for kind in (ItemKind.ENTRY, ItemKind.REDACTION) for each in self._targets(forgetting, kind)]

    def _tell(self, connection: Connection, forgetting: Forgetting) -> None:
        payload = {"forgetting_id": forgetting.id, "state": forgetting.state.value, "stage": forgetting.stage.value}
        events.append(connection, forgetting.person, forgetting.space_id, "memory.forgetting", payload)

    def _targets(self, forgetting: Forgetting, kind: ItemKind, *, is_open: bool = False) -> list[str]:
        with self._database.reading(forgetting.person) as connection:
            return store.targets(connection, forgetting.person, forgetting.id, kind, is_open=is_open)

    def _words(self, forgetting: Forgetting) -> Words:
        with self._database.reading(forgetting.person) as connection:
            sealed = store.sealed(connection, forgetting.person, forgetting.id)
        if sealed is None:
            return Words()
        words = json.loads(self._vault.unseal(sealed, forgetting.space_id, forgetting.id).reveal())
        return Words(tuple(words["spoken"]), tuple(words["folded"]))


def _gone(kind: ItemKind, ids: list[str]) -> Gone:
    if kind is ItemKind.RUN:
        return Gone(frozenset(), run_ids=frozenset(map(RunId, ids)))
    if kind is ItemKind.CONVERSATION:
        return Gone(frozenset(), conversation_ids=frozenset(map(ConversationId, ids)))
    return Gone(frozenset(map(EntryId, ids)))


def _with_imports(gone: Gone, entries: Sequence[Entry]) -> Gone:
    imported = [entry for entry in entries if entry.source not in _IMPORTED_BY_HAND]
    if not imported:
        return gone
    at = [entry.recorded_at for entry in imported]
    return Gone(gone.entry_ids, recorded=(min(at), max(at)), imported_from=frozenset(each.source for each in imported))
