"""Writing what an export of ours says of notes, tasks and promises: as it was there, where its entries are here."""

from collections.abc import Sequence

from sqlalchemy import Connection

from everword.core.ids import EntryId, NoteId, RunId, SpaceId, TaskId, new_id
from everword.core.types import Label, Principal
from everword.intake.records import Note, Promise, Record, Task
from everword.intake.references import References
from everword.memory.facts import promise_store
from everword.memory.facts.types import Moment, Precision, PromiseId, PromiseState
from everword.memory.facts.types import Promise as KnownPromise
from everword.memory.notes.restoring import restore_note, restore_task
from everword.memory.notes.types import Note as KnownNote
from everword.memory.notes.types import Task as KnownTask


def keep(
    connection: Connection, who: Principal, space_id: SpaceId, records: Sequence[Record], references: References
) -> None:
    """Write those of `records` that are notes, tasks and decided promises. Doing it again changes nothing."""
    for record in records:
        if not isinstance(record, Note | Task | Promise):
            continue
        entry_id = references.entry(record.source, record.entry)
        if entry_id is None:
            continue
        match record:
            case Note():
                restore_note(connection, who, _note(space_id, record, entry_id))
            case Task():
                cause = references.entry(record.source, record.cause)
                restore_task(connection, who, _task(space_id, record, entry_id, cause))
            case Promise():
                promise_store.restore(connection, who, _promise(space_id, record, entry_id))


def _note(space_id: SpaceId, record: Note, entry_id: EntryId) -> KnownNote:
    return KnownNote(
        id=NoteId(record.restores.id),
        space_id=space_id,
        entry_id=entry_id,
        run_id=RunId(record.run) if record.run else None,
        text="",  # its words, and whose they are, are the entry's
        label=Label.OWNER,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def _task(space_id: SpaceId, record: Task, entry_id: EntryId, cause: EntryId | None) -> KnownTask:
    return KnownTask(
        id=TaskId(record.restores.id),
        space_id=space_id,
        entry_id=entry_id,
        source_entry_id=cause,
        run_id=RunId(record.run) if record.run else None,
        title="",
        label=Label.OWNER,
        due=record.due,
        done_at=record.done_at,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def _promise(space_id: SpaceId, record: Promise, entry_id: EntryId) -> KnownPromise:
    has_due = record.due_at is not None and record.due_precision is not None
    return KnownPromise(
        id=PromiseId(new_id()),
        space_id=space_id,
        entry_id=entry_id,
        start=record.start,
        end=record.end,
        action=record.action,
        due=Moment(record.due_at, Precision(record.due_precision)) if has_due else None,  # type: ignore[arg-type]
        said_at=record.said_at,
        state=PromiseState(record.state),
        decided_at=record.decided_at,
    )
