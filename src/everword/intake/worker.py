"""One import after the other, in the background: parse in a process of its own, deliver batch by batch."""

import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from everword.core import clock
from everword.core.background import Background
from everword.core.errors import EverwordError
from everword.core.types import Principal
from everword.intake import store
from everword.intake.courtesy import pause_after, wait_for_person
from everword.intake.deliver import Delivery
from everword.intake.errors import Bomb, Damaged, ImportFailed, NothingReadable, ParserCrashed, UnknownFormat
from everword.intake.labels import Belief
from everword.intake.records import Record, Skipped, from_wire
from everword.intake.spool import Spool
from everword.intake.supervise import Parser
from everword.intake.types import Checkpoint, ImportJob, ImportState
from everword.storage import events
from everword.storage.database import Database

_log = logging.getLogger(__name__)
_PROGRESS_S = 0.5
_MOST_WAIT_S = 15.0
_REPORT_LINES = 500
_CPU_S, _CPU_S_PER_MB = 120, 2

_LOOK_S = 30.0


class ImportWorker(Background):
    """The thread that takes queued imports, the oldest first.

    Before each batch it looks whether a person waits for an answer, and asks `should_yield()`; while that gives more
    than zero, the worker waits that many seconds. So a person who talks goes first; a batch is held back for 15 seconds
    at most, so that no import ever starves. What is running when the process ends goes on at the next start.
    """

    def __init__(self, database: Database, spool: Spool, should_yield: Callable[[], float]) -> None:
        super().__init__("imports", after_failure_s=_LOOK_S)
        self._database = database
        self._spool = spool
        self._should_yield = should_yield
        self._lock = threading.Lock()
        self._current: _Running | None = None

    def stop(self) -> None:
        """End between two batches. The job stays where it is and goes on at the next start."""
        self._stopping.set()
        with self._lock:
            if self._current is not None:
                self._current.interrupt()
        super().stop()

    def interrupt(self, job_id: str) -> None:
        """End the job's parser, if it is the one that runs. Its state was changed before."""
        with self._lock:
            if self._current is not None and self._current.job.id == job_id:
                self._current.interrupt()

    def run_queued(self) -> None:
        """Work until nothing is queued. What the thread does, for callers that have no thread."""
        while not self._stopping.is_set() and (job := self._take()) is not None:
            running = _Running(self._database, self._spool, job, self._should_yield)
            with self._lock:
                self._current = running
            try:
                running.run()
            finally:
                with self._lock:
                    self._current = None

    def _round(self) -> float:
        self.run_queued()
        return _LOOK_S

    def _take(self) -> ImportJob | None:
        with self._database.writing(Principal.system()) as connection:
            for job in store.in_state(connection, Principal.system(), ImportState.QUEUED):
                if self._database.is_sqlite or self._spool.has(job.id):
                    return store.move(connection, job.importer, job.id, ImportState.RUNNING, ImportState.QUEUED)
        return None


class _Running:
    """One job while it runs."""

    def __init__(self, database: Database, spool: Spool, job: ImportJob, should_yield: Callable[[], float]) -> None:
        self.job = job
        self._database = database
        self._spool = spool
        self._should_yield = should_yield
        self._interrupted = threading.Event()
        self._parser: Parser | None = None
        self._told_at = 0.0

    def interrupt(self) -> None:
        self._interrupted.set()
        if self._parser is not None:
            self._parser.kill()

    def run(self) -> None:
        """Deliver the file, and record how it ended."""
        try:
            self._deliver_all()
        except EverwordError as error:
            if not self._interrupted.is_set():
                self._fail(error)
        except Exception:  # boundary: one import; its failure is recorded with the job and in the log
            _log.error("import %s: %s", self.job.id, traceback.format_exc())
            self._fail(ImportFailed(why="an error of ours, which is in the log"))
        else:
            self._end()

    def _deliver_all(self) -> None:
        job = self.job
        options = job.checkpoint.options
        try:
            file = self._spool.path(job.id).open("rb")
        except FileNotFoundError:
            raise ImportFailed(why="its file is gone") from None
        with file, Parser(self._request(), file) as parser:
            self._parser = parser
            delivery: Delivery | None = None
            for frame in parser.frames():
                if "format" in frame:
                    self._begin(str(frame["format"]))
                    delivery = Delivery(
                        job.importer,
                        job.space_id,
                        Belief(options.me, options.owner_is_me),
                        job.created_at,
                        is_restore=frame["format"] == "everword",
                    )
                elif delivery is not None:
                    start = clock.monotonic()
                    self._deliver(delivery, frame)
                    self._interrupted.wait(pause_after(clock.monotonic() - start))
                self._give_way()
                if self._interrupted.is_set():
                    raise ImportFailed(why="it was cancelled")
        if not self._brought_something():
            first = self.job.report[0] if self.job.report else None
            raise NothingReadable(why=f"{first['what']}, {first['why']}" if first else "there is no message in it")

    def _brought_something(self) -> bool:
        counts = self.job.counts
        is_restore = self.job.format == "everword"  # of a ledger that may have been empty
        return is_restore or bool(counts.entries or counts.already_there)

    def _request(self) -> dict[str, Any]:
        job, options = self.job, self.job.checkpoint.options
        is_restore = job.format == "everword"  # where moved ids are remembered only while it runs
        return {
            "do": "parse",
            "name": job.name,
            "size_bytes": job.size_bytes,
            "modified_at": options.modified_at,
            "format": options.format,
            "time_zone": options.time_zone,
            "skip": 0 if is_restore else job.checkpoint.done,
            "cpu_s": _CPU_S + job.size_bytes * _CPU_S_PER_MB // 1_000_000,
        }

    def _begin(self, format: str) -> None:
        self.job = replace(self.job, format=format)
        with self._database.writing(self.job.importer) as connection:
            store.set_format(connection, self.job.importer, self.job.id, format)
            self._tell(connection)

    def _deliver(self, delivery: Delivery, frame: dict[str, Any]) -> None:
        """One batch and the checkpoint behind it, in one transaction."""
        records = _records(frame)
        job, who = self.job, self.job.importer
        with self._database.writing(who) as connection:
            delivered = delivery.deliver(connection, records)
            done = int(frame["done"])
            is_again = done <= job.checkpoint.done  # a restore that starts over has counted these before
            after = replace(
                job,
                done_bytes=min(max(int(frame["read_bytes"]), job.done_bytes), job.size_bytes),
                counts=job.counts if is_again else job.counts + delivered.counts,
                report=job.report if is_again else _add(job.report, delivered.skipped),
                checkpoint=Checkpoint(job.checkpoint.options, max(done, job.checkpoint.done)),
            )
            store.advance(connection, who, after)
            self.job = after
            self._tell(connection)

    def _tell(self, connection: Any, *, now: bool = False) -> None:
        """Say how far it has got, twice a second at most."""
        if now or clock.monotonic() - self._told_at >= _PROGRESS_S:
            self._told_at = clock.monotonic()
            payload = {"job": self.job.as_json()}
            events.append(connection, self.job.importer, self.job.space_id, "import.progress", payload)

    def _give_way(self) -> None:
        """Wait while somebody waits; but where that never ends, one batch now and then still goes through."""
        until = clock.monotonic() + _MOST_WAIT_S
        while not self._interrupted.is_set() and clock.monotonic() < until:
            pause = self._should_yield() or wait_for_person(self._database)
            if pause <= 0:
                return
            self._interrupted.wait(pause)

    def _end(self) -> None:
        who = self.job.importer
        self.job = replace(self.job, done_bytes=self.job.size_bytes)
        with self._database.writing(who) as connection:
            store.advance(connection, who, self.job)
            ended = store.move(connection, who, self.job.id, ImportState.DELIVERED, ImportState.RUNNING)
            if ended is not None:
                events.append(connection, who, ended.space_id, "import.finished", {"job": ended.as_json()})
        self._spool.remove(self.job.id)

    def _fail(self, error: EverwordError) -> None:
        who = self.job.importer
        with self._database.writing(who) as connection:
            ended = store.fail(connection, who, self.job.id, error.code, error.message)
            if ended is None:
                return
            events.append(connection, who, ended.space_id, "import.finished", {"job": ended.as_json()})
        if isinstance(error, Damaged | Bomb | UnknownFormat | NothingReadable):  # it would fail again
            self._spool.remove(self.job.id)


def _records(frame: dict[str, Any]) -> list[Record]:
    """What a frame holds. The parser read a stranger's file: what it sends is checked like anything from outside."""
    try:
        return [from_wire(wire) for wire in frame["records"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ParserCrashed(why=f"it sent what is no record ({error})") from error


def _add(report: list[dict[str, Any]], skipped: list[Skipped]) -> list[dict[str, Any]]:
    """The report with more in it: the same thing for the same reason is one line with a count."""
    lines = {(line["what"], line["why"]): dict(line) for line in report}
    for item in skipped:
        key = (item.what, item.why)
        if key not in lines and len(lines) >= _REPORT_LINES:
            key = ("others", "the list is cut here")
        line = lines.setdefault(key, {"what": key[0], "why": key[1], "count": 0})
        line["count"] += item.count
    return list(lines.values())
