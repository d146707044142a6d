"""Notes: what the assistant wrote down for itself, and what you note yourself."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from everword.core.ids import NoteId
from everword.core.types import Label, Principal
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.services import Services, services_of
from everword.memory.notes import note_store, notes
from everword.memory.notes.types import OWNER, Note

router = APIRouter(prefix="/api/notes", tags=["notes"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
Text = Annotated[str, Field(min_length=1, max_length=notes.MOST_CHARACTERS)]
ClientId = Annotated[str, Field(min_length=8, max_length=64, description="Made by the client")]
Limit = Annotated[int, Query(ge=1, le=1_000)]
By = Literal["owner", "assistant"]


class NoteWords(BaseModel):
    """What a note is to say."""

    text: Text


class NoteWanted(NoteWords):
    """A note to be written."""

    client_id: ClientId


class NoteShape(BaseModel):
    """One note. `by`: who wrote its words; `run_id`: the run that wrote it first; `entry_id`: its words in Memory."""

    id: str
    text: str
    by: By
    run_id: str | None
    entry_id: str
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def of(note: Note) -> "NoteShape":
        return NoteShape(
            id=note.id,
            text=note.text,
            by=written_by(note.label),
            run_id=note.run_id,
            entry_id=note.entry_id,
            created_at=note.created_at,
            updated_at=note.updated_at,
        )


class NotesShape(BaseModel):
    """Notes, what was changed last first; `count` is how many there are in all."""

    notes: list[NoteShape]
    count: int


@router.get("")
def listed(who: Who, house: House, limit: Limit = 200) -> NotesShape:
    """The notes of the person who asks."""
    with house.database.reading(who) as connection:
        found = note_store.listed(connection, who, limit)
        return NotesShape(notes=[NoteShape.of(note) for note in found], count=note_store.count(connection, who))


@router.post("", status_code=201)
def write(who: Who, house: House, wanted: NoteWanted) -> NoteShape:
    """Write a note. Sent twice with the same `client_id` it is written once."""
    with house.database.writing(who) as connection:
        return NoteShape.of(notes.write(connection, who, wanted.text, OWNER, f"client:{wanted.client_id}"))


@router.patch("/{note_id}")
def edit(who: Who, house: House, note_id: Identifier, wanted: NoteWords) -> NoteShape:
    """Give a note other words. Those it had stay in Memory."""
    with house.database.writing(who) as connection:
        return NoteShape.of(notes.edit(connection, who, NoteId(note_id), wanted.text, OWNER))


@router.delete("/{note_id}", status_code=204)
def remove(who: Who, house: House, note_id: Identifier) -> None:
    """Delete a note. Its words stay in Memory until they are forgotten."""
    with house.database.writing(who) as connection:
        notes.remove(connection, who, NoteId(note_id))


def written_by(label: Label) -> By:
    """Whose words they are, of the two who write notes and tasks."""
    return "assistant" if label is Label.ASSISTANT else "owner"
