"""What intake speaks: an import job, what is said about a file, and what came of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from everword.core.ids import ImportId, PersonId, SpaceId
from everword.core.types import Principal


class ImportState(StrEnum):
    """Where an import stands. `delivered`, `failed` and `cancelled` are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the person who imports says about the file."""

    me: str | None = None
    owner_is_me: bool = False
    format: str | None = None
    time_zone: str = "UTC"
    modified_at: float | None = None  # seconds since 1970, for a plain text file


@dataclass(frozen=True, slots=True)
class Counts:
    """What came of an import: rows written, entries found there already, and what was left out."""

    conversations: int = 0
    entries: int = 0
    already_there: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.conversations + other.conversations,
            self.entries + other.entries,
            self.already_there + other.already_there,
            self.skipped + other.skipped,
        )


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many records of the file are delivered, and all that is needed to go on from there."""

    options: ImportOptions
    done: int = 0


@dataclass(frozen=True, slots=True)
class ImportJob:
    """One file on its way into the ledger. `report` lists {what, why, count} of what was left out."""

    id: ImportId
    space_id: SpaceId
    person_id: PersonId
    name: str
    format: str | None
    size_bytes: int
    state: ImportState
    done_bytes: int
    counts: Counts
    report: list[dict[str, Any]]
    checkpoint: Checkpoint
    error_code: str | None
    error: str | None
    created_at: datetime
    ended_at: datetime | None = field(default=None)

    @property
    def importer(self) -> Principal:
        """The person who imports, in the one space that the file goes to."""
        return Principal(self.person_id, self.space_id, frozenset({self.space_id}))

    def as_json(self) -> dict[str, Any]:
        """The job as the API and the event stream show it."""
        error = {"code": self.error_code, "message": self.error} if self.error_code else None
        return {
            "id": self.id,
            "name": self.name,
            "format": self.format,
            "size_bytes": self.size_bytes,
            "done_bytes": self.done_bytes,
            "state": self.state.value,
            "counts": {
                "conversations": self.counts.conversations,
                "entries": self.counts.entries,
                "already_there": self.counts.already_there,
                "skipped": self.counts.skipped,
            },
            "report": self.report,
            "error": error,
            "created_at": _iso(self.created_at),
            "ended_at": _iso(self.ended_at) if self.ended_at else None,
        }


def _iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
