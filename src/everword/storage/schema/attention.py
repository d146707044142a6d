"""Briefs and their cards: what was put before a person in the morning, and what they said to it."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint

from everword.storage.columns import Id
from everword.storage.schema.base import id_column, instant, metadata, reference, space_column

brief = Table(
    "brief",
    metadata,
    id_column(),
    space_column(),
    Column("day", String(10), nullable=False),  # in the person's time zone then; one brief a day
    instant("due_at"),
    instant("made_at"),
    instant("since"),  # it tells of what came after this
    Column("summary_state", String(16), nullable=False),  # none, wanted, worded, failed
    Column("summary_attempts", Integer, nullable=False),
    Column("summary", Text),  # a model's words; removed whenever anything is forgotten
    Column("summary_model", String(200)),
    UniqueConstraint("space_id", "day"),
)

card = Table(
    "card",
    metadata,
    id_column(),
    space_column(),
    reference("brief_id", "brief.id"),
    Column("source", String(24), nullable=False),  # approval, question, promise, answer, ...
    Column("source_id", Id, nullable=False),  # of the row that it tells of; its words are read there
    Column("kind", String(16), nullable=False),  # decide, prepared, changed, watch
    Column("sort", String(80), nullable=False),  # what "less like this" is about
    Column("place", Integer, nullable=False),
    Column("held_back", String(24)),  # why it is not among the seven
    Column("state", String(16), nullable=False),  # open, done, later, dismissed
    instant("decided_at", nullable=True),
    UniqueConstraint("brief_id", "source", "source_id"),
    Index("ix_card_source", "space_id", "source", "source_id"),
)
