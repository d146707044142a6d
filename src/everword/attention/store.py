"""Briefs' and cards' rows. They hold references; what a card says is read from its source."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from everword.attention.types import (
    Brief,
    BriefId,
    Card,
    CardId,
    CardKind,
    CardState,
    HeldBack,
    Item,
    Source,
    SourceId,
    SummaryState,
)
from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import SpaceId, new_id
from everword.core.types import Principal
from everword.storage.schema.attention import brief, card
from everword.storage.scope import require_space, visible
from everword.storage.upsert import insert_if_new

_AT_ONCE = 500


def make(
    connection: Connection, who: Principal, space_id: SpaceId, day: str, *, due_at: datetime, since: datetime
) -> Brief | None:
    """Write the brief of a day; None where that day has one."""
    values = {
        "id": new_id(),
        "space_id": require_space(who, space_id),
        "day": day,
        "due_at": due_at,
        "made_at": clock.now(),
        "since": since,
        "summary_state": SummaryState.NONE.value,
        "summary_attempts": 0,
    }
    row = connection.execute(insert_if_new(connection, brief).values(values).returning(brief)).one_or_none()
    return None if row is None else _brief(row)


def newest(connection: Connection, who: Principal, space_id: SpaceId) -> Brief | None:
    """The brief of the last day that has one."""
    query = select(brief).where(visible(brief, who), brief.c.space_id == space_id).order_by(brief.c.day.desc())
    row = connection.execute(query.limit(1)).one_or_none()
    return None if row is None else _brief(row)


def word(
    connection: Connection,
    who: Principal,
    brief_id: BriefId,
    state: SummaryState,
    *,
    attempts: int,
    summary: str | None = None,
    model: str | None = None,
) -> None:
    """Record how far the wording of a brief's summary is."""
    values = {
        "summary_state": state.value,
        "summary_attempts": attempts,
        "summary": summary,
        "summary_model": model,
    }
    connection.execute(update(brief).where(visible(brief, who), brief.c.id == brief_id).values(values))


def prune(connection: Connection, who: Principal, space_id: SpaceId, before_day: str) -> int:
    """Remove the briefs of days before that one, with their cards. Returns how many."""
    where = (visible(brief, who), brief.c.space_id == space_id, brief.c.day < before_day)
    return connection.execute(delete(brief).where(*where)).rowcount


def add_cards(
    connection: Connection, who: Principal, of: Brief, items: Sequence[tuple[Item, HeldBack | None]], first_place: int
) -> None:
    """Write cards for items, in their order."""
    require_space(who, of.space_id)
    for place, (item, held_back) in enumerate(items, first_place):
        values = {
            "id": new_id(),
            "space_id": of.space_id,
            "brief_id": of.id,
            "source": item.source.value,
            "source_id": item.source_id,
            "kind": item.kind.value,
            "sort": item.sort,
            "place": place,
            "held_back": held_back.value if held_back else None,
            "state": CardState.OPEN.value,
        }
        connection.execute(insert(card).values(values))


def cards(connection: Connection, who: Principal, brief_id: BriefId) -> list[Card]:
    """The cards of a brief, by their places."""
    query = select(card).where(visible(card, who), card.c.brief_id == brief_id).order_by(card.c.place)
    return list(map(_card, connection.execute(query)))


def decide(connection: Connection, who: Principal, card_id: CardId, state: CardState) -> Card:
    """Record what the person said to a card. Raises NotFound."""
    values = {"state": state.value, "decided_at": None if state is CardState.OPEN else clock.now()}
    statement = update(card).where(visible(card, who), card.c.id == card_id).values(values).returning(card)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(what="card")
    return _card(row)


def decided_before(
    connection: Connection, who: Principal, space_id: SpaceId, target_ids: Collection[SourceId]
) -> set[tuple[str, str]]:
    """Which cards, by key, for any of these rows were done or dismissed in a brief that is still kept."""
    states = card.c.state.in_([CardState.DISMISSED.value, CardState.DONE.value])
    query = select(card.c.source, card.c.source_id).where(visible(card, who), card.c.space_id == space_id, states)
    return {
        (row.source, row.source_id)
        for some in _some(target_ids)
        for row in connection.execute(query.where(card.c.source_id.in_(some)))
    }


def forget(connection: Connection, who: Principal, space_id: SpaceId, target_ids: Collection[SourceId]) -> int:
    """Let go of the summaries in a space, which may tell of anything, and of cards for those rows; how many cards."""
    own = (visible(brief, who), brief.c.space_id == space_id, brief.c.summary.is_not(None))
    connection.execute(update(brief).where(*own).values(summary=None, summary_state=SummaryState.NONE.value))
    of_space = (visible(card, who), card.c.space_id == space_id)
    return sum(
        connection.execute(delete(card).where(*of_space, card.c.source_id.in_(some))).rowcount
        for some in _some(target_ids)
    )


def _some(keys: Collection[SourceId]) -> Iterator[list[SourceId]]:
    ordered = sorted(keys)
    for first in range(0, len(ordered), _AT_ONCE):
        yield ordered[first : first + _AT_ONCE]


def _brief(row: Row[Any]) -> Brief:
    return Brief(**dict(row._mapping) | {"summary_state": SummaryState(row.summary_state)})


def _card(row: Row[Any]) -> Card:
    values = dict(row._mapping)
    values |= {"source": Source(row.source), "kind": CardKind(row.kind), "state": CardState(row.state)}
    return Card(**values | {"held_back": HeldBack(row.held_back) if row.held_back else None})
