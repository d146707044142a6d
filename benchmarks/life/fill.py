"""Writing a made-up life straight into the tables of a SQLite ledger, in large transactions; goes on where it was."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.life.made_up import BATCH, CONVERSATION, Said, batch
from everword.accounts import store as people
from everword.core.ids import SpaceId
from everword.core.types import Principal
from everword.storage.database import Database
from everword.storage.migrate import migrate

BYTES_AN_ENTRY = 850  # of disk, ledger and index together, measured; to tell beforehand
_ENTRY = (
    "INSERT INTO entry (position, id, space_id, conversation_id, parent_id, kind, label, speaker, source, state,"
    " said_at, recorded_at, text) VALUES (?, ?, ?, ?, ?, 'message', ?, ?, 'life', 'complete', ?, ?, ?)"
)
_CONVERSATION = (
    "INSERT INTO conversation (id, space_id, title, source, leaf_id, created_at, updated_at)"
    " VALUES (?, ?, ?, 'life', ?, ?, ?)"
)


def open_home(home: Path, seed: int) -> tuple[Database, Principal]:
    """The database of a home, made where there is none, and whose life it is."""
    home.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{home}/everword.db")
    migrate(database)
    space_id = SpaceId(str(UUID(bytes=made_id(seed, "space", 0))))
    with database.writing(Principal.system()) as connection:
        there = connection.exec_driver_sql("SELECT 1 FROM space WHERE id = ?", (UUID(space_id).bytes,)).first()
        if there is None:
            people.add_space(connection, Principal.system(), "personal", "life", space_id)
        system = Principal.system()
        person = people.of_space(connection, system, space_id) or people.add_person(
            connection, system, space_id, "life", password_hash=None, is_operator=True
        )
    return database, Principal(person.id, space_id, frozenset({space_id}))


def fill(database: Database, who: Principal, seed: int, size: int, tell: Callable[[int], None]) -> int:
    """Bring the ledger to `size` entries, in batches of BATCH; returns how many are there."""
    space = UUID(who.own_space).bytes
    have = count(database)
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA cache_size=-200000")
        for index in range(have // BATCH, -(-size // BATCH)):
            said = batch(seed, index)
            cursor.execute("BEGIN IMMEDIATE")
            write(cursor, seed, space, said)
            cursor.execute("COMMIT")
            tell((index + 1) * BATCH)
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA cache_size=-16000")
    finally:
        connection.close()
    return count(database)


def write(cursor: Any, seed: int, space: bytes, said: list[Said]) -> None:
    """Whole conversations of one space, in the transaction that is open."""
    cursor.executemany(_CONVERSATION, _conversations(seed, space, said))
    cursor.executemany(_ENTRY, [_entry(seed, space, each) for each in said])


def count(database: Database) -> int:
    """How many entries the ledger has."""
    with database.reading(Principal.system()) as connection:
        return int(connection.exec_driver_sql("SELECT coalesce(max(position), 0) FROM entry").scalar_one())


def entry_id(seed: int, number: int) -> str:
    """The id of an entry."""
    return str(UUID(bytes=made_id(seed, "entry", number)))


def _entry(seed: int, space: bytes, said: Said) -> tuple[object, ...]:
    parent = made_id(seed, "entry", said.number - 1) if said.number % CONVERSATION else None
    talk = made_id(seed, "conversation", said.conversation)
    label = "assistant" if said.is_assistant else "stranger" if said.speaker else "owner"
    at = said.said_at_us
    own_id = made_id(seed, "entry", said.number)
    return said.number + 1, own_id, space, talk, parent, label, said.speaker, at, at, said.text


def _conversations(seed: int, space: bytes, said: list[Said]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for one in said[::CONVERSATION]:
        own_id = made_id(seed, "conversation", one.conversation)
        leaf = made_id(seed, "entry", one.number + CONVERSATION - 1)
        rows.append((own_id, space, f"Talk {one.conversation}", leaf, one.said_at_us, one.said_at_us))
    return rows


def made_id(seed: int, kind: str, number: int) -> bytes:
    """In the order of time and otherwise by chance, as UUIDv7 are."""
    drawn = hashlib.blake2b(f"{seed} {kind} {number}".encode(), digest_size=10).digest()
    return (
        (number + (1 << 40)).to_bytes(6, "big")
        + bytes([0x70 | drawn[0] & 15])
        + drawn[1:2]
        + bytes([0x80 | drawn[2] & 63])
        + drawn[3:]
    )


def remove(database: Database, gone: str) -> None:
    """Let one entry leave the ledger."""
    with database.writing(Principal.system()) as connection:
        connection.exec_driver_sql("DELETE FROM entry WHERE id = ?", (UUID(gone).bytes,))
