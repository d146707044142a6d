"""Executing runs: every process takes what nobody has, and takes over what a process that died had.

Our rows say which process has a segment; the durable engine (`workflows`) executes it.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path

from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.ids import PersonId, RunId, SegmentId
from everword.core.types import Principal, Priority
from everword.runs import service, store
from everword.runs.errors import BrokeOffTooOften, EndedWithoutOutcome, Stopped, TakenOver, UnknownKind
from everword.runs.membership import Membership
from everword.runs.segment import STORAGE_PAUSE_S, Segment, T
from everword.runs.types import Claim, Kind, RunState, Waiting
from everword.runs.workflows import Handed, Workflows, run_step
from everword.storage.database import Database
from everword.storage.errors import DatabaseUnreachable, StorageFull

_log = logging.getLogger(__name__)

#: How often a run is taken up again without having got further: a person waits for an answer, background work can
#: stand that the program is ended often for other reasons.
ATTEMPTS = {Priority.PERSON: 3, Priority.PROGRAM: 3, Priority.BACKGROUND: 20}
BACKGROUND_AT_ONCE = 16
"""How many background runs a process executes at once. Others are queued, and cost nothing."""
_LOOK_S = 1.0  # for what other processes enqueue, leave behind, or die with
_LOOK_ALONE_S = 5.0  # on SQLite there are no others
_LOST_AFTER_S = 15.0  # after so long, a segment that nobody has begun, or that is left open, is handed over again
_EFFECTS_END_S = 5.0
_SYSTEM = Principal.system()


@dataclass(slots=True)
class _Handed:
    """A segment that this process has handed to the engine; `segment` and `task` once it executes here.

    It `is_begun` before that, while its row cannot be written.
    """

    priority: Priority
    at: float = field(default_factory=clock.monotonic)
    is_begun: bool = False
    segment: Segment | None = None
    task: "asyncio.Task[None] | None" = None


class Engine:
    """Executes runs. One a process; `folder` is the process's own.

    `principal_of` says for whom a person's run works; `kinds` what each kind of run executes; `is_pressed` whether what
    was shelved for somebody who waits has to stay so.
    """

    def __init__(
        self,
        database: Database,
        principal_of: Callable[[PersonId], Principal],
        kinds: Mapping[str, Kind],
        folder: Path,
        is_pressed: Callable[[], bool] = lambda: False,
    ) -> None:
        import_module("sqlalchemy.orm")  # half imported by DBOS in its thread, it breaks statements made in others
        self._database = database
        self._principal_of = principal_of
        self._kinds = kinds
        self._is_pressed = is_pressed
        self._membership = Membership(database, folder)
        self._workflows = Workflows(database, self._execute)
        self._handed: dict[SegmentId, _Handed] = {}
        self._stray: dict[SegmentId, float] = {}
        """Open segments that are ours and are not executed, each since when that was seen."""
        self._wanted = asyncio.Event()
        self._look_at = 0.0
        self._ready = threading.Event()
        self._closing = threading.Event()
        self._starting = threading.Lock()

    def start(self) -> None:
        """Execute from now on, beside other processes on this database. Returns at once."""
        threading.Thread(target=self._start, name="engine", daemon=True).start()

    def _start(self) -> None:
        with self._starting:
            if self._workflows.start(self._closing):
                self._ready.set()
                self._workflows.run(self._attend())

    def wait_ready(self, timeout_s: float) -> bool:
        """Block until this process executes runs; False when that takes longer than `timeout_s`."""
        return self._ready.wait(timeout_s)

    @property
    def is_ready(self) -> bool:
        """Whether runs can execute."""
        return self._ready.is_set()

    def launch(self, run_id: RunId) -> None:
        """Begin to execute a run whose row is committed, if it is its turn and there is room. Returns at once.

        Behind another run of its conversation it begins when that has ended; background work when there is room, in
        whichever process that is. Before the engine has started nothing is done: its first look finds the row.
        """
        self._look_now()

    def stop(self, run_id: RunId) -> None:
        """Tell the run, if this process executes it, that its row asks for a stop."""
        for segment in self._active():
            if segment.run.id == run_id:
                self._workflows.call(segment.stop.set)

    def close(self) -> None:
        """Stop executing. An effect under way gets some seconds to end; the rest goes on in another process, or here
        after the next start."""
        self._closing.set()
        with self._starting:
            if self._ready.is_set():
                self._workflows.run(self._let_effects_end()).result()
            self._workflows.close()
            self._membership.leave()

    async def _let_effects_end(self) -> None:
        for segment in self._active():
            segment.leaving.set()
        until = clock.monotonic() + _EFFECTS_END_S
        while clock.monotonic() < until and any(each.is_acting for each in self._active()):  # noqa: ASYNC110 (once)
            await asyncio.sleep(0.02)

    def _active(self) -> list[Segment]:
        return [handed.segment for handed in list(self._handed.values()) if handed.segment is not None]

    def _look_now(self) -> None:
        if self._ready.is_set():
            self._workflows.call(self._wanted.set)

    async def _attend(self) -> None:
        """Look for what is to be executed: now and then, and when somebody says that there is something."""
        every_s = _LOOK_ALONE_S if self._database.is_sqlite else _LOOK_S
        while not self._closing.is_set():
            self._wanted.clear()
            try:
                if clock.monotonic() >= self._look_at or not self._membership.is_current:
                    self._look_at = clock.monotonic() + every_s
                    await self._look_around()
                await self._take_what_is_free()
            except Exception:  # boundary: one failed look must not end all looks
                _log.exception("Looking for runs failed; the next look is in %s s.", every_s)
                await asyncio.sleep(every_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), max(self._look_at - clock.monotonic(), 0.0))

    async def _look_around(self) -> None:
        """Wake what is due, take over what dead processes had, and mend what was lost on the way to the engine."""
        if not self._membership.is_current:
            self._let_go()
            await self._take_over(self._membership.join)
        await asyncio.to_thread(self._wake)
        for dead in await asyncio.to_thread(self._membership.dead):
            _log.warning("The process %s has died. This one takes over what it executed.", dead.id)
            await self._take_over(partial(self._membership.inherit, dead))
        await self._hand_over(await asyncio.to_thread(self._lost))

    async def _take_over(self, inherit: Callable[[], list[SegmentId]]) -> None:
        inherited = await asyncio.to_thread(inherit)
        if inherited:
            await self._hand_over(await asyncio.to_thread(self._begun, inherited))

    def _begun(self, segment_ids: Collection[SegmentId]) -> list[Claim]:
        with self._database.reading(_SYSTEM) as connection:
            return store.begun_claims(connection, _SYSTEM, segment_ids)

    def _let_go(self) -> None:
        """The others take this process for dead by now, or soon will: what it executes goes on elsewhere."""
        for handed in list(self._handed.values()):
            if handed.task is not None:
                handed.task.cancel()
        self._handed.clear()

    def _lost(self) -> list[Claim]:
        """The segments that are this process's by their rows, and that it has not been executing for some time."""
        me = self._membership.id
        if me is None:
            return []
        before = clock.monotonic() - _LOST_AFTER_S
        handed = dict(self._handed)  # which the engine's own thread changes meanwhile
        late = {key for key, each in handed.items() if not each.is_begun and each.at < before}
        with self._database.reading(_SYSTEM) as connection:
            held = store.held(connection, _SYSTEM, me)
        for segment_id in late - held:
            self._handed.pop(segment_id, None)
        stray = held - (handed.keys() - late)
        self._stray = {each: self._stray.get(each, clock.monotonic()) for each in stray}
        lost = [each for each, since in self._stray.items() if each in late or since < before]
        for segment_id in lost:
            del self._stray[segment_id]
        return self._begun(lost) if lost else []

    async def _take_what_is_free(self) -> None:
        await self._hand_over(await asyncio.to_thread(self._claim))

    def _claim(self) -> list[Claim]:
        me = self._membership.id
        if me is None:
            return []
        background = sum(handed.priority is Priority.BACKGROUND for handed in list(self._handed.values()))
        with self._database.writing(_SYSTEM, is_heard=False) as connection:
            return store.claim(connection, _SYSTEM, me, background=BACKGROUND_AT_ONCE - background)

    async def _hand_over(self, claims: Collection[Claim]) -> None:
        """Give the engine segments that are this process's by their rows."""
        for claim in claims:
            before = self._handed.get(claim.segment_id)
            if before is not None and before.is_begun:  # since it was looked for
                continue
            self._handed[claim.segment_id] = _Handed(claim.priority)
            if await self._workflows.hand_over(claim.segment_id, is_fresh=claim.is_fresh) is Handed.HAD_ENDED:
                self._handed.pop(claim.segment_id, None)
                await self._settle(claim.segment_id, EndedWithoutOutcome())

    async def _execute(self, segment_id: SegmentId) -> None:
        """The workflow: one segment of one run, from its start or from where the records end."""
        handed = self._handed.get(segment_id)
        try:
            if handed is not None:
                handed.is_begun = True
            segment = await self._recorded(partial(self._begin, segment_id))
            if segment is not None:
                handed = self._handed.setdefault(segment_id, _Handed(segment.run.priority, is_begun=True))
                handed.segment, handed.task = segment, asyncio.current_task()
                await self._work(segment)
        except TakenOver:  # what the engine has of it stays open: another process goes on with it
            raise asyncio.CancelledError from None
        finally:
            if handed is None or self._handed.get(segment_id) is handed:
                self._handed.pop(segment_id, None)
            if handed is not None and handed.segment is not None and handed.segment.run.parent_id is not None:
                self._look_at = 0.0  # its parent may wait for it
            self._wanted.set()

    async def _work(self, segment: Segment) -> None:
        try:
            kind = self._kinds.get(segment.run.kind)
            if kind is None:
                raise UnknownKind(kind=segment.run.kind)
            attempts = ATTEMPTS[segment.run.priority]
            if segment.run.attempt > attempts:
                raise BrokeOffTooOften(attempts=attempts)
            await kind(segment)
        except TakenOver:
            raise
        except Stopped as stopped:
            await self._settle(segment.id, stopped, RunState.CANCELLED, "stopped by the owner")
        except EverwordError as error:
            await self._settle(segment.id, error)
        except Exception:  # boundary: a mistake in one run ends that run and no other
            _log.exception("Run %s failed.", segment.run.id)
            await self._settle(segment.id, EverwordError())
        else:
            await self._settle(segment.id, EndedWithoutOutcome())

    def _wake(self) -> None:
        """Queue the runs for which has come what they waited for; stop those whose parent will not read them."""
        stays = Waiting.POSTURE.value if self._is_pressed() else None
        with self._database.reading(_SYSTEM) as connection:
            due = store.due(connection, _SYSTEM, clock.now(), but_for=stays)
            orphans = store.orphans(connection, _SYSTEM)
        for run in due:
            with self._database.writing(_SYSTEM) as connection:
                service.wake(connection, _SYSTEM, run.id)
        for orphan in orphans:
            with self._database.writing(_SYSTEM) as connection:
                service.request_stop(connection, _SYSTEM, orphan.id)
            self.stop(orphan.id)

    def _begin(self, segment_id: SegmentId) -> Segment | None:
        """The segment with its run marked as running; None where it or the run has ended already. Raises TakenOver.

        The engine takes a segment up again that had ended as the program died: its run may be in a later one by now.
        """
        me = self._membership.id
        if me is None or not self._membership.is_current or self._closing.is_set():
            raise TakenOver
        with self._database.writing(_SYSTEM) as connection:
            row = store.get_segment(connection, _SYSTEM, segment_id)
            run = store.get(connection, _SYSTEM, row.run_id, hold=True)
            if run.state.is_ended or store.get_segment(connection, _SYSTEM, segment_id).ended_at is not None:
                return None
            store.hold(connection, _SYSTEM, segment_id, me)
            run = service.begin(connection, _SYSTEM, run)
        segment = Segment(
            segment_id,
            me,
            run,
            self._principal_of(run.person_id),
            self._database,
            run_step,
            is_current=lambda: self._membership.is_current and self._membership.id == me,
        )
        if run.stop_requested_at is not None:
            segment.stop.set()
        return segment

    async def _settle(
        self, segment_id: SegmentId, error: EverwordError, state: RunState = RunState.FAILED, cause: str = ""
    ) -> None:
        """End the run of a segment that is still open. Ended, waiting, or gone on in another, it is left as it is."""
        await self._recorded(partial(self._end, segment_id, error, state, cause or error.code))

    async def _recorded(self, write: Callable[[], T]) -> T:
        """What `write` returns, tried until the database takes it. Raises TakenOver where another process goes on."""
        while True:
            try:
                return await asyncio.to_thread(write)
            except (StorageFull, DatabaseUnreachable):
                if self._closing.is_set() or not self._membership.is_current:
                    raise TakenOver from None
                _log.exception("The state of a run cannot be recorded; it is tried again.")
                await asyncio.sleep(STORAGE_PAUSE_S)

    def _end(self, segment_id: SegmentId, error: EverwordError, state: RunState, cause: str) -> None:
        with self._database.writing(_SYSTEM) as connection:
            run = store.get(connection, _SYSTEM, store.get_segment(connection, _SYSTEM, segment_id).run_id, hold=True)
            row = store.get_segment(connection, _SYSTEM, segment_id)
            if row.executor != self._membership.id:
                raise TakenOver
            if row.ended_at is None:
                failure = error if state is RunState.FAILED else None
                service.finish(connection, _SYSTEM, run.id, state, cause=cause, error=failure)
