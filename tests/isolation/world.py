"""One row in every table for a person, every text in it marked, so that a leak is seen wherever it comes out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import JSON, Column, Connection, Table, insert, select

from everword.core import clock
from everword.core.ids import new_id
from everword.core.types import Principal
from everword.storage.columns import Id, Instant
from everword.storage.database import Database
from everword.storage.schema import metadata
from everword.storage.schema.base import space_of

PLACE = "zanzibar"
"""A word in every entry's text, to search for without naming whose it is."""

# Columns whose values the code reads back as one of a few words, or as a shape.
WORDS: dict[tuple[str, str], Any] = {
    ("membership", "role"): "owner",
    ("api_key", "scopes"): ["api"],
    ("one_time_link", "purpose"): "reset_password",
    ("conversation", "source"): "chat",
    ("entry", "kind"): "message",
    ("entry", "label"): "owner",
    ("entry", "source"): "chat",
    ("entry", "state"): "complete",
    ("entry", "basis"): "memory",
    ("attachment", "text_state"): "extracted",
    ("attachment", "media_type"): "text/plain",
    ("run", "kind"): "chat_turn",
    ("run", "priority"): "person",
    ("run", "state"): "running",
    ("effect", "kind"): "send",
    ("effect", "state"): "held",
    ("effect", "allowed_by"): "rule",
    ("approval", "state"): "open",
    ("schedule", "on_missed"): "catch_up",
    ("schedule", "on_overlap"): "queue",
    ("schedule", "state"): "active",
    ("trigger", "kind"): "entry",
    ("trigger", "ceiling"): None,
    ("trigger", "on_overlap"): "queue",
    ("trigger", "state"): "active",
    ("task", "due"): "2026-12-24",
    ("transition", "from_state"): "queued",
    ("transition", "to_state"): "running",
    ("provider", "kind"): "openai",
    ("usage", "priority"): "person",
    ("import_job", "state"): "running",
    ("import_job", "format"): "jsonl",
    ("recalled", "reasons"): {"words": 1.0},
    ("run", "input"): {},
    ("import_job", "counts"): {},
    ("import_job", "report"): [],
    ("import_job", "checkpoint"): None,
    ("preference", "name"): "own_instructions",
    ("event", "type"): "setting.changed",
    ("forgetting", "state"): "running",
    ("forgetting", "stage"): "rows",
    ("forgetting", "counts"): {},
    ("forgetting", "checks"): [],
    ("forgetting", "remains"): [],
    ("forgetting_item", "kind"): "entry",
    ("fact", "label"): "owner",
    ("fact", "origin"): "rule",
    ("fact", "from_precision"): "day",
    ("fact", "to_precision"): "day",
    ("fact_source", "label"): "owner",
    ("fact_source", "origin"): "rule",
    ("fact_source", "from_precision"): "day",
    ("fact_source", "to_precision"): "day",
    ("supersession", "decided_by"): "evidence",
    ("promise", "state"): "open",
    ("promise", "due_precision"): "day",
    ("distilling", "stage"): "rules",
    ("distilling", "ranges"): [],
    ("mcp_server", "transport"): "stdio",
    ("mcp_server", "state"): "ready",
    ("mcp_server", "arguments"): [],
    ("mcp_server", "secret_names"): [],
    ("mcp_server", "tools"): [],
    ("brief", "summary_state"): "none",
    ("card", "source"): "promise",
    ("card", "kind"): "watch",
    ("card", "held_back"): "most",
    ("card", "state"): "done",
}
NULL = {
    ("entry", "version_of"),
    ("entry", "parent_id"),
    ("one_time_link", "used_at"),
    ("api_key", "revoked_at"),
    ("segment", "ended_at"),
    ("run", "ended_at"),
    ("import_job", "ended_at"),
    ("conversation", "archived_at"),
    ("supersession", "undone_at"),
    ("fact", "refused_at"),
    ("fact", "valid_to"),
    ("promise", "decided_at"),
    ("task", "done_at"),
}


@dataclass
class World:
    """A person and the ids of their rows, made before the rows are."""

    who: Principal
    mark: str
    ids: dict[str, str] = field(default_factory=dict)

    def id_of(self, table: str) -> str:
        """The id of the person's row in `table`."""
        return self.ids.setdefault(table, new_id())

    def digest(self, table: str) -> bytes:
        """The hash in the person's row of `table`."""
        return hashlib.sha256(f"{self.mark} {table}".encode()).digest()


def fill(connection: Connection, world: World) -> None:
    """Write one row into every table that the person has none in."""
    for table in metadata.sorted_tables:
        if table.name in {"space", "person", "membership"}:
            continue
        values = {column.name: _value(table, column, world) for column in table.columns}
        values.pop("position", None)
        connection.execute(insert(table).values(values))


def world_of(who: Principal, mark: str) -> World:
    """The world of a person who is in the database."""
    return World(who, mark, {"space": who.own_space, "person": who.person_id})


def rows_of(database: Database, who: Principal) -> dict[str, list[tuple[Any, ...]]]:
    """Every row in the person's own space, as the installation sees it."""
    found = {}
    with database.reading(Principal.system()) as connection:
        for table in metadata.sorted_tables:
            query = select(table).where(space_of(table) == who.own_space)
            found[table.name] = sorted((tuple(row) for row in connection.execute(query)), key=repr)
    return found


def _value(table: Table, column: Column[Any], world: World) -> Any:
    key = (table.name, column.name)
    if key in WORDS:
        return WORDS[key]
    if key in NULL:
        return None
    if column.name == "space_id":
        return world.who.own_space
    if isinstance(column.type, Id):
        return _id(table, column, world)
    if isinstance(column.type, Instant):
        return clock.now() + timedelta(days=1 if column.name == "expires_at" else -1)
    return _plain(table, column, world)


def _id(table: Table, column: Column[Any], world: World) -> str:
    if column.name == "id":
        return world.id_of(table.name)
    for key in column.foreign_keys:
        return world.id_of(key.column.table.name)
    points_to = {
        "leaf_id": "entry",
        "answer_id": "entry",
        "parent_id": "entry",
        "waits_for_id": "run",
        "target_id": "entry",
        "by_id": "fact",
        "call_id": "entry",
        "request_id": "entry",
        "source_id": "entry",
    }
    return world.id_of(points_to.get(column.name, column.name.removesuffix("_id")))


def _plain(table: Table, column: Column[Any], world: World) -> Any:
    if isinstance(column.type, JSON):
        return {"value": world.mark}
    kind = column.type.python_type
    if kind is bytes:
        return world.digest(table.name)
    if (table.name, column.name) == ("entry", "text"):
        return f"{world.mark} was said in {PLACE}"
    if kind is str:
        length = getattr(column.type, "length", None)
        return world.mark[:length]
    return kind(1) if kind in {int, float} else False
