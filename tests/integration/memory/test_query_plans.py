"""How SQLite finds the rows of a ledger: by the key that is given, never by reading a space from end to end."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event

from everword.core import clock
from everword.core.ids import EntryId, new_id
from everword.core.types import Label, Principal
from everword.memory import conversation_store, recalled_store, store, text_store
from everword.memory.facts import progress_store
from everword.memory.types import NewEntry
from everword.storage import events
from everword.storage.database import Database

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL plans by its statistics

Call = Callable[[Connection, Principal, Any], object]

BY_KEY: dict[str, Call] = {
    "texts": lambda connection, who, key: text_store.texts(connection, who, list(range(300))),
    "by_positions": lambda connection, who, key: store.by_positions(connection, who, range(300)),
    "by_ids": lambda connection, who, key: store.by_ids(connection, who, [EntryId(new_id()) for _ in range(30)]),
    "get": store.get,
    "superseded": lambda connection, who, key: store.superseded(connection, who, [key]),
    "versions_of": lambda connection, who, key: store.versions_of(connection, who, store.get(connection, who, key)),
    "next_in_branch": store.next_in_branch,
    "of_run": lambda connection, who, key: store.of_run(connection, who, key, "chat"),
    "of_runs": lambda connection, who, key: recalled_store.of_runs(connection, who, [key]),
    "of_answers": lambda connection, who, key: recalled_store.of_answers(connection, who, []),
    "titles": lambda connection, who, key: conversation_store.titles(connection, who, [key]),
    "events of a run": lambda connection, who, key: events.after(connection, who, 0, run_id=key),
}


@pytest.fixture
def told(database: Database) -> Iterator[list[tuple[str, object]]]:
    """The statements that were executed, with their values."""
    statements: list[tuple[str, object]] = []

    def listen(_connection, _cursor, statement, values, *_rest) -> None:  # type: ignore[no-untyped-def]
        if statement.startswith("SELECT"):
            statements.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", listen)
    yield statements
    event.remove(database.engine, "before_cursor_execute", listen)


@pytest.mark.parametrize("call", BY_KEY.values(), ids=BY_KEY.keys())
def test_a_key_that_is_given_is_the_way_in(
    database: Database, told: list[tuple[str, object]], anna: Principal, call: Call
) -> None:
    """No statement of a lookup by key walks an index that begins with the space, or a whole table."""
    with database.writing(anna) as connection:
        written = store.append(
            connection, anna, NewEntry(space_id=anna.own_space, label=Label.OWNER, text="A word.", said_at=clock.now())
        )
        told.clear()
        call(connection, anna, written.id)
        steps = [step for statement, values in list(told) for step in _plan(connection, statement, values)]
    assert steps
    assert not [step for step in steps if "(space_id=" in step or step.startswith(("SCAN entry", "SCAN event"))], steps


def test_the_timeline_is_read_in_order(database: Database, told: list[tuple[str, object]], anna: Principal) -> None:
    """A page of the timeline is read from an index in its order: nothing is gathered and sorted first."""
    with database.reading(anna) as connection:
        store.timeline(connection, anna, limit=50)
        steps = [step for statement, values in list(told) for step in _plan(connection, statement, values)]
    assert any("ix_entry_said" in step for step in steps)
    assert not [step for step in steps if step == "USE TEMP B-TREE FOR ORDER BY"], steps


def test_what_was_not_read_is_found_where_it_is(
    database: Database, told: list[tuple[str, object]], anna: Principal
) -> None:
    """Distilling looks for unread entries, and counts them, between the ranges that were read: not from one end."""
    with database.reading(anna) as connection:
        progress_store.unread(connection, anna, anna.own_space, ((5, 90_000), (90_010, 100_000)), 50)
        progress_store.count_unread(connection, anna, anna.own_space, ((5, 90_000), (90_010, 100_000)))
        steps = [step for statement, values in list(told) for step in _plan(connection, statement, values)]
    assert steps
    assert not [step for step in steps if "space_id=? AND position>? AND position<?" not in step], steps


def _plan(connection: Connection, statement: str, values: object) -> list[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]
    return [row[3] for row in plan]
