"""The JSON shapes of conversations, entries and runs; the UI's types are generated from them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from everword.core.types import Label
from everword.memory.citing import unquoted
from everword.memory.types import Attachment, Basis, Conversation, Entry, EntryKind, EntryState, Quote
from everword.runs.types import Run, RunState


class ConversationShape(BaseModel):
    """A conversation in a list."""

    id: str
    title: str
    source: str
    updated_at: datetime
    created_at: datetime
    pinned: bool
    archived: bool
    is_running: bool

    @staticmethod
    def of(conversation: Conversation, *, is_running: bool) -> "ConversationShape":
        return ConversationShape(
            id=conversation.id,
            title=conversation.title,
            source=conversation.source,
            updated_at=conversation.updated_at,
            created_at=conversation.created_at,
            pinned=conversation.pinned_at is not None,
            archived=conversation.archived_at is not None,
            is_running=is_running,
        )


class AttachmentShape(BaseModel):
    """A file that came with a message."""

    id: str
    name: str
    media_type: str
    size_bytes: int
    text_state: str

    @staticmethod
    def of(attachment: Attachment) -> "AttachmentShape":
        return AttachmentShape(
            id=attachment.id,
            name=attachment.name,
            media_type=attachment.media_type,
            size_bytes=attachment.size_bytes,
            text_state=attachment.text_state,
        )


class QuoteShape(BaseModel):
    """Words of an entry, with where they stand."""

    entry_id: str
    conversation_id: str | None
    title: str
    text: str
    start: int
    end: int
    label: Label
    speaker: str
    source: str
    said_at: datetime
    score: float
    reasons: dict[str, float]

    @staticmethod
    def of(quote: Quote, title: str) -> "QuoteShape":
        return QuoteShape(
            entry_id=quote.entry.id,
            conversation_id=quote.entry.conversation_id,
            title=title,
            text=quote.text,
            start=quote.start,
            end=quote.end,
            label=quote.entry.label,
            speaker=quote.entry.speaker,
            source=quote.entry.source,
            said_at=quote.entry.said_at,
            score=quote.score,
            reasons=quote.reasons,
        )


class CitationShape(BaseModel):
    """A footnote: its figure, after how many code points of the answer it stands, and the quote."""

    number: int
    after: int
    quote: QuoteShape


class ErrorShape(BaseModel):
    """What went wrong, in a sentence for a person."""

    code: str
    message: str


class QueueShape(BaseModel):
    """A run's place in a queue: of its conversation (1 is the next), or of its model, which says about how long."""

    place: int
    wait_s: float | None = None


class RunShape(BaseModel):
    """A run by its true state."""

    id: str
    kind: str
    state: RunState
    waiting_for: str | None
    conversation_id: str | None
    title: str | None = None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    attempt: int
    error: ErrorShape | None
    queue: QueueShape | None = None

    @staticmethod
    def of(run: Run, title: str | None = None, place: int | None = None) -> "RunShape":
        error = ErrorShape(code=run.error_code, message=run.error or "") if run.error_code else None
        return RunShape(
            id=run.id,
            kind=run.kind,
            state=run.state,
            waiting_for=run.waiting_for,
            conversation_id=run.conversation_id,
            title=title,
            created_at=run.created_at,
            started_at=run.started_at,
            ended_at=run.ended_at,
            attempt=run.attempt,
            error=error,
            queue=None if place is None else QueueShape(place=place),
        )


class VersionShape(BaseModel):
    """One version of a turn."""

    id: str
    said_at: datetime
    state: EntryState
    model: str | None


class EntryShape(BaseModel):
    """An entry as a conversation shows it, with its versions, attachments, footnotes and finds.

    `parent_id` is what it follows now: of a message that waits (`is_queued`) it changes when what is ahead is answered.
    `unquoted`: of a model's answer from memory, how many of its sentences have no citation.
    """

    id: str
    position: int
    conversation_id: str | None
    parent_id: str | None
    kind: EntryKind
    label: Label
    speaker: str
    source: str
    said_at: datetime
    recorded_at: datetime
    text: str
    state: EntryState
    model: str | None
    run_id: str | None
    basis: Basis | None
    unseen: list[str]
    why: str | None
    is_queued: bool
    versions: list[VersionShape]
    attachments: list[AttachmentShape]
    citations: list[CitationShape]
    unquoted: int
    found: list[QuoteShape]

    @staticmethod
    def of(
        entry: Entry,
        versions: list[Entry],
        attachments: list[Attachment],
        citations: list[CitationShape],
        found: list[QuoteShape],
        *,
        parent_id: str | None,
        is_queued: bool,
    ) -> "EntryShape":
        details: dict[str, Any] = entry.details or {}
        is_models, is_cited = (
            entry.model is not None,
            entry.basis is Basis.MEMORY,
        )  # a set phrase of ours claims nothing
        return EntryShape(
            id=entry.id,
            position=entry.position,
            conversation_id=entry.conversation_id,
            parent_id=parent_id,
            kind=entry.kind,
            label=entry.label,
            speaker=entry.speaker,
            source=entry.source,
            said_at=entry.said_at,
            recorded_at=entry.recorded_at,
            text=entry.text,
            state=entry.state,
            model=entry.model,
            run_id=entry.run_id,
            basis=entry.basis,
            unseen=details.get("unseen", []),
            why=details.get("why"),
            is_queued=is_queued,
            versions=[
                VersionShape(id=version.id, said_at=version.said_at, state=version.state, model=version.model)
                for version in versions
            ],
            attachments=[AttachmentShape.of(attachment) for attachment in attachments],
            citations=citations,
            unquoted=unquoted(entry.text, [note.after for note in citations]) if is_models and is_cited else 0,
            found=found,
        )


class PendingShape(BaseModel):
    """An answer that is being written: what was committed of it so far."""

    pending: bool = True
    run: RunShape
    text: str
    model: str | None
    basis: Basis | None
    found: list[QuoteShape]
    citations: list[CitationShape]


class WaitingShape(BaseModel):
    """A message that is answered when what is ahead of it has been."""

    entry: EntryShape
    run: RunShape
