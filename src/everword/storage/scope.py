"""Scoping: the condition that every query on a spaced table carries."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, CursorResult, Executable, Table, bindparam, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from everword.core.errors import NotFound
from everword.core.ids import SpaceId
from everword.core.types import Principal
from everword.storage.schema.base import space_of


def visible(table: Table, who: Principal, *, by_space: bool = False) -> ColumnElement[bool]:
    """True for the rows of `table` that `who` may see; all of them for the installation itself.

    `by_space`: the query reads a space from one end, so an index that begins with the space is its way in. Otherwise
    the condition only holds rows back: SQLite would take such an index even where a key is given, and read the space.
    """
    if who.is_system:
        return true()
    spaces = sorted(who.spaces)
    return space_of(table).in_(spaces) if by_space else _NoWayIn(space_of(table)).in_(spaces)


def require_space(who: Principal, space_id: SpaceId) -> SpaceId:
    """`space_id`, if `who` may write there; otherwise NotFound, as for a space that does not exist."""
    if not who.is_system and space_id not in who.spaces:
        raise NotFound(what="space")
    return space_id


Seen = Callable[[Table], ColumnElement[bool]]
"""What a prepared statement has in place of `visible`: true for the rows of a table that who asks may see."""


class Prepared:
    """A statement that is asked for again and again, built once: to build it costs several times what it takes.

    `build` is given `Seen`; whatever else differs from call to call is a `bindparam`, and its value is given by name.
    An update without `values` sets the columns that are named in the call.
    """

    def __init__(self, build: Callable[[Seen], Executable]) -> None:
        self._build = build
        self._built: dict[int | None, Executable] = {}

    def __call__(self, connection: Connection, who: Principal, **values: Any) -> CursorResult[Any]:
        """Execute it for who asks."""
        number = None if who.is_system else len(who.spaces)
        statement = self._built.get(number)
        if statement is None:
            statement = self._built[number] = self._build(_seen(number))
        if number is not None:
            values |= {f"seen_{place}": space for place, space in enumerate(sorted(who.spaces))}
        return connection.execute(statement, values)


def _seen(number: int | None) -> Seen:
    """`visible` for whoever sees so many spaces, which are given with each call; None: for the installation."""
    if number is None:
        return lambda _table: true()

    def condition(table: Table) -> ColumnElement[bool]:
        column = space_of(table)
        return _NoWayIn(column).in_([bindparam(f"seen_{place}", type_=column.type) for place in range(number)])

    return condition


class _NoWayIn(FunctionElement[str]):
    """A column that no index is used for on SQLite (its documented unary `+`); elsewhere the column itself."""

    inherit_cache = True

    def __init__(self, column: Column[str]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(_NoWayIn)
def _plain(element: _NoWayIn, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_NoWayIn, "sqlite")
def _unary_plus(element: _NoWayIn, compiler: SQLCompiler, **options: Any) -> str:
    return "+" + compiler.process(element.clauses, **options)
