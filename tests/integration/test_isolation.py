"""Two people on one installation: neither reaches the other's rows through any store function, index or stream.

Store functions are found by looking, so a new one is tested from its first day.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

import everword
from everword.accounts import people
from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.types import Principal
from everword.storage.database import Database
from everword.storage.schema import metadata
from everword.storage.schema.base import space_of
from tests.isolation.arguments import arguments
from tests.isolation.world import World, fill, rows_of, world_of

ANNAS = "ANNAS-OWN"
BENS = "BENS-OWN"
_AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

NO_ROWS = {
    "accounts.store.login_name": "touches no database",
    "accounts.store.hold_first_start": "takes a lock",
    "accounts.store.hold_installation": "takes a lock",
    "memory.facts.store.hold": "takes a lock",
    "storage.events.hold_order": "takes a lock",
}
"""Store functions that read and write no person's rows."""


def _stores() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(everword.__path__, "everword."):
        if found.name.endswith("store"):
            yield importlib.import_module(found.name)
    yield importlib.import_module("everword.storage.events")


def _functions() -> dict[str, Callable[..., Any]]:
    return {
        f"{module.__name__.removeprefix('everword.')}.{name}": function
        for module in _stores()
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
    }


TAKEN = {"intake.store.create": "IntegrityError"}
"""What is told where Ben brings an id of Anna's for a row of his own: that it is taken. Ids are made by the server and
cannot be guessed."""

FUNCTIONS = {name: function for name, function in _functions().items() if name not in NO_ROWS}


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """One moment for all rows, so that answers can be compared."""
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)
    return at


@pytest.fixture
def worlds(database: Database, stopped_clock: datetime) -> tuple[World, World]:
    """Anna and Ben have accounts; Ben has a row in every table, Anna none yet."""
    people.ensure_installation(database)
    anna = people.principal_for(database, people.create_person(database, "Anna").id)
    ben = people.principal_for(database, people.create_person(database, "Ben").id)
    worlds = world_of(anna, ANNAS), world_of(ben, BENS)
    with database.writing(ben) as connection:
        fill(connection, worlds[1])
    return worlds


def _tried(database: Database, who: Principal, function: Callable[..., Any], target: World, *, keep: bool) -> str:
    """What `who` gets from a store function whose arguments all point at `target`'s rows."""
    positional, named = arguments(function, target)
    asker = [who] if "who" in inspect.signature(function).parameters else []
    try:
        with database.writing(who) as connection:
            outcome = repr(function(connection, *asker, *positional, **named))
            if not keep:
                raise _Undone(outcome)
    except _Undone as undone:
        outcome = str(undone)
    except (EverwordError, IntegrityError) as error:
        return type(error).__name__
    known = set(target.ids.values())
    return _AN_ID.sub(lambda match: match[0] if match[0] in known else "<new>", outcome)


class _Undone(Exception):
    """Rolls a transaction back, with what came of it."""


def test_no_store_function_tells_or_changes_anything_across_spaces(
    database: Database, worlds: tuple[World, World]
) -> None:
    """Given Anna's ids, Ben's every store call answers as if Anna had no rows, and leaves all of hers as they were."""
    anna, ben = worlds
    alone = {name: _tried(database, ben.who, each, anna, keep=False) for name, each in FUNCTIONS.items()}
    with database.writing(anna.who) as connection:
        fill(connection, anna)
    before = rows_of(database, anna.who)
    told, changed = {}, []
    for name, function in FUNCTIONS.items():
        answer = _tried(database, ben.who, function, anna, keep=False)
        if answer not in {alone[name], TAKEN.get(name)}:
            told[name] = (alone[name], answer)
        _tried(database, ben.who, function, anna, keep=True)
        if rows_of(database, anna.who) != before:
            changed.append(name)
            before = rows_of(database, anna.who)
    assert told == {}
    assert changed == []
    assert all(before.values()), "a table without a row of Anna's proves nothing"


NEEDS_MORE = frozenset(
    {
        "memory.store.count_calls",
        "models.store.spent_in_background",
        "runs.effect_store.to_look_up",
        "runs.effect_store.under_way",
        "runs.store.claim",
        "accounts.link_store.find",
        "accounts.link_store.keep_newest",
        "accounts.link_store.prune",
        "accounts.passkey_store.used",
        "accounts.session_store.prune",
        "accounts.store.count",
        "accounts.store.find_login",
        "accounts.store.has_installation",
        "accounts.store.password_hash",
        "intake.forgetting_store.is_importing",
        "intake.store.create",
        "memory.attachment_store.send_with",
        "runs.store.due",
        "runs.store.children",
        "runs.store.orphans",
        "memory.conversation_store.count",
        "memory.facts.progress_store.said_before",
        "memory.facts.progress_store.shown_before",
        "memory.facts.promise_store.decided",
        "memory.facts.promise_store.listed",
        "memory.facts.store.beginning",
        "memory.facts.store.changed_slots",
        "memory.facts.store.count",
        "memory.facts.store.listed",
        "memory.facts.claim_store.move_claims",
        "memory.facts.claim_store.remove_claims",
        "memory.facts.store.subjects",
        "memory.facts.supersession_store.superseding_since",
        "memory.forgetting.ledger_store.assistants_in",
        "memory.forgetting.ledger_store.attached_texts",
        "memory.forgetting.ledger_store.citing",
        "memory.forgetting.ledger_store.emptied",
        "memory.forgetting.ledger_store.extent",
        "memory.forgetting.ledger_store.first_said",
        "memory.forgetting.ledger_store.move_attachments",
        "memory.forgetting.ledger_store.name",
        "memory.forgetting.ledger_store.remove_attachments_with_text",
        "memory.forgetting.ledger_store.retitle",
        "memory.forgetting.ledger_store.said_after",
        "memory.forgetting.ledger_store.selected",
        "memory.forgetting.ledger_store.versions_of",
        "memory.forgetting.look_store.count_rows",
        "memory.forgetting.store.after",
        "memory.notes.forgetting_store.move",
        "memory.notes.note_store.count",
        "memory.notes.task_store.count",
        "memory.store.count",
        "memory.store.next_in_branch",
        "memory.store.superseded",
        "models.store.change_provider",
        "runs.store.answering",
        "runs.forgetting_store.move",
        "runs.schedules.store.next_due",
        "runs.schedules.store.ready",
        "runs.store.count_by_state",
        "runs.store.held",
        "storage.backup_store.made_since",
        "storage.preference_store.spaces_with",
        "storage.preference_store.values",
    }
)
"""Calls whose made-up arguments tell Anna nothing else than Ben: counts (each has one row), what needs
a row in a certain state. What they do is tested with their rooms."""


def test_the_same_calls_reach_ones_own_rows(database: Database, worlds: tuple[World, World]) -> None:
    """With the very arguments that get Ben nothing, Anna reads or changes her rows: the proof above is no accident."""
    anna, ben = worlds
    with database.writing(anna.who) as connection:
        fill(connection, anna)
    before = rows_of(database, anna.who)
    reached = set()
    for name, function in FUNCTIONS.items():
        as_ben = _tried(database, ben.who, function, anna, keep=False)
        as_anna = _tried(database, anna.who, function, anna, keep=False)
        if as_ben == as_anna:
            _tried(database, anna.who, function, anna, keep=True)
            if rows_of(database, anna.who) == before:
                continue
            _restore(database, anna)
            before = rows_of(database, anna.who)
        reached.add(name)
    unreached = set(FUNCTIONS) - reached
    assert unreached == NEEDS_MORE, "\n".join(sorted(unreached ^ NEEDS_MORE))


def _restore(database: Database, world: World) -> None:
    with database.writing(Principal.system()) as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name not in {"space", "person", "membership"}:
                connection.execute(delete(table).where(space_of(table) == world.who.own_space))
        fill(connection, world)
