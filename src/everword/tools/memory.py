"""Recall and remember: what an agent reads of the owner's memory, and what it may add to it as its own notes."""

import asyncio
from typing import Any

from sqlalchemy import Connection

from everword.core.errors import EverwordError
from everword.core.ids import EntryId
from everword.core.types import Effect, Label, Permit
from everword.memory import store
from everword.memory.markdown import speaker_of
from everword.memory.notes import notes
from everword.memory.notes.types import Author
from everword.memory.recall import Recaller
from everword.memory.types import EntryKind
from everword.tools.errors import NothingHappened
from everword.tools.manifest import Arguments, Asked, Reach, Result, Tool

_FOUND_AT_MOST = 8
_BUDGET_TOKENS = 1_200


def memory_tools(recaller: Recaller) -> list[Tool]:
    """The tools that reach the owner's memory, and no further."""

    def of_this_work(asked: Asked) -> list[EntryId]:
        """What was said in the run that asks: its own request is the best find for its question, and no answer."""
        with recaller.database.reading(asked.who) as connection:
            talk = store.get(connection, asked.who, asked.call_id).conversation_id
            return [entry.id for entry in store.of_conversation(connection, asked.who, talk)] if talk else []

    async def recall(asked: Asked, arguments: Arguments) -> Result:
        found = await asyncio.to_thread(
            recaller.recall,
            asked.who,
            str(arguments["question"]),
            k=_FOUND_AT_MOST,
            budget_tokens=_BUDGET_TOKENS,
            exclude_entry_ids=await asyncio.to_thread(of_this_work, asked),
        )
        hits = [hit for hit in found.hits if hit.entry.kind is not EntryKind.TOOL_CALL]
        lines = [f"{hit.entry.said_at:%d %B %Y}, {speaker_of(hit.entry)}: {hit.text}" for hit in hits]
        text = "\n".join(lines) if lines else "Memory holds nothing on that."
        return Result(text, Label.TOOL, tuple(hit.entry.id for hit in hits))

    def remember(connection: Connection, asked: Asked, arguments: Arguments, permit: Permit) -> Result:
        key = f"noted:{permit.effect_id}"
        try:
            noted = notes.write(connection, asked.who, str(arguments["text"]), Author(permit.run_id), key)
        except EverwordError as error:
            raise NothingHappened(why=error.message) from error
        return Result("Noted.", Label.TOOL, (noted.entry_id,))

    return [
        Tool(
            name="recall",
            description="Find what was said before: quotes with who said them and when. Ask in plain words.",
            parameters=_object(question={"type": "string", "minLength": 1, "maxLength": 2_000}),
            effect=Effect.READ,
            reach=Reach.MEMORY,
            says=lambda arguments: f"Look in memory for “{arguments['question']}”",
            read=recall,
            examples=({"question": "When is Anna's birthday?"},),
        ),
        Tool(
            name="remember",
            description="Write a note of your own, to be found later. One or two sentences.",
            parameters=_object(text={"type": "string", "minLength": 1, "maxLength": 4_000}),
            effect=Effect.CREATE,
            reach=Reach.OWN,
            says=lambda arguments: f"Note down “{arguments['text']}”",
            write=remember,
            is_reversible=True,
            examples=({"text": "Anna prefers the morning train."},),
        ),
    ]


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    """A JSON schema of an object with exactly these."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
