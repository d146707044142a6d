"""Facts: statements distilled from entries, the quotes they stand on, what took whose place, and promises."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from everword.storage.columns import Id, Json
from everword.storage.schema.base import id_column, instant, metadata, reference, space_column

fact = Table(
    "fact",
    metadata,
    id_column(),
    space_column(),
    Column("subject", String(200), nullable=False),  # "" for the owner of the space
    Column("subject_key", String(200), nullable=False),
    Column("slot", String(300), nullable=False),  # what has one value at a time
    Column("value", Text, nullable=False),
    Column("statement", Text, nullable=False),
    instant("valid_from", nullable=True),
    Column("from_precision", String(8)),  # day, month, year, by
    instant("valid_to", nullable=True),  # exclusive
    Column("to_precision", String(8)),
    Column("said_by", String(200), nullable=False),
    Column("label", String(16), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("origin", String(16), nullable=False),  # rule, model, owner
    Column("sources", Integer, nullable=False),  # how many entries it stands on
    Column("is_disputed", Boolean, nullable=False),
    instant("learned_at"),
    instant("last_said_at"),
    instant("pinned_at", nullable=True),
    instant("refused_at", nullable=True),
    Index("ix_fact_slot", "space_id", "subject_key", "slot"),
    Index("ix_fact_recent", "space_id", "last_said_at"),
)

fact_source = Table(
    "fact_source",
    metadata,
    id_column(),
    space_column(),
    reference("fact_id", "fact.id", index=True),
    reference("entry_id", "entry.id", index=True),
    Column("start", Integer, nullable=False),  # the quote is text[start:end] of the entry
    Column("end", Integer, nullable=False),
    Column("subject", String(200), nullable=False),
    Column("subject_key", String(200), nullable=False),
    Column("slot", String(300), nullable=False),
    Column("value", Text, nullable=False),
    Column("statement", Text, nullable=False),
    instant("valid_from", nullable=True),
    Column("from_precision", String(8)),
    instant("valid_to", nullable=True),
    Column("to_precision", String(8)),
    instant("said_at"),
    Column("said_by", String(200), nullable=False),
    Column("label", String(16), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("origin", String(16), nullable=False),
    Index("ix_fact_source_slot", "space_id", "subject_key", "slot"),
)

supersession = Table(
    "supersession",
    metadata,
    id_column(),
    space_column(),
    reference("fact_id", "fact.id", index=True),  # what was set aside
    reference("by_id", "fact.id", index=True),  # what took its place
    instant("at"),  # since when
    Column("decided_by", String(16), nullable=False),  # evidence, owner
    instant("created_at"),
    instant("undone_at", nullable=True),
)

promise = Table(
    "promise",
    metadata,
    id_column(),
    space_column(),
    Column("entry_id", Id, ForeignKey("entry.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("action", Text, nullable=False),
    instant("due_at", nullable=True),
    Column("due_precision", String(8)),
    instant("said_at"),
    Column("state", String(16), nullable=False),  # open, done, dismissed
    instant("decided_at", nullable=True),
    Index("ix_promise_state", "space_id", "state"),
)

distilling = Table(
    "distilling",
    metadata,
    space_column(),
    Column("stage", String(16), nullable=False),  # rules, model
    Column("version", Integer, nullable=False),  # of the rules or the prompt that read them
    Column("ranges", Json, nullable=False),  # the ledger positions that were read: [[low, high], ...]
    Column("day", String(10), nullable=False),  # the day that the tokens were used on
    Column("tokens", Integer, nullable=False),
    instant("updated_at"),
    PrimaryKeyConstraint("space_id", "stage"),
)
