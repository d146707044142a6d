"""The assistant's notes as tools: listed, changed and deleted by it; what the owner noted asks first."""

import asyncio

from sqlalchemy import Connection

from everword.core.errors import EverwordError
from everword.core.ids import NoteId
from everword.core.types import Effect, Permit, Principal
from everword.memory.notes import note_store, notes
from everword.memory.notes.types import Author, Note
from everword.storage.database import Database
from everword.tools.errors import NothingHappened
from everword.tools.manifest import Arguments, Asked, Reach, Result, Tool
from everword.tools.naming import ID, ending, named, parameters

_SHOWN = 100
_TEXT = {"type": "string", "minLength": 1, "maxLength": 4_000}


def note_tools(database: Database) -> list[Tool]:
    """What there is to do with notes; `remember` writes one."""

    def listed(who: Principal) -> str:
        with database.reading(who) as connection:
            found = note_store.listed(connection, who, _SHOWN)
        return "\n".join(map(_line, found)) or "There is no note."

    async def note_list(asked: Asked, _arguments: Arguments) -> Result:
        return Result(await asyncio.to_thread(listed, asked.who))

    return [
        Tool(
            name="note_list",
            description="List your notes with their ids, what was changed last first.",
            parameters=parameters(),
            effect=Effect.READ,
            reach=Reach.OWN,
            says=lambda _arguments: "List the notes",
            read=note_list,
            examples=({},),
        ),
        Tool(
            name="note_edit",
            description="Give one of your notes other words. Its id is in the list.",
            parameters=parameters(id=ID, text=_TEXT),
            effect=Effect.EDIT,
            reach=Reach.OWN,
            says=lambda arguments: f"Change a note to “{arguments['text']}”",
            write=_edit,
            is_own=_is_own,
            is_reversible=True,
            examples=({"id": "9f2c41d07ab3", "text": "Anna prefers the evening train."},),
        ),
        Tool(
            name="note_delete",
            description="Delete one of your notes that no longer holds. Its id is in the list.",
            parameters=parameters(id=ID),
            effect=Effect.DELETE,
            reach=Reach.OWN,
            says=lambda arguments: f"Delete the note {arguments['id']}",
            write=_delete,
            is_own=_is_own,
            examples=({"id": "9f2c41d07ab3"},),
        ),
    ]


def _line(note: Note) -> str:
    whose = "yours" if note.is_assistants else "the owner's"
    return f"{ending(note.id)}  {' '.join(note.text.split())} ({whose}, {note.updated_at:%d %B %Y})"


def _named(connection: Connection, who: Principal, arguments: Arguments) -> NoteId:
    return named(note_store.ids(connection, who), str(arguments["id"]), "note")


def _is_own(connection: Connection, who: Principal, arguments: Arguments) -> bool:
    """Whether the assistant wrote it; where there is none, nothing can happen to the owner's."""
    try:
        return note_store.get(connection, who, _named(connection, who, arguments)).is_assistants
    except NothingHappened:
        return True


def _edit(connection: Connection, asked: Asked, arguments: Arguments, permit: Permit) -> Result:
    note_id = _named(connection, asked.who, arguments)
    try:
        notes.edit(connection, asked.who, note_id, str(arguments["text"]), Author(permit.run_id))
    except EverwordError as error:
        raise NothingHappened(why=error.message) from error
    return Result("Changed.")


def _delete(connection: Connection, asked: Asked, arguments: Arguments, _permit: Permit) -> Result:
    notes.remove(connection, asked.who, _named(connection, asked.who, arguments))
    return Result("Deleted.")
