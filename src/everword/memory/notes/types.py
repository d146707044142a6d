"""What notes and tasks speak: their rows, and who writes them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from everword.core.ids import EntryId, NoteId, RunId, SpaceId, TaskId
from everword.core.types import Label

NOTE_CHANGED = "note.changed"
TASK_CHANGED = "task.changed"


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes: the owner, or the assistant in one of its runs."""

    run_id: RunId | None = None

    @property
    def label(self) -> Label:
        """Whose words they are."""
        return Label.OWNER if self.run_id is None else Label.ASSISTANT


OWNER = Author()


@dataclass(frozen=True, slots=True)
class Note:
    """Something written down. `label` says who wrote it last."""

    id: NoteId
    space_id: SpaceId
    entry_id: EntryId
    run_id: RunId | None
    text: str
    label: Label
    created_at: datetime
    updated_at: datetime

    @property
    def is_assistants(self) -> bool:
        """Whether it is the assistant's own: a run began it, and the words are the assistant's still."""
        return self.run_id is not None and self.label is Label.ASSISTANT


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done. `due` is a day ("2026-12-24") or an instant ("2026-12-24T09:00:00Z")."""

    id: TaskId
    space_id: SpaceId
    entry_id: EntryId
    source_entry_id: EntryId | None
    run_id: RunId | None
    title: str
    label: Label
    due: str | None
    done_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def is_assistants(self) -> bool:
        """Whether it is the assistant's own: a run began it, and the words are the assistant's still."""
        return self.run_id is not None and self.label is Label.ASSISTANT

    def is_overdue(self, now: datetime, time_zone: str) -> bool:
        """Whether it should have been done: its day is over where the owner lives, or its instant has passed."""
        if self.due is None or self.done_at is not None:
            return False
        if "T" in self.due:
            return datetime.fromisoformat(self.due) < now
        return date.fromisoformat(self.due) < now.astimezone(ZoneInfo(time_zone)).date()


def checked_due(due: str) -> str:
    """`due` as it is kept. Raises ValueError for what is neither a day nor an instant."""
    if len(due) == len("2026-12-24"):
        return date.fromisoformat(due).isoformat()
    at = datetime.fromisoformat(due)
    if at.tzinfo is None:
        raise ValueError(f"{due} has no time zone")
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
