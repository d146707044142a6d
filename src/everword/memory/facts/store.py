"""Facts' rows: what claims add up to, and what the owner decided about it."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import SpaceId
from everword.core.types import Label, Principal
from everword.memory.facts.rows import batches, in_slot, interval_of, interval_row, is_active
from everword.memory.facts.types import (
    Fact,
    FactId,
    Origin,
    Precision,
    Slot,
    key_of,
)
from everword.storage.schema.facts import fact, fact_source, supersession
from everword.storage.scope import require_space, visible

_LOCK = 0x66616374  # "fact"


def hold(connection: Connection, who: Principal, space_id: SpaceId) -> None:
    """Let nobody else put the facts of a space together until this transaction ends. SQLite has one writer anyway."""
    require_space(who, space_id)
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:key, hashtext(:space))"), {"key": _LOCK, "space": space_id}
        )


def facts_of_slot(connection: Connection, who: Principal, space_id: SpaceId, slot: Slot) -> list[Fact]:
    """The facts that there are of one slot."""
    rows = connection.execute(_facts(who).where(*in_slot(fact, space_id, slot)).order_by(fact.c.id))
    return list(map(_fact, rows))


def put(connection: Connection, who: Principal, made: Fact) -> None:
    """Write a fact, new or as it is now; what the owner decided about it and when it was learned stay."""
    require_space(who, made.space_id)
    values = _fact_values(made)
    where = (visible(fact, who), fact.c.id == made.id)
    if not connection.execute(update(fact).where(*where).values(values)).rowcount:
        connection.execute(insert(fact).values(values | {"id": made.id, "learned_at": made.learned_at}))


def remove(connection: Connection, who: Principal, fact_ids: Collection[FactId]) -> int:
    """Remove facts with their claims. Returns how many."""
    return sum(
        connection.execute(delete(fact).where(visible(fact, who), fact.c.id.in_(some))).rowcount
        for some in batches(fact_ids)
    )


def pin(connection: Connection, who: Principal, fact_id: FactId, since: datetime | None) -> None:
    """Record that the owner keeps a fact in sight; None: no longer. Raises NotFound."""
    _decide(connection, who, fact_id, pinned_at=since)


def refuse(connection: Connection, who: Principal, fact_id: FactId, since: datetime | None) -> None:
    """Record that the owner says a fact is none; None: it is one after all. Raises NotFound."""
    _decide(connection, who, fact_id, refused_at=since)


def _decide(connection: Connection, who: Principal, fact_id: FactId, **decision: datetime | None) -> None:
    where = (visible(fact, who), fact.c.id == fact_id)
    if not connection.execute(update(fact).where(*where).values(**decision)).rowcount:
        raise NotFound(what="fact")


def get(connection: Connection, who: Principal, fact_id: FactId) -> Fact:
    """One fact. Raises NotFound."""
    row = connection.execute(_facts(who).where(fact.c.id == fact_id)).first()
    if row is None:
        raise NotFound(what="fact")
    return _fact(row)


def by_ids(connection: Connection, who: Principal, fact_ids: Collection[FactId]) -> list[Fact]:
    """Those facts that there are."""
    return [
        _fact(row) for some in batches(fact_ids) for row in connection.execute(_facts(who).where(fact.c.id.in_(some)))
    ]


def decided(connection: Connection, who: Principal, space_id: SpaceId) -> list[Fact]:
    """The facts of a space that the owner has pinned, refused, brought back, or set aside by that."""
    by_owner = (is_active(), supersession.c.decided_by == "owner", supersession.c.space_id == space_id)
    named = or_(supersession.c.fact_id == fact.c.id, supersession.c.by_id == fact.c.id)
    is_ruled = or_(fact.c.pinned_at.is_not(None), fact.c.refused_at.is_not(None), exists().where(*by_owner, named))
    return list(map(_fact, connection.execute(_facts(who).where(fact.c.space_id == space_id, is_ruled))))


def beginning(connection: Connection, who: Principal, first: datetime, last: datetime, limit: int) -> list[Fact]:
    """The facts that begin to hold on a day that is known, from `first` until before `last`; the earliest first."""
    span = (fact.c.valid_from >= first, fact.c.valid_from < last, fact.c.from_precision == Precision.DAY.value)
    query = _facts(who).where(*_limits("current", None, (), is_pinned=False), *span)
    return list(map(_fact, connection.execute(query.order_by(fact.c.valid_from, fact.c.id).limit(limit))))


def changed_slots(connection: Connection, who: Principal, space_id: SpaceId) -> list[Slot]:
    """The slots with a fact that stands on fewer claims than when it was put together: entries have gone."""
    left = select(func.count()).select_from(fact_source).where(fact_source.c.fact_id == fact.c.id).scalar_subquery()
    query = select(fact.c.subject_key, fact.c.slot).where(visible(fact, who), fact.c.space_id == space_id)
    rows = connection.execute(query.where(fact.c.sources != left).distinct())
    return [Slot(key, name) for key, name in rows]


State = str
"""current (holds, or will), past (ended or superseded), disputed, refused, all."""


def listed(
    connection: Connection,
    who: Principal,
    *,
    state: State,
    subject: str | None,
    words: Sequence[str],
    is_pinned: bool,
    skip: int,
    limit: int,
) -> list[Fact]:
    """Facts, those said last first; about one subject, with all of some words, where that is asked for."""
    query = _facts(who).where(*_limits(state, subject, words, is_pinned=is_pinned))
    return list(
        map(_fact, connection.execute(query.order_by(fact.c.last_said_at.desc(), fact.c.id).offset(skip).limit(limit)))
    )


def count(connection: Connection, who: Principal, state: State, subject: str | None, words: Sequence[str]) -> int:
    """How many facts `listed` could list."""
    query = select(func.count()).select_from(fact).where(visible(fact, who))
    return int(connection.execute(query.where(*_limits(state, subject, words, is_pinned=False))).scalar_one())


def subjects(connection: Connection, who: Principal, limit: int) -> list[tuple[str, int]]:
    """Whom the facts that hold are about, with how many there are; the commonest first."""
    query = select(func.max(fact.c.subject), func.count()).where(
        visible(fact, who), *_limits("current", None, (), is_pinned=False)
    )
    rows = connection.execute(query.group_by(fact.c.subject_key).order_by(func.count().desc()).limit(limit))
    return [(name, int(number)) for name, number in rows]


def _limits(
    state: State, subject: str | None, words: Sequence[str], *, is_pinned: bool
) -> Iterator[ColumnElement[bool]]:
    now = clock.now()
    is_superseded = exists().where(is_active(), supersession.c.fact_id == fact.c.id, supersession.c.at <= now)
    is_over = or_(and_(fact.c.valid_to.is_not(None), fact.c.valid_to <= now), is_superseded)
    if state in {"current", "disputed"}:
        yield from (fact.c.refused_at.is_(None), ~is_over)
    if state == "disputed":
        yield fact.c.is_disputed
    if state == "past":
        yield from (fact.c.refused_at.is_(None), is_over)
    if state == "refused":
        yield fact.c.refused_at.is_not(None)
    if subject is not None:
        yield fact.c.subject_key == key_of(subject)
    if is_pinned:
        yield fact.c.pinned_at.is_not(None)
    for word in words:
        yield or_(fact.c.statement.icontains(word, autoescape=True), fact.c.subject.icontains(word, autoescape=True))


def _facts(who: Principal) -> Select[Any]:
    """Every visible fact with what has taken its place."""
    by = select(supersession.c.by_id).where(is_active(), supersession.c.fact_id == fact.c.id)
    at = select(supersession.c.at).where(is_active(), supersession.c.fact_id == fact.c.id)
    first = (supersession.c.decided_by.desc(), supersession.c.id)
    return select(
        fact,
        by.order_by(*first).limit(1).scalar_subquery().label("superseded_by"),
        at.order_by(*first).limit(1).scalar_subquery().label("superseded_at"),
    ).where(visible(fact, who))


def _fact_values(made: Fact) -> dict[str, Any]:
    return {
        "space_id": made.space_id,
        "subject": made.subject,
        "subject_key": key_of(made.subject),
        "slot": made.slot,
        "value": made.value,
        "statement": made.statement,
        **interval_row(made.interval),
        "said_by": made.said_by,
        "label": made.label.value,
        "confidence": made.confidence,
        "origin": made.origin.value,
        "sources": made.sources,
        "is_disputed": made.is_disputed,
        "last_said_at": made.last_said_at,
    }


def _fact(row: Row[Any]) -> Fact:
    return Fact(
        id=FactId(row.id),
        space_id=SpaceId(row.space_id),
        subject=row.subject,
        slot=row.slot,
        value=row.value,
        statement=row.statement,
        interval=interval_of(row),
        said_by=row.said_by,
        label=Label(row.label),
        confidence=row.confidence,
        origin=Origin(row.origin),
        sources=row.sources,
        is_disputed=row.is_disputed,
        learned_at=row.learned_at,
        last_said_at=row.last_said_at,
        pinned_at=row.pinned_at,
        refused_at=row.refused_at,
        superseded_at=row.superseded_at,
        superseded_by=FactId(row.superseded_by) if row.superseded_by else None,
    )
