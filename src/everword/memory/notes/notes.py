"""Notes: written, changed and deleted, each in the caller's transaction."""

from sqlalchemy import Connection

from everword.core.errors import Conflict
from everword.core.ids import NoteId
from everword.core.types import Principal
from everword.memory.notes import note_store, words
from everword.memory.notes.types import NOTE_CHANGED, Author, Note
from everword.storage import events

SOURCE = "note"
MOST_CHARACTERS = 20_000
_MOST = 5_000


def write(connection: Connection, who: Principal, text: str, by: Author, key: str) -> Note:
    """Write a note, once for each `key`. Raises Invalid, TooLarge; Conflict where it was deleted since."""
    words.check(text, "The note", MOST_CHARACTERS)
    events.hold_order(connection)
    versions = words.versions(connection, who, SOURCE, key)
    known = note_store.of_entries(connection, who, versions)
    if known is not None:
        return known
    if versions:
        raise Conflict(why="This note was written before, and has been deleted since.")
    if note_store.count(connection, who) >= _MOST:
        raise Conflict(why=f"There are {_MOST:,} notes already. Delete some first.")
    entry = words.write(connection, who, SOURCE, text, by, key)
    note_id = note_store.create(connection, who, who.own_space, entry.id, by.run_id)
    return _told(connection, who, note_id)


def edit(connection: Connection, who: Principal, note_id: NoteId, text: str, by: Author) -> Note:
    """Give a note other words; those it had stay in the ledger. Raises NotFound, Invalid, TooLarge."""
    words.check(text, "The note", MOST_CHARACTERS)
    old = note_store.get(connection, who, note_id)
    entry = words.rewrite(connection, who, old.entry_id, text, by)
    note_store.change(connection, who, note_id, entry.id)
    return _told(connection, who, note_id)


def remove(connection: Connection, who: Principal, note_id: NoteId) -> None:
    """Delete a note. Its words stay in the ledger until they are forgotten. Raises NotFound."""
    old = note_store.get(connection, who, note_id)
    note_store.remove(connection, who, note_id)
    events.append(connection, who, old.space_id, NOTE_CHANGED, {"note_id": note_id})


def _told(connection: Connection, who: Principal, note_id: NoteId) -> Note:
    note = note_store.get(connection, who, note_id)
    events.append(connection, who, note.space_id, NOTE_CHANGED, {"note_id": note_id})
    return note
