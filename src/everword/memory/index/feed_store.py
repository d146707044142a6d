"""What an index reads of the ledger: the columns it needs, as it needs them, thousands of rows at a time."""

from collections.abc import Sequence
from typing import NamedTuple, cast

from sqlalchemy import Connection, select, type_coerce

from everword.core.ids import SpaceId
from everword.core.types import Principal
from everword.storage.columns import IdKey, Microseconds
from everword.storage.schema.ledger import entry
from everword.storage.scope import visible


class Fed(NamedTuple):
    """An entry as the index knows it. Ids are keys (62 random bits), `said_at` microseconds since 1970."""

    position: int
    space_id: SpaceId
    key: int
    root: int | None  # the first version's key, where this is a later one
    conversation: int | None
    kind: str
    label: str
    speaker: str
    source: str
    said_at: int
    text: str

    @property
    def first_version(self) -> int:
        """The key that all versions of this entry share."""
        return self.key if self.root is None else self.root


def entries_after(connection: Connection, who: Principal, position: int, limit: int) -> Sequence[Fed]:
    """The entries recorded after `position`, in the order recorded."""
    query = select(
        entry.c.position,
        entry.c.space_id,
        type_coerce(entry.c.id, IdKey),
        type_coerce(entry.c.version_of, IdKey),
        type_coerce(entry.c.conversation_id, IdKey),
        entry.c.kind,
        entry.c.label,
        entry.c.speaker,
        entry.c.source,
        type_coerce(entry.c.said_at, Microseconds),
        entry.c.text,
    ).where(visible(entry, who), entry.c.position > position)
    found = connection.execute(query.order_by(entry.c.position).limit(limit))
    return cast("Sequence[Fed]", [Fed(*row) for row in found])


def positions_between(connection: Connection, who: Principal, first: int, last: int) -> list[int]:
    """The positions from `first` to `last`, both included, at which there are entries."""
    query = select(entry.c.position).where(visible(entry, who), entry.c.position.between(first, last))
    return list(connection.execute(query.order_by(entry.c.position)).scalars())


def spaces_between(connection: Connection, who: Principal, first: int, last: int) -> set[SpaceId]:
    """The spaces that have entries recorded from `first` to `last`, both included."""
    query = select(entry.c.space_id).distinct().where(visible(entry, who), entry.c.position.between(first, last))
    return set(connection.execute(query).scalars())
