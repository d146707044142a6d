"""Notes and tasks that were elsewhere, brought here with their words: each once, and never over what is here."""

from dataclasses import replace

from sqlalchemy import Connection

from everword.core.ids import EntryId, NoteId, TaskId, new_id
from everword.core.types import Principal
from everword.memory import store
from everword.memory.notes import note_store, task_store
from everword.memory.notes.types import NOTE_CHANGED, TASK_CHANGED, Note, Task
from everword.storage import events


def restore_note(connection: Connection, who: Principal, kept: Note) -> bool:
    """Bring a note back; whether it was. A note with the same words, or another version of them, stays as it is."""
    if note_store.of_entries(connection, who, _versions(connection, who, kept.entry_id)) is not None:
        return False
    if not note_store.restore(connection, who, kept):
        kept = replace(kept, id=NoteId(new_id()))  # the id is in use in a space that is not ours to see
        note_store.restore(connection, who, kept)
    events.append(connection, who, kept.space_id, NOTE_CHANGED, {"note_id": kept.id})
    return True


def restore_task(connection: Connection, who: Principal, kept: Task) -> bool:
    """Bring a task back; whether it was. One with the same title, or another version of it, stays as it is."""
    if task_store.of_entries(connection, who, _versions(connection, who, kept.entry_id)) is not None:
        return False
    if not task_store.restore(connection, who, kept):
        kept = replace(kept, id=TaskId(new_id()))
        task_store.restore(connection, who, kept)
    events.append(connection, who, kept.space_id, TASK_CHANGED, {"task_id": kept.id})
    return True


def _versions(connection: Connection, who: Principal, entry_id: EntryId) -> list[EntryId]:
    return store.versions_of(connection, who, store.get(connection, who, entry_id))
