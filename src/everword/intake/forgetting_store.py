"""Intake's side of forgetting: what an import's row tells of the file that words came from."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from everword.core.ids import ImportId, SpaceId
from everword.core.types import Principal
from everword.intake.types import ImportState
from everword.storage.schema.intake import import_job
from everword.storage.scope import visible

FORGOTTEN = "forgotten"
"""The name of an import that brought what was forgotten."""


def is_importing(connection: Connection, who: Principal) -> bool:
    """Whether a file is still on its way into the ledger."""
    open_states = [ImportState.QUEUED.value, ImportState.RUNNING.value]
    query = select(import_job.c.id).where(visible(import_job, who), import_job.c.state.in_(open_states)).limit(1)
    return connection.execute(query).first() is not None


def forget(
    connection: Connection, who: Principal, space_id: SpaceId, first: datetime, last: datetime
) -> list[ImportId]:
    """Clear name, hash and report of the imports that ran while those entries were recorded, and of the same files.

    Returns which.
    """
    during = and_(import_job.c.created_at <= last, or_(import_job.c.ended_at.is_(None), import_job.c.ended_at >= first))
    of_space = (visible(import_job, who), import_job.c.space_id == space_id)
    hashes = select(import_job.c.sha256).where(*of_space, during, import_job.c.sha256.is_not(None))
    same = list(connection.execute(hashes).scalars())
    where = (*of_space, or_(during, import_job.c.sha256.in_(same)), import_job.c.name != FORGOTTEN)
    values: dict[str, Any] = {"name": FORGOTTEN, "sha256": None, "report": [], "error": None}
    cleared = connection.execute(update(import_job).where(*where).values(values).returning(import_job.c.id))
    return [ImportId(key) for key in cleared.scalars()]
