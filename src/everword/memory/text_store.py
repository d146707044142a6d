"""Texts by position alone: what the ranker reads by the hundred, without the rest of their rows."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from everword.core.types import Principal
from everword.storage.schema.ledger import entry
from everword.storage.scope import visible

_AT_ONCE = 500


def texts(connection: Connection, who: Principal, positions: Sequence[int]) -> list[str]:
    """The text at each of `positions`; empty where there is none that `who` may see."""
    found: dict[int, str] = {}
    for first in range(0, len(positions), _AT_ONCE):
        some = positions[first : first + _AT_ONCE]
        query = select(entry.c.position, entry.c.text).where(visible(entry, who), entry.c.position.in_(some))
        found |= {row.position: row.text for row in connection.execute(query).all()}
    return [found.get(position, "") for position in positions]
