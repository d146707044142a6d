"""What can be done with imports: bring a file, look how far it is, cancel it, go on after a failure."""

from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from everword.core import clock
from everword.core.errors import Invalid
from everword.core.ids import ImportId, new_id
from everword.core.types import Principal
from everword.intake import store
from everword.intake.errors import NotResumable
from everword.intake.spool import Arriving, Spool
from everword.intake.types import ImportJob, ImportOptions, ImportState
from everword.intake.worker import ImportWorker
from everword.storage import events
from everword.storage.database import Database

_FAILED_KEPT = timedelta(days=7)
_NAME_CHARACTERS = 300
MAX_FILE_BYTES = 16 * 1024**3


class Intake:
    """Imports of one installation, whose files wait in `folder`. Safe to share between threads.

    `should_yield()` gives the seconds for which imports should wait, because a person is waiting; 0 for none.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        *,
        should_yield: Callable[[], float] = lambda: 0.0,
        max_bytes: int = MAX_FILE_BYTES,
    ) -> None:
        self._database = database
        self._spool = Spool(folder, max_bytes)
        self._worker = ImportWorker(database, self._spool, should_yield)

    def start(self) -> None:
        """Tidy up after a crash, and go on with what is queued, in a thread."""
        self.recover()
        self._worker.start()

    def stop(self) -> None:
        """End between two batches. What was running goes on at the next start."""
        self._worker.stop()

    def recover(self) -> None:
        """Queue what this process left running when it ended, and remove files that nobody will read."""
        everyone = Principal.system()
        with self._database.writing(everyone) as connection:
            for job in store.in_state(connection, everyone, ImportState.RUNNING):
                if self._database.is_sqlite or self._spool.has(job.id):
                    store.move(connection, job.importer, job.id, ImportState.QUEUED, ImportState.RUNNING)
            since = clock.now() - _FAILED_KEPT
            failed = store.in_state(connection, everyone, ImportState.FAILED)
            waiting = store.in_state(connection, everyone, ImportState.QUEUED)
        recent = [job for job in failed if job.ended_at is not None and job.ended_at > since]
        self._spool.keep_only({job.id for job in (*waiting, *recent)})

    def run_queued(self) -> None:
        """Work until nothing is queued, in this thread: for a command while no server runs."""
        self._worker.run_queued()

    def receive(self, who: Principal, name: str, options: ImportOptions, announced_bytes: int | None) -> "Receiving":
        """Begin to take a file. Raises Invalid, ImportTooLarge or NoRoom."""
        _check(options)
        job_id = ImportId(new_id())
        return Receiving(self, who, job_id, name, options, self._spool.receive(job_id, announced_bytes))

    def listed(self, who: Principal) -> list[ImportJob]:
        """The person's imports, newest first."""
        with self._database.reading(who) as connection:
            return store.listed(connection, who)

    def get(self, who: Principal, id: ImportId) -> ImportJob:
        """One import. Raises NotFound."""
        with self._database.reading(who) as connection:
            return store.get(connection, who, id)

    def cancel(self, who: Principal, id: ImportId) -> ImportJob:
        """Stop an import. What was delivered stays; the file is removed. Raises NotFound."""
        open_states = (ImportState.QUEUED, ImportState.RUNNING, ImportState.FAILED)
        with self._database.writing(who) as connection:
            job = store.get(connection, who, id)
            cancelled = store.move(connection, who, id, ImportState.CANCELLED, *open_states)
            if cancelled is None:
                return job
            events.append(connection, who, job.space_id, "import.finished", {"job": cancelled.as_json()})
        self._worker.interrupt(id)
        self._spool.remove(id)
        return cancelled

    def resume(self, who: Principal, id: ImportId) -> ImportJob:
        """Queue a failed import again, from its checkpoint. Raises NotFound or NotResumable."""
        with self._database.writing(who) as connection:
            job = store.get(connection, who, id)
            if job.state is not ImportState.FAILED:
                raise NotResumable(why=f"it is {job.state}")
            if not self._spool.path(id).exists():
                raise NotResumable(why="its file is not kept, because it could not be read")
            queued = store.move(connection, who, id, ImportState.QUEUED, ImportState.FAILED)
        self._worker.notify()
        return queued or job

    def forget_files(self, ids: Collection[ImportId]) -> None:
        """Remove the files of imports that failed, where they still wait for another try."""
        for each in ids:
            self._spool.remove(each)

    def _accept(self, receiving: "Receiving", sha256: bytes) -> ImportJob:
        who = receiving.who
        name = receiving.name[-_NAME_CHARACTERS:].replace("\0", "") or "import"
        with self._database.writing(who) as connection:
            job = store.create(connection, who, receiving.id, name, receiving.size_bytes, sha256, receiving.options)
            events.append(connection, who, job.space_id, "import.progress", {"job": job.as_json()})
        self._worker.notify()
        return job


class Receiving:
    """A file on its way in. `finish` makes it a job; until then a crash leaves nothing that counts."""

    def __init__(
        self, intake: Intake, who: Principal, id: ImportId, name: str, options: ImportOptions, arriving: Arriving
    ) -> None:
        self.who = who
        self.id = id
        self.name = name
        self.options = options
        self._intake = intake
        self._arriving = arriving

    @property
    def size_bytes(self) -> int:
        """How much has come."""
        return self._arriving.size_bytes

    def write(self, chunk: bytes) -> None:
        """The next bytes. Raises ImportTooLarge or NoRoom."""
        self._arriving.write(chunk)

    def finish(self) -> ImportJob:
        """The file is whole: queue its import. Raises Invalid for an empty one."""
        if not self.size_bytes:
            self.abandon()
            raise Invalid(why=f"{self.name} is empty.")
        return self._intake._accept(self, self._arriving.finish())

    def abandon(self) -> None:
        """The file will not come: leave nothing of it."""
        self._arriving.abandon()


def _check(options: ImportOptions) -> None:
    from everword.intake.formats.parsers import FORMATS

    if options.format is not None and options.format not in FORMATS:
        raise Invalid(why=f"{options.format!r} is no format. It may be one of: {', '.join(FORMATS)}.")
    try:
        ZoneInfo(options.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(why=f"{options.time_zone!r} is no time zone. It should be like Europe/Berlin.") from None
