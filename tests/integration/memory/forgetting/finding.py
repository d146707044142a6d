"""Looking for a word everywhere, written without the code it judges: raw bytes, every format decoded, every table."""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import tantivy
from psycopg import sql

from everword.storage.database import Database
from tests.postgres import PostgresServer


def places(home: Path, database: Database, word: str) -> set[str]:
    """Every place under `home` and in the database's tables where `word` stands, in any form."""
    found = set(_in_files(home, word)) | set(_in_indexes(home, word))
    return found | set(_in_sqlite(home, word) if database.is_sqlite else _in_postgres(database, word))


def files_with(home: Path, content: bytes) -> set[str]:
    """The files under `home` that hold those bytes: what is left of a text as numbers."""
    found = (path for path in home.rglob("*") if path.is_file() and content in path.read_bytes())
    return {path.relative_to(home).as_posix() for path in found}


def server_files(server: PostgresServer, database: Database, word: str) -> set[str]:
    """The files of a PostgreSQL server's tables and indexes that hold `word`, read from the disk."""
    server._admin(sql.SQL("CHECKPOINT"))
    with _psycopg(database) as connection:
        oid = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    assert oid is not None
    folder = server.log.parent / "cluster" / "base" / str(oid[0])
    return {path.name for path in folder.iterdir() if path.is_file() and _holds(path.read_bytes(), word)}


def _in_files(home: Path, word: str) -> Iterator[str]:
    for path in home.rglob("*"):
        if path.is_file() and path.name != "vault.key":
            content = path.read_bytes()
            if _holds(content, word) or _holds(_inflated(content), word):
                yield f"bytes of {path.relative_to(home).parts[0]}"


def _holds(content: bytes, word: str) -> bool:
    """Plain, UTF-16, JSON escapes, hexadecimal, and base64 in each of its three alignments."""
    plain = word.encode()
    wanted = {plain, word.encode("utf-16-le"), json.dumps(word)[1:-1].encode(), plain.hex().encode()}
    for shift in range(3):
        coded = base64.b64encode(b"xxx"[:shift] + plain + b"yyy")
        wanted.add(coded[4 if shift else 0 : 4 * ((shift + len(plain)) // 3)])
    return any(form in content for form in wanted)


def _inflated(content: bytes) -> bytes:
    for inflate in (gzip.decompress, zlib.decompress):
        try:
            return inflate(content)
        except (OSError, zlib.error, EOFError):
            continue
    return b""


def _in_indexes(home: Path, word: str) -> Iterator[str]:
    folded = "".join(
        letter for letter in unicodedata.normalize("NFKD", word).casefold() if not unicodedata.combining(letter)
    )
    for meta in home.rglob("meta.json"):
        index = tantivy.Index.open(str(meta.parent))
        searcher = index.searcher()
        for field in ("word", "stem", "tag"):
            if any(folded in term for term, _ in searcher.terms_with_prefix(field, "", limit=1_000_000)):
                yield f"index terms: {field}"


def _in_sqlite(home: Path, word: str) -> Iterator[str]:
    for file in [*home.glob("*.db"), *home.glob("*.engine"), *home.glob("before-migration/*.db")]:
        connection = sqlite3.connect(file)
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                if any(_value_holds(value, word) for value in row):
                    yield f"{file.suffix} {table}"
        connection.close()


def _in_postgres(database: Database, word: str) -> Iterator[str]:
    with _psycopg(database) as connection:
        connection.execute("SELECT set_config('everword.spaces', 'all', false)")
        tables = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'dbos')"
        ).fetchall()
        for (table,) in tables:
            for row in connection.execute(f"SELECT * FROM {table}"):
                if any(_value_holds(value, word) for value in row):
                    yield f"table {table}"


def _value_holds(value: object, word: str) -> bool:
    if isinstance(value, bytes | memoryview):
        return _holds(bytes(value), word)
    if isinstance(value, str):
        return _holds(value.encode(), word)
    return isinstance(value, dict | list) and _holds(json.dumps(value, ensure_ascii=False).encode(), word)


def _psycopg(database: Database) -> psycopg.Connection[tuple[object, ...]]:
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url)
