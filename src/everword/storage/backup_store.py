"""The rows of backups: which were made, where they lie, and until when they are kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from sqlalchemy import Connection, insert, or_, select

from everword.core import clock
from everword.core.ids import SpaceId, new_id
from everword.core.types import Principal
from everword.storage.schema.forgetting import backup
from everword.storage.scope import require_space, visible

BackupId = NewType("BackupId", str)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made. `expires_at` is when whoever keeps it means to remove it; none: when somebody does."""

    id: BackupId
    place: str
    size_bytes: int
    created_at: datetime
    expires_at: datetime | None


def add(
    connection: Connection,
    who: Principal,
    space_id: SpaceId,
    place: str,
    size_bytes: int,
    created_at: datetime,
    expires_at: datetime | None,
) -> Backup:
    """Record that a backup was made."""
    made = Backup(BackupId(new_id()), place[:1000], size_bytes, created_at, expires_at)
    values = {
        "id": made.id,
        "space_id": require_space(who, space_id),
        "place": made.place,
        "size_bytes": made.size_bytes,
        "created_at": made.created_at,
        "expires_at": made.expires_at,
    }
    connection.execute(insert(backup).values(values))
    return made


def made_since(connection: Connection, who: Principal, since: datetime) -> list[Backup]:
    """The backups made since then that are still kept, oldest first."""
    kept = or_(backup.c.expires_at.is_(None), backup.c.expires_at > clock.now())
    columns = (backup.c.id, backup.c.place, backup.c.size_bytes, backup.c.created_at, backup.c.expires_at)
    query = (
        select(*columns).where(visible(backup, who), backup.c.created_at >= since, kept).order_by(backup.c.created_at)
    )
    return [Backup(**row) for row in connection.execute(query).mappings()]
