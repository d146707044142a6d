"""Notes' rows, each with its words."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import EntryId, NoteId, RunId, SpaceId, new_id
from everword.core.types import Label, Principal
from everword.memory.notes.types import Note
from everword.storage.schema.ledger import entry
from everword.storage.schema.notes import note
from everword.storage.scope import require_space, visible
from everword.storage.upsert import insert_if_new


def create(
    connection: Connection, who: Principal, space_id: SpaceId, entry_id: EntryId, run_id: RunId | None
) -> NoteId:
    """Write a note whose words are there."""
    at = clock.now()
    values = {"space_id": require_space(who, space_id), "entry_id": entry_id, "run_id": run_id}
    row = connection.execute(
        insert(note).values(id=new_id(), created_at=at, updated_at=at, **values).returning(note.c.id)
    )
    return NoteId(row.scalar_one())


def get(connection: Connection, who: Principal, note_id: NoteId) -> Note:
    """One note. Raises NotFound."""
    row = connection.execute(_notes(who).where(note.c.id == note_id)).one_or_none()
    if row is None:
        raise NotFound(what="note")
    return _note(row)


def of_entries(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> Note | None:
    """The note whose words are one of those entries, if there is one."""
    row = connection.execute(_notes(who).where(note.c.entry_id.in_(entry_ids)).limit(1)).one_or_none()
    return None if row is None else _note(row)


def listed(connection: Connection, who: Principal, limit: int) -> list[Note]:
    """The notes, what was changed last first."""
    query = _notes(who, by_space=True).order_by(note.c.updated_at.desc(), note.c.id.desc())
    return list(map(_note, connection.execute(query.limit(limit))))


def ids(connection: Connection, who: Principal) -> list[NoteId]:
    """The ids of all notes."""
    query = select(note.c.id).where(visible(note, who, by_space=True))
    return [NoteId(key) for key in connection.execute(query).scalars()]


def page(connection: Connection, who: Principal, after: NoteId | None, limit: int) -> list[Note]:
    """All notes in the order of their ids, from behind `after`: what an export needs."""
    query = _notes(who) if after is None else _notes(who).where(note.c.id > after)
    return list(map(_note, connection.execute(query.order_by(note.c.id).limit(limit))))


def restore(connection: Connection, who: Principal, kept: Note) -> bool:
    """Write a note whole, as it was elsewhere; its words are there. False where its id is taken."""
    require_space(who, kept.space_id)
    values = {name: value for name, value in asdict(kept).items() if name in note.c}
    statement = insert_if_new(connection, note).values(**values).returning(note.c.id)
    return connection.execute(statement).one_or_none() is not None


def count(connection: Connection, who: Principal) -> int:
    """How many notes there are."""
    query = select(func.count()).select_from(note).where(visible(note, who, by_space=True))
    return int(connection.execute(query).scalar_one())


def change(connection: Connection, who: Principal, note_id: NoteId, entry_id: EntryId) -> None:
    """Give a note other words. Raises NotFound."""
    statement = update(note).where(visible(note, who), note.c.id == note_id)
    if not connection.execute(statement.values(entry_id=entry_id, updated_at=clock.now())).rowcount:
        raise NotFound(what="note")


def remove(connection: Connection, who: Principal, note_id: NoteId) -> None:
    """Delete a note. Raises NotFound."""
    if not connection.execute(delete(note).where(visible(note, who), note.c.id == note_id)).rowcount:
        raise NotFound(what="note")


def _notes(who: Principal, *, by_space: bool = False) -> Select[Any]:
    query = select(note, entry.c.text, entry.c.label).join(entry, entry.c.id == note.c.entry_id)
    return query.where(visible(note, who, by_space=by_space), visible(entry, who))


def _note(row: Row[Any]) -> Note:
    values = dict(row._mapping)
    return Note(**values | {"label": Label(values["label"])})
