"""Scoping: the condition that every query on a spaced table carries."""

from sqlalchemy import ColumnElement, Table, true

from everword.core.errors import NotFound
from everword.core.ids import SpaceId
from everword.core.types import Principal
from everword.storage.schema.base import space_of


def visible(table: Table, who: Principal) -> ColumnElement[bool]:
    """True for the rows of `table` that `who` may see; all of them for the installation itself."""
    if who.is_system:
        return true()
    return space_of(table).in_(sorted(who.spaces))


def require_space(who: Principal, space_id: SpaceId) -> SpaceId:
    """`space_id`, if `who` may write there; otherwise NotFound, as for a space that does not exist."""
    if not who.is_system and space_id not in who.spaces:
        raise NotFound(what="space")
    return space_id
