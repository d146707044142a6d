"""DBOS, the durable engine: the one module of `runs` that calls it. It knows ids only.

A workflow's id is the segment's, its input is that id, its step results are references. Workflows execute on an event
loop of their own, so that a busy web server and a busy run do not wait for each other.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from enum import Enum
from typing import TYPE_CHECKING, Any

from everword.core.ids import SegmentId, new_id
from everword.storage.database import Database
from everword.storage.leadership import Leadership

if TYPE_CHECKING:
    from sqlalchemy import Engine as SqlEngine  # allowed: sql: DBOS takes an engine and opens SQLite without WAL

_PROTOCOL = "1"  # workflows of another number are not taken up: raise it when the order of steps changes
_MAKING_TABLES = 0x64626F73  # "dbos"
_ENDED = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})


class Handed(Enum):
    """What came of handing a segment over."""

    BEGUN = "begun"  # it executes here
    GOES_ON = "goes on"  # an execution had broken off: a process that is free goes on where its records end
    HAD_ENDED = "had ended"  # its workflow had ended before


class Workflows:
    """The engine of this process, from `start` to `close`. `execute` is what a workflow does."""

    def __init__(self, database: Database, execute: Callable[[SegmentId], Awaitable[None]]) -> None:
        self._database = database
        self._execute = execute
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="runs", daemon=True)
        self._workflow: Callable[[str], Coroutine[Any, Any, None]] | None = None

    def start(self, giving_up: threading.Event) -> bool:
        """Start; takes about a second. False where `giving_up` was set first.

        Processes that start together do so in turn: the engine makes its tables.
        """
        turn = Leadership(self._database, _MAKING_TABLES)
        if not turn.wait(giving_up):
            return False
        try:
            self._start()
        finally:
            turn.release()
        return True

    def _start(self) -> None:
        from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

        config: DBOSConfig = {
            "name": "everword",
            "application_version": _PROTOCOL,
            "executor_id": new_id(),  # nothing of an earlier process is taken up unasked: our rows say what is
            "serializer": DBOSPortableJSONSerializer(),
            "notification_listener_polling_interval_sec": 1.0,
            "log_level": "ERROR",
            "enable_otlp": False,
            "system_database_url": self._url(),
        }
        if self._database.is_sqlite:
            config["system_database_engine"] = _sqlite_engine(self._url())
        DBOS(config=config)

        async def segment(segment_id: str) -> None:
            await self._execute(SegmentId(segment_id))

        self._workflow = DBOS.workflow(name="segment", max_recovery_attempts=None)(segment)
        self._thread.start()
        self.run(_launch(DBOS)).result()

    def close(self) -> None:
        """Stop executing. What is under way stays on record as it is, as after a crash."""
        if self._workflow is not None:
            from dbos import DBOS

            self.run(_end_tasks()).result(timeout=10)  # first: the engine takes its threads away from what still runs
            DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=0)
            self.run(_end_threads()).result(timeout=10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=5)
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> "Future[Any]":
        """Do `work` on the engine's loop; from any other thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call(self, work: Callable[[], object]) -> None:
        """Call `work` on the engine's loop, soon; from any thread. Nothing happens once that is closed."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)

    async def hand_over(self, segment_id: SegmentId, *, is_fresh: bool) -> Handed:
        """Let a segment be executed that no live process executes; the caller has made sure of that.

        One that is not `is_fresh` may have been begun before. Then it goes on in whichever process takes it first from
        the engine's own queue, within about a second.
        """
        from dbos import DBOS, SetWorkflowID

        if self._workflow is None:
            raise RuntimeError("the engine has not been started")
        status = None if is_fresh else await DBOS.get_workflow_status_async(segment_id)
        if status is None:
            with SetWorkflowID(segment_id):
                await DBOS.start_workflow_async(self._workflow, segment_id)
            return Handed.BEGUN
        if status.status in _ENDED:
            return Handed.HAD_ENDED
        if status.status != "ENQUEUED":  # resuming it once more would take it from who has just begun it
            await DBOS.resume_workflow_async(segment_id)
        return Handed.GOES_ON

    def _url(self) -> str:
        """SQLite: a file of its own beside the database, so that steps do not wait for the ledger's writer."""
        url = self._database.url
        if self._database.is_sqlite:
            url = url.set(database=f"{url.database}.engine")
        else:
            url = url.update_query_dict({"application_name": self._database.session})
        return url.render_as_string(hide_password=False)


async def run_step(name: str, work: Callable[[], Awaitable[Any]]) -> Any:
    """Do `work` as a recorded step of the workflow at hand."""
    from dbos import DBOS

    return await DBOS.run_step_async({"name": name}, work)


async def _launch(dbos: Any) -> None:
    """Launched inside our loop, the engine runs its workflows there, recovered ones too."""
    dbos.launch()


async def _end_tasks() -> None:
    """Cancel what still runs on the loop. Rows and records stay as they are: that is what a crash would leave, too."""
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _end_threads() -> None:
    await _end_tasks()
    await asyncio.get_running_loop().shutdown_default_executor()


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
