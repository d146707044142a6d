"""The ledger: conversations, entries, attachments, and which entries an answer recalled and cited."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from everword.storage.columns import Id, Json, Position
from everword.storage.schema.base import id_column, instant, metadata, reference, space_column

conversation = Table(
    "conversation",
    metadata,
    id_column(),
    space_column(),
    Column("title", String(300), nullable=False),
    Column("source", String(64), nullable=False),  # chat, or where it was imported from
    Column("external_id", String(300)),  # its id where it came from
    Column("leaf_id", Id),  # the last entry of the branch that is shown
    instant("pinned_at", nullable=True),
    instant("archived_at", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    Index("ix_conversation_recent", "space_id", "updated_at"),
    Index(
        "uq_conversation_external",
        "space_id",
        "source",
        "external_id",
        unique=True,
        sqlite_where=text("external_id IS NOT NULL"),
        postgresql_where=text("external_id IS NOT NULL"),
    ),
)

entry = Table(
    "entry",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=True),
    Column("id", Id, nullable=False, unique=True),
    space_column(),
    reference("conversation_id", "conversation.id", nullable=True),
    Column("parent_id", Id),  # the entry it follows
    Column("version_of", Id),  # the first version, where this is a later one
    Column("kind", String(16), nullable=False),  # message, document, tool_result, tool_call
    Column("label", String(16), nullable=False),
    Column("speaker", String(200), nullable=False),  # as people call them; "" for the owner of a chat
    Column("source", String(64), nullable=False),
    Column("external_id", String(300)),
    Column("state", String(16), nullable=False),  # complete, interrupted, failed
    Column("run_id", Id, index=True),  # the run that wrote it
    Column("model", String(200)),  # what answered
    Column("basis", String(32)),  # of an answer: memory, not_from_memory, nothing_found
    instant("said_at"),
    instant("recorded_at"),
    Column("text", Text, nullable=False),
    Column("details", Json),  # what the source knows beyond this, kept for export
    Index("ix_entry_conversation", "conversation_id", "position"),
    Index("ix_entry_said", "space_id", "said_at"),
    Index("ix_entry_recorded", "space_id", "position"),
    Index(
        "ix_entry_version_of",
        "version_of",
        sqlite_where=text("version_of IS NOT NULL"),
        postgresql_where=text("version_of IS NOT NULL"),
    ),
    Index(
        "uq_entry_external",
        "space_id",
        "source",
        "external_id",
        unique=True,
        sqlite_where=text("external_id IS NOT NULL"),
        postgresql_where=text("external_id IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)

attachment = Table(
    "attachment",
    metadata,
    id_column(),
    space_column(),
    Column("entry_id", Id, ForeignKey("entry.id", ondelete="CASCADE"), index=True),  # none until it is sent
    Column("name", String(300), nullable=False),
    Column("media_type", String(200), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("text_state", String(16), nullable=False),  # none, pending, extracted, failed
    Column("text", Text),  # what could be read out of it
    instant("created_at"),
)

recalled = Table(
    "recalled",
    metadata,
    id_column(),
    space_column(),
    Column("run_id", Id, nullable=False, index=True),
    reference("entry_id", "entry.id", index=True),
    Column("rank", Integer, nullable=False),  # 1 is best
    Column("score", Float, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("start", Integer, nullable=False),  # the quote is text[start:end] of the entry
    Column("end", Integer, nullable=False),
    Column("is_in_prompt", Boolean, nullable=False),
)

citation = Table(
    "citation",
    metadata,
    id_column(),
    space_column(),
    reference("answer_id", "entry.id", index=True),
    reference("entry_id", "entry.id", index=True),
    Column("number", Integer, nullable=False),  # the footnote's figure in the answer
    Column("after", Integer, nullable=False),  # where the figure stands: after so many code points of the answer
    Column("start", Integer, nullable=False),  # the quote is text[start:end] of the entry
    Column("end", Integer, nullable=False),
)
