"""Facts' rows: claims as entries make them, what they add up to, and what took whose place."""

from collections.abc import Collection, Iterable, Iterator, Sequence
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
from everword.core.ids import EntryId, SpaceId, new_id
from everword.core.types import Label, Principal
from everword.memory.facts.types import (
    Claim,
    Fact,
    FactId,
    Interval,
    Moment,
    Origin,
    Precision,
    Slot,
    Supersession,
    SupersessionId,
    key_of,
)
from everword.storage.schema.facts import fact, fact_source, supersession
from everword.storage.schema.ledger import entry
from everword.storage.scope import require_space, visible

_AT_ONCE = 400
_LOCK = 0x66616374  # "fact"


def hold(connection: Connection, who: Principal, space_id: SpaceId) -> None:
    """Let nobody else put the facts of a space together until this transaction ends. SQLite has one writer anyway."""
    require_space(who, space_id)
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:key, hashtext(:space))"), {"key": _LOCK, "space": space_id}
        )


def hold_entries(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> set[EntryId]:
    """Those of the entries that are there, and will be until this transaction ends: forgetting waits, or came first."""
    found: set[EntryId] = set()
    for some in _some(entry_ids):
        query = select(entry.c.id).where(visible(entry, who), entry.c.id.in_(some))
        found |= {
            EntryId(key) for key in connection.execute(query.with_for_update(read=True, key_share=True)).scalars()
        }
    return found


def claims_of_entries(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> list[Claim]:
    """What is kept of those entries' claims."""
    return [
        _claim(row)
        for some in _some(entry_ids)
        for row in connection.execute(
            select(fact_source).where(visible(fact_source, who), fact_source.c.entry_id.in_(some))
        )
    ]


def claims_of_slot(connection: Connection, who: Principal, space_id: SpaceId, slot: Slot) -> list[Claim]:
    """Everything that is claimed of one slot."""
    where = (visible(fact_source, who), *_in_slot(fact_source, space_id, slot))
    return [_claim(row) for row in connection.execute(select(fact_source).where(*where))]


def facts_of_slot(connection: Connection, who: Principal, space_id: SpaceId, slot: Slot) -> list[Fact]:
    """The facts that there are of one slot."""
    rows = connection.execute(_facts(who).where(*_in_slot(fact, space_id, slot)).order_by(fact.c.id))
    return list(map(_fact, rows))


def remove_claims(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> None:
    """Remove the claims of those entries, but for those that a fact stands on which the owner has decided about."""
    decided = select(fact.c.id).where(
        visible(fact, who), or_(fact.c.pinned_at.is_not(None), fact.c.refused_at.is_not(None))
    )
    for some in _some(entry_ids):
        where = (fact_source.c.entry_id.in_(some), fact_source.c.fact_id.not_in(decided))
        connection.execute(delete(fact_source).where(visible(fact_source, who), *where))


def add_claims(connection: Connection, who: Principal, space_id: SpaceId, claims: Sequence[Claim]) -> None:
    """Keep claims; each names its fact."""
    require_space(who, space_id)
    for first in range(0, len(claims), _AT_ONCE):
        rows = [
            _claim_row(claim) | {"id": new_id(), "space_id": space_id} for claim in claims[first : first + _AT_ONCE]
        ]
        connection.execute(insert(fact_source), rows)


def move_claims(connection: Connection, who: Principal, fact_id: FactId, claims: Collection[Claim]) -> None:
    """Let claims that are kept stand under another fact."""
    for claim in claims:
        of_it = (fact_source.c.entry_id == claim.entry_id, fact_source.c.slot == claim.slot)
        same = (fact_source.c.subject_key == key_of(claim.subject), fact_source.c.value == claim.value)
        where = (visible(fact_source, who), *of_it, *same)
        connection.execute(update(fact_source).where(*where).values(fact_id=fact_id))


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
        for some in _some(fact_ids)
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
        _fact(row) for some in _some(fact_ids) for row in connection.execute(_facts(who).where(fact.c.id.in_(some)))
    ]


def decided(connection: Connection, who: Principal, space_id: SpaceId) -> list[Fact]:
    """The facts of a space that the owner has pinned, refused, brought back, or set aside by that."""
    by_owner = (_is_active(), supersession.c.decided_by == "owner", supersession.c.space_id == space_id)
    named = or_(supersession.c.fact_id == fact.c.id, supersession.c.by_id == fact.c.id)
    is_ruled = or_(fact.c.pinned_at.is_not(None), fact.c.refused_at.is_not(None), exists().where(*by_owner, named))
    return list(map(_fact, connection.execute(_facts(who).where(fact.c.space_id == space_id, is_ruled))))


def claims_of_facts(connection: Connection, who: Principal, fact_ids: Collection[FactId]) -> dict[FactId, list[Claim]]:
    """What each fact stands on, the oldest first."""
    found: dict[FactId, list[Claim]] = {}
    for some in _some(fact_ids):
        query = select(fact_source).where(visible(fact_source, who), fact_source.c.fact_id.in_(some))
        for row in connection.execute(query.order_by(fact_source.c.said_at, fact_source.c.id)):
            found.setdefault(FactId(row.fact_id), []).append(_claim(row))
    return found


def supersessions(connection: Connection, who: Principal, fact_ids: Collection[FactId]) -> list[Supersession]:
    """What those facts replaced, or were replaced by, also what was undone; the oldest first."""
    found: dict[str, Supersession] = {}
    for some in _some(fact_ids):
        of_them = or_(supersession.c.fact_id.in_(some), supersession.c.by_id.in_(some))
        query = select(supersession).where(visible(supersession, who), of_them)
        for row in connection.execute(query):
            kept = {name: value for name, value in row._mapping.items() if name != "space_id"}
            found[row.id] = Supersession(**kept)
    return sorted(found.values(), key=lambda each: (each.created_at, each.id))


def superseding_since(
    connection: Connection, who: Principal, since: datetime, *, held_after: datetime, limit: int
) -> list[FactId]:
    """The facts that took another's place since then, from a moment later than `held_after` on; the newest first."""
    recent = (supersession.c.created_at > since, supersession.c.at > held_after)
    query = select(supersession.c.by_id).where(visible(supersession, who), _is_active(), *recent)
    found = connection.execute(query.order_by(supersession.c.created_at.desc()).limit(limit)).scalars()
    return list(dict.fromkeys(map(FactId, found)))


def beginning(connection: Connection, who: Principal, first: datetime, last: datetime, limit: int) -> list[Fact]:
    """The facts that begin to hold on a day that is known, from `first` until before `last`; the earliest first."""
    span = (fact.c.valid_from >= first, fact.c.valid_from < last, fact.c.from_precision == Precision.DAY.value)
    query = _facts(who).where(*_limits("current", None, (), is_pinned=False), *span)
    return list(map(_fact, connection.execute(query.order_by(fact.c.valid_from, fact.c.id).limit(limit))))


def supersede(
    connection: Connection,
    who: Principal,
    space_id: SpaceId,
    fact_id: FactId,
    by_id: FactId,
    at: datetime,
    decided_by: str,
) -> None:
    """Record that one fact takes another's place."""
    values = {"fact_id": fact_id, "by_id": by_id, "at": at, "decided_by": decided_by, "created_at": clock.now()}
    connection.execute(insert(supersession).values(id=new_id(), space_id=require_space(who, space_id), **values))


def date_supersession(connection: Connection, who: Principal, supersession_id: SupersessionId, since: datetime) -> None:
    """Say since when one fact takes the other's place."""
    where = (visible(supersession, who), supersession.c.id == supersession_id)
    connection.execute(update(supersession).where(*where).values(at=since))


def undo_supersession(connection: Connection, who: Principal, supersession_id: SupersessionId) -> None:
    """Bring back what was set aside; the row stays, as history."""
    where = (visible(supersession, who), supersession.c.id == supersession_id)
    connection.execute(update(supersession).where(*where).values(undone_at=clock.now()))


def remove_supersession(connection: Connection, who: Principal, supersession_id: SupersessionId) -> None:
    """Remove one that the evidence does not bear out any more."""
    where = (visible(supersession, who), supersession.c.id == supersession_id)
    connection.execute(delete(supersession).where(*where))


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
    is_superseded = exists().where(_is_active(), supersession.c.fact_id == fact.c.id, supersession.c.at <= now)
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
    by = select(supersession.c.by_id).where(_is_active(), supersession.c.fact_id == fact.c.id)
    at = select(supersession.c.at).where(_is_active(), supersession.c.fact_id == fact.c.id)
    first = (supersession.c.decided_by.desc(), supersession.c.id)
    return select(
        fact,
        by.order_by(*first).limit(1).scalar_subquery().label("superseded_by"),
        at.order_by(*first).limit(1).scalar_subquery().label("superseded_at"),
    ).where(visible(fact, who))


def _is_active() -> ColumnElement[bool]:
    return supersession.c.undone_at.is_(None)


def _in_slot(table: Any, space_id: SpaceId, slot: Slot) -> tuple[ColumnElement[bool], ...]:
    return table.c.space_id == space_id, table.c.subject_key == slot.subject_key, table.c.slot == slot.name


def _claim_row(claim: Claim) -> dict[str, Any]:
    return {
        "fact_id": claim.fact_id,
        "entry_id": claim.entry_id,
        "start": claim.start,
        "end": claim.end,
        "subject": claim.subject,
        "subject_key": key_of(claim.subject),
        "slot": claim.slot,
        "value": claim.value,
        "statement": claim.statement,
        **_interval_row(claim.interval),
        "said_at": claim.said_at,
        "said_by": claim.said_by,
        "label": claim.label.value,
        "confidence": claim.confidence,
        "origin": claim.origin.value,
    }


def _fact_values(made: Fact) -> dict[str, Any]:
    return {
        "space_id": made.space_id,
        "subject": made.subject,
        "subject_key": key_of(made.subject),
        "slot": made.slot,
        "value": made.value,
        "statement": made.statement,
        **_interval_row(made.interval),
        "said_by": made.said_by,
        "label": made.label.value,
        "confidence": made.confidence,
        "origin": made.origin.value,
        "sources": made.sources,
        "is_disputed": made.is_disputed,
        "last_said_at": made.last_said_at,
    }


def _interval_row(interval: Interval) -> dict[str, Any]:
    start, end = interval.start, interval.end
    return {
        "valid_from": start.at if start else None,
        "from_precision": start.precision.value if start else None,
        "valid_to": end.at if end else None,
        "to_precision": end.precision.value if end else None,
    }


def _interval(row: Row[Any]) -> Interval:
    start = Moment(row.valid_from, Precision(row.from_precision)) if row.valid_from is not None else None
    end = Moment(row.valid_to, Precision(row.to_precision)) if row.valid_to is not None else None
    return Interval(start, end)


def _claim(row: Row[Any]) -> Claim:
    return Claim(
        entry_id=EntryId(row.entry_id),
        start=row.start,
        end=row.end,
        subject=row.subject,
        slot=row.slot,
        value=row.value,
        statement=row.statement,
        interval=_interval(row),
        said_at=row.said_at,
        said_by=row.said_by,
        label=Label(row.label),
        confidence=row.confidence,
        origin=Origin(row.origin),
        fact_id=FactId(row.fact_id),
    )


def _fact(row: Row[Any]) -> Fact:
    return Fact(
        id=FactId(row.id),
        space_id=SpaceId(row.space_id),
        subject=row.subject,
        slot=row.slot,
        value=row.value,
        statement=row.statement,
        interval=_interval(row),
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


def _some(keys: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    for first in range(0, len(ordered), _AT_ONCE):
        yield ordered[first : first + _AT_ONCE]
