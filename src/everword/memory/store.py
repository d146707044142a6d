"""The ledger's rows: entries are only ever added; conversations say how they hang together."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, or_, select, update

from everword.core import clock
from everword.core.errors import Conflict, NotFound
from everword.core.ids import ConversationId, EntryId, RunId, SpaceId, new_id
from everword.core.types import Label, Principal
from everword.memory.index.filters import NO_FILTERS, Filters
from everword.memory.types import Basis, Entry, EntryKind, EntryState, NewEntry
from everword.storage.events import hold_order
from everword.storage.schema.ledger import conversation, entry
from everword.storage.scope import Prepared, require_space, visible
from everword.storage.upsert import insert_if_new_returning

_ROWS_AT_ONCE = 500
_GET = Prepared(lambda seen: select(entry).where(seen(entry), entry.c.id == bindparam("of")))
_OF_CONVERSATION = Prepared(
    lambda seen: select(entry).where(seen(entry), entry.c.conversation_id == bindparam("of")).order_by(entry.c.position)
)
_CHANGE_CONVERSATION = Prepared(
    lambda seen: update(conversation).where(seen(conversation), conversation.c.id == bindparam("of"))
)


def append(connection: Connection, who: Principal, new: NewEntry) -> Entry:
    """Write one entry and return it as recorded.

    An entry that came from elsewhere (`external_id`) and is there already is not written again: the one there is
    returned.
    """
    written = append_many(connection, who, [new])
    if written:
        return written[0]
    known = by_external_id(connection, who, new.space_id, new.source, new.external_id or "")
    if known is None:
        raise Conflict(why="This entry is there already.")
    return known


def append_many(connection: Connection, who: Principal, new: Sequence[NewEntry]) -> list[Entry]:
    """Write entries in the order given; their positions follow that order and that of commits.

    Those that came from elsewhere and are there already (same space, source and external id) are passed over; what
    was written is returned.
    """
    hold_order(connection)
    at = clock.now()
    written: list[Entry] = []
    for first in range(0, len(new), _ROWS_AT_ONCE):
        rows = [_row(who, item, at) for item in new[first : first + _ROWS_AT_ONCE]]
        found = connection.execute(insert_if_new_returning(connection, entry), rows if len(rows) > 1 else rows[0])
        written += sorted(map(_entry, found), key=lambda item: item.position)
    return written


def get(connection: Connection, who: Principal, entry_id: EntryId) -> Entry:
    """One entry. Raises NotFound."""
    row = _GET(connection, who, of=entry_id).one_or_none()
    if row is None:
        raise NotFound(what="entry")
    return _entry(row)


def by_external_id(
    connection: Connection, who: Principal, space_id: SpaceId, source: str, external_id: str
) -> Entry | None:
    """The entry that came from `source` under `external_id`, if it is there."""
    of_it = (entry.c.space_id == space_id, entry.c.source == source, entry.c.external_id == external_id)
    row = connection.execute(select(entry).where(visible(entry, who), *of_it)).one_or_none()
    return None if row is None else _entry(row)


def versions_of(connection: Connection, who: Principal, of: Entry) -> list[EntryId]:
    """The ids of all versions of an entry, the newest first."""
    family = or_(entry.c.id == of.first_version, entry.c.version_of == of.first_version)
    query = select(entry.c.id).where(visible(entry, who), family).order_by(entry.c.position.desc())
    return list(connection.execute(query).scalars())


def of_run(connection: Connection, who: Principal, run_id: RunId, source: str) -> list[Entry]:
    """What a run wrote into `source`, in the order recorded."""
    query = select(entry).where(visible(entry, who), entry.c.source == source, entry.c.run_id == run_id)
    return list(map(_entry, connection.execute(query.order_by(entry.c.position))))


def entries_after(connection: Connection, who: Principal, position: int, limit: int) -> list[Entry]:
    """The entries recorded after `position`, in the order recorded: what an index reads to catch up."""
    query = select(entry).where(visible(entry, who), entry.c.position > position)
    return list(map(_entry, connection.execute(query.order_by(entry.c.position).limit(limit))))


def by_positions(connection: Connection, who: Principal, positions: Iterable[int]) -> list[Entry]:
    """The entries at `positions` that are there and visible, in the order recorded."""
    wanted = sorted(positions)
    found: list[Entry] = []
    for first in range(0, len(wanted), _ROWS_AT_ONCE):
        some = wanted[first : first + _ROWS_AT_ONCE]
        query = select(entry).where(visible(entry, who), entry.c.position.in_(some)).order_by(entry.c.position)
        found += map(_entry, connection.execute(query))
    return found


def by_ids(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> dict[EntryId, Entry]:
    """Those of `entry_ids` that are there and visible."""
    wanted = sorted(entry_ids)
    found: dict[EntryId, Entry] = {}
    for first in range(0, len(wanted), _ROWS_AT_ONCE):
        query = select(entry).where(visible(entry, who), entry.c.id.in_(wanted[first : first + _ROWS_AT_ONCE]))
        found |= {item.id: item for item in map(_entry, connection.execute(query))}
    return found


def of_conversation(connection: Connection, who: Principal, conversation_id: ConversationId) -> list[Entry]:
    """Every entry of a conversation, all branches and versions, in the order recorded."""
    return list(map(_entry, _OF_CONVERSATION(connection, who, of=conversation_id)))


def around(connection: Connection, who: Principal, entry_id: EntryId, before: int, after: int) -> list[Entry]:
    """An entry in its place: up to `before` and `after` entries of its conversation around it, in order.

    Without a conversation it stands alone.
    """
    middle = get(connection, who, entry_id)
    if middle.conversation_id is None:
        return [middle]
    of_it = select(entry).where(visible(entry, who), entry.c.conversation_id == middle.conversation_id)
    earlier = of_it.where(entry.c.position < middle.position).order_by(entry.c.position.desc()).limit(before)
    later = of_it.where(entry.c.position > middle.position).order_by(entry.c.position).limit(after)
    return [
        *reversed(list(map(_entry, connection.execute(earlier)))),
        middle,
        *map(_entry, connection.execute(later)),
    ]


def timeline(
    connection: Connection,
    who: Principal,
    *,
    before: tuple[datetime, int] | None = None,
    after: tuple[datetime, int] | None = None,
    filters: Filters = NO_FILTERS,
    limit: int = 50,
) -> list[Entry]:
    """Every word by when it was said, newest first; `before` and `after` are (said_at, position) of the edge reached.

    With `after`, the entries just after that edge, newest first. `filters`: only what fits, by the whole name of who
    said it; rows are read in their order until so many fit.
    """
    edge = before or after
    fits = _fitting(filters)
    found: list[Entry] = []
    for space_id in sorted(who.spaces):  # each by its own index: SQLite would gather and sort them all together
        query = select(entry).where(visible(entry, who, by_space=True), entry.c.space_id == space_id, *fits)
        if edge is not None:
            query = query.where(_beyond(edge, is_later=before is None))
        order = (entry.c.said_at, entry.c.position)
        query = query.order_by(*(order if after is not None else [column.desc() for column in order])).limit(limit)
        found += map(_entry, connection.execute(query))
    found.sort(key=lambda item: (item.said_at, item.position), reverse=after is None)
    return found[:limit] if after is None else found[:limit][::-1]


def _fitting(filters: Filters) -> list[ColumnElement[bool]]:
    columns = ("speaker", "source", "kind", "label", "conversation_id")
    wanted = [(entry.c[name], getattr(filters, name)) for name in columns]
    fits = [column == value for column, value in wanted if value is not None]
    since = [entry.c.said_at >= filters.since] if filters.since else []
    return [*fits, *since, *([entry.c.said_at < filters.until] if filters.until else [])]


def _beyond(edge: tuple[datetime, int], *, is_later: bool) -> ColumnElement[bool]:
    at, position = edge
    if is_later:
        return (entry.c.said_at >= at) & or_(entry.c.said_at > at, entry.c.position > position)
    return (entry.c.said_at <= at) & or_(entry.c.said_at < at, entry.c.position < position)


def superseded(connection: Connection, who: Principal, entry_ids: Iterable[EntryId]) -> set[EntryId]:
    """Those of `entry_ids` that have a later version."""
    wanted = list(entry_ids)
    if not wanted:
        return set()
    newer = entry.alias("newer")
    family = func.coalesce(entry.c.version_of, entry.c.id)
    query = (
        select(entry.c.id)
        .join(newer, (newer.c.version_of == family) & (newer.c.position > entry.c.position))
        .where(visible(entry, who), entry.c.id.in_(wanted))
        .distinct()
    )
    return set(connection.execute(query).scalars())


def last_position(connection: Connection, who: Principal) -> int:
    """The newest position that `who` may see; 0 where there is none."""
    return int(
        connection.execute(select(func.max(entry.c.position)).where(visible(entry, who, by_space=True))).scalar() or 0
    )


def count(connection: Connection, who: Principal) -> tuple[int, datetime | None]:
    """How many entries there are, and when the first of them was said."""
    query = select(func.count(), func.min(entry.c.said_at)).select_from(entry).where(visible(entry, who, by_space=True))
    number, since = connection.execute(query).one()
    return int(number), since


def counts_by(
    connection: Connection, who: Principal, column: str, limit: int = 50, *, but: Label | None = None
) -> list[tuple[str, int]]:
    """The commonest values of `column` ("speaker", "source", "label") with how many entries have them.

    `but`: leaves out the entries of that label.
    """
    by = entry.c[column]
    query = select(by, func.count()).where(visible(entry, who, by_space=True))
    if but is not None:
        query = query.where(entry.c.label != but.value)
    query = query.group_by(by).order_by(func.count().desc()).limit(limit)
    return [(value, int(number)) for value, number in connection.execute(query)]


def count_of_runs(
    connection: Connection, who: Principal, run_ids: Collection[RunId], kind: EntryKind
) -> dict[RunId, int]:
    """How many entries of a kind each of those runs wrote."""
    query = select(entry.c.run_id, func.count()).where(
        visible(entry, who), entry.c.run_id.in_(run_ids), entry.c.kind == kind.value
    )
    return {RunId(key): int(number) for key, number in connection.execute(query.group_by(entry.c.run_id))}


def count_calls(connection: Connection, who: Principal, since: datetime) -> int:
    """How many calls of tools were made since then for who asks, in their own space."""
    where = (visible(entry, who), entry.c.space_id == who.own_space, entry.c.said_at >= since)
    query = select(func.count()).select_from(entry).where(*where, entry.c.kind == EntryKind.TOOL_CALL.value)
    return int(connection.execute(query).scalar_one())


def next_in_branch(connection: Connection, who: Principal, entry_id: EntryId) -> EntryId | None:
    """The newest entry that follows `entry_id` directly, if any."""
    talk = select(entry.c.conversation_id).where(visible(entry, who), entry.c.id == entry_id).scalar_subquery()
    following = (entry.c.conversation_id == talk, entry.c.parent_id == entry_id)
    query = select(entry.c.id).where(visible(entry, who), *following)
    return connection.execute(query.order_by(entry.c.position.desc()).limit(1)).scalar()


def set_leaf(
    connection: Connection,
    who: Principal,
    conversation_id: ConversationId,
    leaf_id: EntryId,
    at: datetime | None = None,
) -> None:
    """Show the branch that ends in `leaf_id`; `at` is when the conversation was last spoken in, where that changes."""
    values: dict[str, Any] = {"leaf_id": leaf_id} | ({"updated_at": at} if at else {})
    if not _CHANGE_CONVERSATION(connection, who, of=conversation_id, **values).rowcount:
        raise NotFound(what="conversation")


def _row(who: Principal, new: NewEntry, at: datetime) -> dict[str, Any]:
    return {
        "id": new.id or new_id(),
        "space_id": require_space(who, new.space_id),
        "conversation_id": new.conversation_id,
        "parent_id": new.parent_id,
        "version_of": new.version_of,
        "kind": new.kind.value,
        "label": new.label.value,
        "speaker": new.speaker,
        "source": new.source,
        "external_id": new.external_id,
        "state": new.state.value,
        "run_id": new.run_id,
        "model": new.model,
        "basis": new.basis.value if new.basis else None,
        "said_at": new.said_at,
        "recorded_at": at,
        "text": new.text,
        "details": new.details,
    }


def _entry(row: Row[Any]) -> Entry:
    values = dict(row._mapping)
    values["kind"] = EntryKind(values["kind"])
    values["label"] = Label(values["label"])
    values["state"] = EntryState(values["state"])
    values["basis"] = Basis(values["basis"]) if values["basis"] else None
    values["space_id"] = SpaceId(values["space_id"])
    return Entry(**values)
