"""Preferences' rows: small values by name, kept for a space; rooms that set something share them."""

from typing import Any

from sqlalchemy import Connection, insert, select, update

from everword.core import clock
from everword.core.ids import SpaceId
from everword.core.types import Principal
from everword.storage.schema.settings import preference
from everword.storage.scope import require_space, visible


def read(connection: Connection, who: Principal, space_id: SpaceId) -> dict[str, Any]:
    """What was set in a space, by name."""
    query = select(preference.c.name, preference.c.value)
    rows = connection.execute(query.where(visible(preference, who), preference.c.space_id == space_id))
    return {name: value["value"] for name, value in rows}


def spaces_with(connection: Connection, who: Principal, name: str) -> list[SpaceId]:
    """The spaces in which `name` was set."""
    query = select(preference.c.space_id).where(visible(preference, who), preference.c.name == name)
    return [SpaceId(found) for found in connection.execute(query.order_by(preference.c.space_id)).scalars()]


def values(connection: Connection, who: Principal, name: str) -> dict[SpaceId, Any]:
    """What `name` was set to, by space."""
    query = select(preference.c.space_id, preference.c.value).where(visible(preference, who), preference.c.name == name)
    return {SpaceId(space_id): value["value"] for space_id, value in connection.execute(query)}


def write(connection: Connection, who: Principal, space_id: SpaceId, name: str, value: Any) -> None:
    """Set one value in a space."""
    require_space(who, space_id)
    kept = {"value": {"value": value}, "updated_at": clock.now()}  # boxed, so that false and null are values too
    where = (visible(preference, who), preference.c.space_id == space_id, preference.c.name == name)
    if not connection.execute(update(preference).where(*where).values(**kept)).rowcount:
        connection.execute(insert(preference).values(space_id=space_id, name=name, **kept))
