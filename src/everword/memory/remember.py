"""Remembering what a program tells: an entry of its own, labelled as a tool's and never as its owner's word."""

import hashlib

from everword.core import clock
from everword.core.errors import Invalid, TooLarge
from everword.core.ids import EntryId, new_id
from everword.core.types import Label, Principal
from everword.memory import store
from everword.memory.types import Entry, NewEntry
from everword.storage import events
from everword.storage.database import Database

SOURCE = "program"
MAX_CHARACTERS = 20_000
_MOST_NAME_CHARACTERS = 80


def remember(database: Database, who: Principal, text: str, *, program: str) -> tuple[Entry, bool]:
    """Write what `program` tells into the person's own space, in one transaction; whether it was new.

    The same words from the same program are one entry, so that a call that is repeated doubles nothing. Raises Invalid
    or TooLarge.
    """
    _check(text)
    name = " ".join("".join(character if character.isprintable() else " " for character in program).split())
    new = NewEntry(
        id=EntryId(new_id()),
        space_id=who.own_space,
        label=Label.TOOL,
        text=text,
        said_at=clock.now(),
        source=SOURCE,
        speaker=name[:_MOST_NAME_CHARACTERS] or "A program",
        external_id=f"told:{hashlib.sha256(f'{name}: {text}'.encode()).hexdigest()[:32]}",
    )
    with database.writing(who) as connection:
        entry = store.append(connection, who, new)
        is_new = entry.id == new.id
        if is_new:
            events.append(connection, who, entry.space_id, "entry.added", {"entry_id": entry.id})
    return entry, is_new


def _check(text: str) -> None:
    if not text.strip():
        raise Invalid(why="There is nothing to remember: the text is empty.")
    if "\x00" in text:
        raise Invalid(why="The text contains a character (NUL) that cannot be kept. Remove it and try again.")
    if len(text) > MAX_CHARACTERS:
        raise TooLarge(what="The text", limit=f"{MAX_CHARACTERS:,} characters")
