"""Looking for words in every table, row by row, in values as the database gives them back: JSON is decoded by it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Connection, LargeBinary, String, Table, func, select

from everword.core.types import Principal
from everword.storage.columns import Id
from everword.storage.schema import metadata
from everword.storage.scope import visible

_AT_ONCE = 500
_OWN = ("forgetting", "forgetting_item")
_REFERENCES = ("id", "entry_id", "answer_id", "run_id", "conversation_id")


@dataclass(frozen=True, slots=True)
class Holder:
    """A row that holds words: its table, the ids it has or names, when it was recorded, and which words."""

    table: str
    names: frozenset[str]
    recorded_at: datetime | None
    words: frozenset[str]


def holders(connection: Connection, who: Principal, words: Sequence[str], tables: Collection[str] = ()) -> list[Holder]:
    """Every row that `who` may see and that holds any of `words`, in any letter case, in any column.

    In all tables, or only in those named.
    """
    folded = {word: word.casefold() for word in words}
    as_bytes = {word: word.encode() for word in words}
    holding: list[Holder] = []
    for table in metadata.sorted_tables:
        columns = [column for column in table.columns if _may_hold(column)]
        if table.name in _OWN or (tables and table.name not in tables) or not columns or not words:
            continue
        for row in _rows(connection, who, table, columns):
            content = "\n".join(_texts(row[column.name] for column in columns)).casefold()
            raw = b"\n".join(row[column.name] or b"" for column in columns if isinstance(column.type, LargeBinary))
            found = {word for word in words if folded[word] in content or as_bytes[word] in raw}
            if found:
                holding.append(_holder(table, row, found))
    return holding


def count_rows(connection: Connection, who: Principal) -> int:
    """How many rows such a look reads."""
    count = 0
    for table in metadata.sorted_tables:
        if table.name not in _OWN and any(map(_may_hold, table.columns)):
            rows = select(func.count()).select_from(table).where(visible(table, who))
            count += int(connection.execute(rows).scalar_one())
    return count


def _rows(connection: Connection, who: Principal, table: Table, columns: Collection[Column[Any]]) -> Iterator[Any]:
    references = [table.c[name] for name in (*_REFERENCES, "recorded_at") if name in table.c]
    query = select(*dict.fromkeys([*columns, *references])).where(visible(table, who))
    yield from connection.execute(query.execution_options(yield_per=_AT_ONCE)).mappings()


def _holder(table: Table, row: Any, found: set[str]) -> Holder:
    names = {str(row[name]) for name in _REFERENCES if name in table.c and row[name] is not None}
    for column in table.columns:
        if isinstance(column.type, JSON):
            names |= {text for text in _strings(row[column.name]) if len(text) == 36}
    return Holder(table.name, frozenset(names), row.get("recorded_at"), frozenset(found))


def _may_hold(column: Column[Any]) -> bool:
    return isinstance(column.type, String | JSON | LargeBinary) and not isinstance(column.type, Id)


def _texts(values: Iterator[Any]) -> Iterator[str]:
    for value in values:
        yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    """The texts in a value, keys too, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)
