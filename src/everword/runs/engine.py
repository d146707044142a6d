"""The durable engine (DBOS): executes segments whose rows are ours, and takes up again what a crash left.

The engine knows ids only: a workflow's id is the segment's, its input is that id, step results are references. Runs
execute on an event loop of their own, so that a busy web server and a busy run do not wait for each other.
"""

import asyncio
import contextvars
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from importlib import import_module
from typing import TYPE_CHECKING, Any

from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.ids import PersonId, RunId, SegmentId
from everword.core.types import Principal, Priority
from everword.runs import service, store
from everword.runs.errors import BrokeOffTooOften, EndedWithoutOutcome, Stopped, UnknownKind
from everword.runs.segment import Segment
from everword.runs.types import Kind, Run, RunState, SegmentRow
from everword.storage.database import Database
from everword.storage.leadership import Leadership

if TYPE_CHECKING:
    from sqlalchemy import Engine as SqlEngine  # allowed: sql: DBOS takes an engine and opens SQLite without WAL

_log = logging.getLogger(__name__)

#: How often a run is taken up again without having got further: a person waits for an answer, background work can
#: stand that the program is ended often for other reasons.
ATTEMPTS = {Priority.PERSON: 3, Priority.PROGRAM: 3, Priority.BACKGROUND: 20}
SWEEP_S = 5.0
_LEADER = 0x72756E73  # "runs"
_PROTOCOL = "1"  # workflows of another number are not taken up: raise it when the order of steps changes


class Engine:
    """Executes runs. One a process.

    `principal_of` says for whom a person's run works; `kinds` what each kind of run executes.
    """

    def __init__(
        self, database: Database, principal_of: Callable[[PersonId], Principal], kinds: Mapping[str, Kind]
    ) -> None:
        import_module("sqlalchemy.orm")  # half imported by DBOS in its thread, it breaks statements made in others
        self._database = database
        self._principal_of = principal_of
        self._kinds = kinds
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="runs", daemon=True)
        self._active: dict[RunId, Segment] = {}
        self._handed_over: set[SegmentId] = set()
        self._following: set[asyncio.Task[None]] = set()
        self._workflow: Callable[[str], Coroutine[Any, Any, None]] | None = None
        self._ready = threading.Event()
        self._closing = threading.Event()
        self._starting = threading.Lock()
        self._leadership = Leadership(database, _LEADER)

    def start(self) -> None:
        """Execute from now on. Returns at once; where another process executes already, stand by until it dies."""
        threading.Thread(target=self._lead, name="engine", daemon=True).start()

    def wait_ready(self, timeout_s: float) -> bool:
        """Block until this process executes runs; False when that takes longer than `timeout_s`."""
        return self._ready.wait(timeout_s)

    def _lead(self) -> None:
        with self._starting:
            if self._leadership.wait(self._closing):
                self._begin_executing()

    def _begin_executing(self) -> None:
        """Start the engine and take up what an earlier process left. Takes about a second."""
        from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

        config: DBOSConfig = {
            "name": "everword",
            "application_version": _PROTOCOL,
            "executor_id": "everword",
            "serializer": DBOSPortableJSONSerializer(),
            "notification_listener_polling_interval_sec": 1.0,
            "log_level": "ERROR",
            "enable_otlp": False,
            "system_database_url": self._engine_url(),
        }
        if self._database.is_sqlite:
            config["system_database_engine"] = _sqlite_engine(self._engine_url())
        DBOS(config=config)

        async def segment(segment_id: str) -> None:
            await self._execute(SegmentId(segment_id))

        self._workflow = DBOS.workflow(name="segment", max_recovery_attempts=None)(segment)
        self._thread.start()
        self._in_loop(_launch(DBOS)).result()
        self._ready.set()
        self._in_loop(self._sweep_for_ever())

    def close(self) -> None:
        """Stop executing. Runs in progress stay as they are and are taken up by the next process."""
        self._closing.set()
        with self._starting:
            if self._workflow is not None:
                self._stop_executing()
            self._leadership.release()
        self._loop.close()

    def _stop_executing(self) -> None:
        from dbos import DBOS

        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=0)
        self._in_loop(_end_tasks()).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def launch(self, run_id: RunId) -> None:
        """Begin to execute a run whose row is committed, if it is its turn. Returns at once.

        Behind another run of its conversation it begins when that has ended. Before the engine has started nothing is
        done: the sweep that follows the start finds the row.
        """
        if self._ready.is_set():
            self._in_loop(self._start_run(run_id))

    def stop(self, run_id: RunId) -> None:
        """Tell the run, if this process executes it, that its row asks for a stop."""
        segment = self._active.get(run_id)
        if segment is not None:
            self._loop.call_soon_threadsafe(segment.stop.set)

    @property
    def is_ready(self) -> bool:
        """Whether runs can execute."""
        return self._ready.is_set()

    async def _start_run(self, run_id: RunId) -> None:
        for segment in await asyncio.to_thread(self._unfinished):
            if segment.run_id == run_id:
                await self._start_segment(segment.id)

    def _start_following(self, ended: Run) -> None:
        """Begin what waited behind a run that has ended; outside that run's context, for it is no part of it."""
        task = self._loop.create_task(self._start_next(ended), context=contextvars.Context())
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def _start_next(self, ended: Run) -> None:
        following = await asyncio.to_thread(self._following_of, ended)
        if following is not None:
            await self._start_run(following.id)

    async def _start_segment(self, segment_id: SegmentId) -> None:
        """Hand a segment to the engine, once."""
        from dbos import DBOS, SetWorkflowID

        if self._workflow is None or self._closing.is_set() or segment_id in self._handed_over:
            return
        self._handed_over.add(segment_id)
        is_taken = False
        try:
            with SetWorkflowID(segment_id):
                await DBOS.start_workflow_async(self._workflow, segment_id)
            is_taken = True
        finally:
            if not is_taken:
                self._handed_over.discard(segment_id)

    async def _sweep_for_ever(self) -> None:
        """Reconcile our rows with the engine's records, at the start and every few seconds."""
        while not self._closing.is_set():
            try:
                await self._sweep()
            except Exception:  # boundary: one failed sweep must not end all sweeps
                _log.exception("The sweep over unfinished runs failed; the next one is in %s s.", SWEEP_S)
            await asyncio.sleep(SWEEP_S)

    async def _sweep(self) -> None:
        """Launch rows that the engine does not have, and settle rows whose workflow has ended without an outcome."""
        from dbos import DBOS

        await asyncio.to_thread(self._wake)
        for segment in await asyncio.to_thread(self._unfinished):
            if segment.run_id in self._active:
                continue
            status = await DBOS.get_workflow_status_async(segment.id)
            if status is None:
                await self._start_segment(segment.id)
            elif status.status in {"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"}:
                await self._settle(segment.id, EndedWithoutOutcome())

    async def _execute(self, segment_id: SegmentId) -> None:
        """The workflow: one segment of one run, from its start or from where the records end."""
        segment = None
        try:
            segment = await asyncio.to_thread(self._begin, segment_id)
            if segment is not None:
                self._active[segment.run.id] = segment
                await self._work(segment_id, segment)
        finally:
            self._handed_over.discard(segment_id)
            if segment is not None:
                if self._active.get(segment.run.id) is segment:
                    del self._active[segment.run.id]
                self._start_following(segment.run)

    async def _work(self, segment_id: SegmentId, segment: Segment) -> None:
        try:
            kind = self._kinds.get(segment.run.kind)
            if kind is None:
                raise UnknownKind(kind=segment.run.kind)
            attempts = ATTEMPTS[segment.run.priority]
            if segment.run.attempt > attempts:
                raise BrokeOffTooOften(attempts=attempts)
            await kind(segment)
        except Stopped as stopped:
            await self._settle(segment_id, stopped, RunState.CANCELLED, "stopped by the owner")
        except EverwordError as error:
            await self._settle(segment_id, error)
        except Exception:  # boundary: a mistake in one run ends that run and no other
            _log.exception("Run %s failed.", segment.run.id)
            await self._settle(segment_id, EverwordError())
        else:
            await self._settle(segment_id, EndedWithoutOutcome())

    def _wake(self) -> None:
        """Queue the runs whose time to go on by themselves has come."""
        system = Principal.system()
        with self._database.reading(system) as connection:
            due = store.due(connection, system, clock.now())
        for run in due:
            with self._database.writing(system) as connection:
                service.wake(connection, system, run.id)

    def _following_of(self, ended: Run) -> Run | None:
        if ended.conversation_id is None:
            return None
        with self._database.reading(Principal.system()) as connection:
            waiting = store.unfinished_of(connection, Principal.system(), [ended.conversation_id])
        return next(iter(waiting.get(ended.conversation_id, [])), None)

    def _unfinished(self) -> list[SegmentRow]:
        with self._database.reading(Principal.system()) as connection:
            return store.unfinished_segments(connection, Principal.system())

    def _begin(self, segment_id: SegmentId) -> Segment | None:
        """The segment with its run marked as running; None where it or the run has ended already.

        The engine takes a segment up again that had ended as the program died: its run may be in a later one by now.
        """
        system = Principal.system()
        with self._database.writing(system) as connection:
            row = store.get_segment(connection, system, segment_id)
            run = store.get(connection, system, row.run_id, hold=True)
            if run.state.is_ended or store.get_segment(connection, system, segment_id).ended_at is not None:
                return None
            run = service.begin(connection, system, run)
        segment = Segment(run, self._principal_of(run.person_id), self._database, _run_step)
        if run.stop_requested_at is not None:
            segment.stop.set()
        return segment

    async def _settle(
        self, segment_id: SegmentId, error: EverwordError, state: RunState = RunState.FAILED, cause: str = ""
    ) -> None:
        """End the run of a segment that is still open. Ended, waiting, or gone on in another, it is left as it is."""
        await asyncio.to_thread(self._end, segment_id, error, state, cause or error.code)

    def _end(self, segment_id: SegmentId, error: EverwordError, state: RunState, cause: str) -> None:
        system = Principal.system()
        with self._database.writing(system) as connection:
            run = store.get(connection, system, store.get_segment(connection, system, segment_id).run_id, hold=True)
            if store.get_segment(connection, system, segment_id).ended_at is None:
                failure = error if state is RunState.FAILED else None
                service.finish(connection, system, run.id, state, cause=cause, error=failure)

    def _in_loop(self, work: Coroutine[Any, Any, Any]) -> "Future[Any]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _engine_url(self) -> str:
        """SQLite: a file of its own beside the database, so that steps do not wait for the ledger's writer."""
        url = self._database.url
        if self._database.is_sqlite:
            url = url.set(database=f"{url.database}.engine")
        return url.render_as_string(hide_password=False)


async def _launch(dbos: Any) -> None:
    """Launched inside our loop, the engine runs its workflows there, recovered ones too."""
    dbos.launch()


async def _end_tasks() -> None:
    """Cancel what still runs on the loop. Rows and records stay as they are: that is what a crash would leave, too."""
    loop = asyncio.get_running_loop()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await loop.shutdown_default_executor()


async def _run_step(name: str, work: Callable[[], Awaitable[Any]]) -> Any:
    from dbos import DBOS

    return await DBOS.run_step_async({"name": name}, work)


def _sqlite_engine(url: str) -> "SqlEngine":
    """An engine for DBOS with WAL: it opens SQLite without."""
    from sqlalchemy import create_engine, event  # allowed: sql: it holds the engine's records, none of ours

    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")

    return engine
