"""The words of notes and tasks, in the ledger: written once, and changed by another version."""

from sqlalchemy import Connection

from everword.core import clock
from everword.core.errors import Invalid, TooLarge
from everword.core.ids import EntryId
from everword.core.types import Label, Principal
from everword.memory import store
from everword.memory.notes.types import Author
from everword.memory.types import Entry, NewEntry


def check(text: str, what: str, most: int) -> str:
    """`text`, if it can be kept. Raises Invalid or TooLarge."""
    if not text.strip():
        raise Invalid(why=f"{what} is empty.")
    if "\x00" in text:
        raise Invalid(why=f"{what} contains a character (NUL) that cannot be kept. Remove it and try again.")
    if len(text) > most:
        raise TooLarge(what=what, limit=f"{most:,} characters")
    return text


def write(connection: Connection, who: Principal, source: str, text: str, by: Author, key: str) -> Entry:
    """The first version, once for each `key`."""
    return store.append(connection, who, _new(who, source, text, by, key))


def rewrite(connection: Connection, who: Principal, entry_id: EntryId, text: str, by: Author) -> Entry:
    """Another version. The same words again are none."""
    old = store.get(connection, who, entry_id)
    if old.text == text:
        return old
    return store.append(connection, who, _new(who, old.source, text, by, None, old.first_version))


def versions(connection: Connection, who: Principal, source: str, key: str) -> list[EntryId]:
    """Every version of the words that were written under `key`; none where they never were, or are forgotten."""
    known = store.by_external_id(connection, who, who.own_space, source, key)
    return [] if known is None else store.versions_of(connection, who, known)


def _new(
    who: Principal, source: str, text: str, by: Author, key: str | None, version_of: EntryId | None = None
) -> NewEntry:
    return NewEntry(
        space_id=who.own_space,
        label=by.label,
        text=text,
        said_at=clock.now(),
        source=source,
        external_id=key,
        version_of=version_of,
        speaker="Everword" if by.label is Label.ASSISTANT else "",
        run_id=by.run_id,
    )
