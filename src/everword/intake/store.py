"""Import jobs' rows."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import ImportId
from everword.core.types import Principal
from everword.intake.types import Checkpoint, Counts, ImportJob, ImportOptions, ImportState
from everword.storage.schema.intake import import_job
from everword.storage.scope import require_space, visible

_COLUMNS = [column for column in import_job.c if column.name != "sha256"]


def create(
    connection: Connection,
    who: Principal,
    id: ImportId,
    name: str,
    size_bytes: int,
    sha256: bytes,
    options: ImportOptions,
) -> ImportJob:
    """Write a queued job into the person's own space."""
    values: dict[str, Any] = {
        "id": id,
        "space_id": require_space(who, who.own_space),
        "person_id": who.person_id,
        "name": name,
        "format": options.format,
        "size_bytes": size_bytes,
        "sha256": sha256,
        "state": ImportState.QUEUED.value,
        "done_bytes": 0,
        "counts": asdict(Counts()),
        "report": [],
        "checkpoint": asdict(Checkpoint(options)),
        "created_at": clock.now(),
    }
    return _job(connection.execute(insert(import_job).values(values).returning(*_COLUMNS)).one())


def get(connection: Connection, who: Principal, id: ImportId) -> ImportJob:
    """One job. Raises NotFound."""
    row = connection.execute(select(*_COLUMNS).where(visible(import_job, who), import_job.c.id == id)).one_or_none()
    if row is None:
        raise NotFound(what="import")
    return _job(row)


def listed(connection: Connection, who: Principal, limit: int = 50) -> list[ImportJob]:
    """The newest jobs first."""
    query = (
        select(*_COLUMNS)
        .where(visible(import_job, who))
        .order_by(import_job.c.created_at.desc(), import_job.c.id.desc())
    )
    return list(map(_job, connection.execute(query.limit(limit))))


def in_state(connection: Connection, who: Principal, *states: ImportState) -> list[ImportJob]:
    """The jobs in one of `states`, oldest first."""
    query = select(*_COLUMNS).where(visible(import_job, who), import_job.c.state.in_(states))
    return list(map(_job, connection.execute(query.order_by(import_job.c.created_at, import_job.c.id))))


def move(
    connection: Connection, who: Principal, id: ImportId, to: ImportState, *from_states: ImportState
) -> ImportJob | None:
    """Change a job's state where it is in one of `from_states`; None where it is not, or is gone."""
    where = (visible(import_job, who), import_job.c.id == id, import_job.c.state.in_(from_states))
    is_end = to in (ImportState.DELIVERED, ImportState.CANCELLED)
    values: dict[str, Any] = {"state": to.value, "ended_at": clock.now() if is_end else None}
    if not is_end:
        values |= {"error_code": None, "error": None}
    row = connection.execute(update(import_job).where(*where).values(values).returning(*_COLUMNS)).one_or_none()
    return None if row is None else _job(row)


def set_format(connection: Connection, who: Principal, id: ImportId, format: str) -> None:
    """Record which format was found."""
    where = (visible(import_job, who), import_job.c.id == id)
    connection.execute(update(import_job).where(*where).values(format=format))


def advance(connection: Connection, who: Principal, job: ImportJob) -> None:
    """Record how far a job has got: bytes, counts, report, checkpoint."""
    where = (visible(import_job, who), import_job.c.id == job.id)
    values = {
        "done_bytes": job.done_bytes,
        "counts": asdict(job.counts),
        "report": job.report,
        "checkpoint": asdict(job.checkpoint),
    }
    connection.execute(update(import_job).where(*where).values(values))


def fail(connection: Connection, who: Principal, id: ImportId, code: str, message: str) -> ImportJob | None:
    """End a running job as failed; None where it does not run any more."""
    where = (visible(import_job, who), import_job.c.id == id, import_job.c.state == ImportState.RUNNING)
    values = {"state": ImportState.FAILED.value, "error_code": code, "error": message, "ended_at": clock.now()}
    row = connection.execute(update(import_job).where(*where).values(values).returning(*_COLUMNS)).one_or_none()
    return None if row is None else _job(row)


def _job(row: Row[Any]) -> ImportJob:
    values = dict(row._mapping)
    checkpoint = values["checkpoint"] or {"options": {}, "done": 0}
    values["state"] = ImportState(values["state"])
    values["counts"] = Counts(**values["counts"])
    values["checkpoint"] = Checkpoint(ImportOptions(**checkpoint["options"]), checkpoint["done"])
    return ImportJob(**values)
