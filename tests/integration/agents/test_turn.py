"""A chat turn that goes wrong through a mistake of ours."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from everword.agents import conversation
from everword.agents.turn import Turns
from everword.core.ids import ExecutorId, new_id
from everword.core.types import Label, Principal
from everword.memory import store
from everword.memory.index.indexer import Indexer
from everword.memory.recall import Recaller
from everword.memory.types import EntryState
from everword.models.script import Script
from everword.runs import store as run_store
from everword.runs.segment import Segment
from everword.runs.types import RunState
from everword.storage.database import Database
from tests.integration.agents.office import opened_gateway


def mistake(_who: Principal) -> str:
    raise ZeroDivisionError("a mistake")


async def run_step(_name: str, work: Callable[[], Awaitable[Any]]) -> Any:
    return await work()


def test_a_mistake_ends_its_turn_and_holds_the_place_of_its_answer(
    database: Database, anna: Principal, tmp_path: Path
) -> None:
    """A turn with an unexpected exception has failed, and the message that waits behind it comes after its place."""
    first = conversation.say(database, anna, "Is it raining?", client_id="first-message")
    talk = first.conversation.id
    second = conversation.say(database, anna, "And?", client_id="second-message", conversation_id=talk)
    recaller = Recaller(database, Indexer(database, tmp_path))
    me = ExecutorId(new_id())
    with database.writing(anna) as connection:
        (claim,) = run_store.claim(connection, anna, me, background=0)
    with opened_gateway(database, tmp_path, Script()) as (_, gateway):
        turns = Turns(database, recaller, gateway, mistake, mistake)
        with pytest.raises(ZeroDivisionError):
            asyncio.run(turns(Segment(claim.segment_id, me, first.run, anna, database, run_step)))
    with database.reading(anna) as connection:
        assert run_store.get(connection, anna, first.run.id).state is RunState.FAILED
        assert run_store.get(connection, anna, second.run.id).state is RunState.QUEUED
        entries = store.of_conversation(connection, anna, talk)
    held = [entry for entry in entries if entry.label is Label.ASSISTANT]
    assert [(entry.state, entry.parent_id) for entry in held] == [(EntryState.FAILED, first.entry.id)]
