"""What the ledger speaks: entries, conversations, attachments."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from everword.core.ids import AttachmentId, ConversationId, EntryId, RunId, SpaceId
from everword.core.types import Label


class EntryKind(StrEnum):
    """What an entry is: something said, a document, what a tool gave back, or what the assistant asked a tool for."""

    MESSAGE = "message"
    DOCUMENT = "document"
    TOOL_RESULT = "tool_result"
    TOOL_CALL = "tool_call"


class Basis(StrEnum):
    """What an answer stands on."""

    MEMORY = "memory"
    NOT_FROM_MEMORY = "not_from_memory"
    NOTHING_FOUND = "nothing_found"


class EntryState(StrEnum):
    """Whether the words are whole, were broken off, or an error ended them before the first."""

    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing said, received or read, verbatim. Append-only: an edit is another entry, `version_of` the first."""

    position: int
    id: EntryId
    space_id: SpaceId
    conversation_id: ConversationId | None
    parent_id: EntryId | None
    version_of: EntryId | None
    kind: EntryKind
    label: Label
    speaker: str
    source: str
    external_id: str | None
    state: EntryState
    run_id: RunId | None
    model: str | None
    basis: Basis | None
    said_at: datetime
    recorded_at: datetime
    text: str
    details: dict[str, Any] | None

    @property
    def first_version(self) -> EntryId:
        """The id that all versions of this entry share."""
        return self.version_of or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to be written. Without `id` it gets one; `said_at` is when it was said, not when it is recorded."""

    space_id: SpaceId
    label: Label
    text: str
    said_at: datetime
    source: str = "chat"
    id: EntryId | None = None
    conversation_id: ConversationId | None = None
    parent_id: EntryId | None = None
    version_of: EntryId | None = None
    kind: EntryKind = EntryKind.MESSAGE
    speaker: str = ""
    external_id: str | None = None
    state: EntryState = EntryState.COMPLETE
    run_id: RunId | None = None
    model: str | None = None
    basis: Basis | None = None
    details: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Entries that belong together. `leaf_id` is the last entry of the branch that is shown."""

    id: ConversationId
    space_id: SpaceId
    title: str
    source: str
    external_id: str | None
    leaf_id: EntryId | None
    pinned_at: datetime | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message, without its content. `text` is what could be read out of it."""

    id: AttachmentId
    space_id: SpaceId
    entry_id: EntryId | None
    name: str
    media_type: str
    size_bytes: int
    sha256: bytes
    text_state: str
    text: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Footnote:
    """A citation in an answer: the figure `number` stands after so many code points.

    It quotes `entry.text[start:end]`.
    """

    entry: Entry
    number: int
    after: int
    start: int
    end: int

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.entry.text[self.start : self.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of an entry that were recalled for a run: `entry.text[start:end]`, and why."""

    entry: Entry
    start: int
    end: int
    rank: int
    score: float
    reasons: dict[str, float] = field(default_factory=dict)
    is_in_prompt: bool = False

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.entry.text[self.start : self.end]
