"""Reading all rows of a kind, page by page, each in a transaction of its own: however many there are, few are held."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from everword.core.types import Principal
from everword.storage.database import Database

_PAGE = 500


class _Named(Protocol):
    @property
    def id(self) -> Any: ...


Row = TypeVar("Row", bound=_Named)


def all_of(
    database: Database, who: Principal, page: Callable[[Connection, Principal, Any, int], list[Row]]
) -> Iterator[Row]:
    """All rows that `page(connection, who, after, limit)` gives, in the order of their ids."""
    after = None
    while True:
        with database.reading(who) as connection:
            rows = page(connection, who, after, _PAGE)
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1].id
