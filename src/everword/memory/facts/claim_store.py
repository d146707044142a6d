"""Claims' rows: what entries say, each with its quote, and under which fact it stands."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    delete,
    insert,
    or_,
    select,
    update,
)

from everword.core.ids import EntryId, SpaceId, new_id
from everword.core.types import Label, Principal
from everword.memory.facts.rows import batches, in_slot, interval_of, interval_row
from everword.memory.facts.types import (
    Claim,
    FactId,
    Origin,
    Slot,
    key_of,
)
from everword.storage.schema.facts import fact, fact_source
from everword.storage.schema.ledger import entry
from everword.storage.scope import require_space, visible

_AT_ONCE = 400


def hold_entries(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> set[EntryId]:
    """Those of the entries that are there, and will be until this transaction ends: forgetting waits, or came first."""
    found: set[EntryId] = set()
    for some in batches(entry_ids):
        query = select(entry.c.id).where(visible(entry, who), entry.c.id.in_(some))
        found |= {
            EntryId(key) for key in connection.execute(query.with_for_update(read=True, key_share=True)).scalars()
        }
    return found


def claims_of_entries(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> list[Claim]:
    """What is kept of those entries' claims."""
    return [
        _claim(row)
        for some in batches(entry_ids)
        for row in connection.execute(
            select(fact_source).where(visible(fact_source, who), fact_source.c.entry_id.in_(some))
        )
    ]


def claims_of_slot(connection: Connection, who: Principal, space_id: SpaceId, slot: Slot) -> list[Claim]:
    """Everything that is claimed of one slot."""
    where = (visible(fact_source, who), *in_slot(fact_source, space_id, slot))
    return [_claim(row) for row in connection.execute(select(fact_source).where(*where))]


def claims_of_facts(connection: Connection, who: Principal, fact_ids: Collection[FactId]) -> dict[FactId, list[Claim]]:
    """What each fact stands on, the oldest first."""
    found: dict[FactId, list[Claim]] = {}
    for some in batches(fact_ids):
        query = select(fact_source).where(visible(fact_source, who), fact_source.c.fact_id.in_(some))
        for row in connection.execute(query.order_by(fact_source.c.said_at, fact_source.c.id)):
            found.setdefault(FactId(row.fact_id), []).append(_claim(row))
    return found


def remove_claims(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> None:
    """Remove the claims of those entries, but for those that a fact stands on which the owner has decided about."""
    decided = select(fact.c.id).where(
        visible(fact, who), or_(fact.c.pinned_at.is_not(None), fact.c.refused_at.is_not(None))
    )
    for some in batches(entry_ids):
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
        **interval_row(claim.interval),
        "said_at": claim.said_at,
        "said_by": claim.said_by,
        "label": claim.label.value,
        "confidence": claim.confidence,
        "origin": claim.origin.value,
    }


def _claim(row: Row[Any]) -> Claim:
    return Claim(
        entry_id=EntryId(row.entry_id),
        start=row.start,
        end=row.end,
        subject=row.subject,
        slot=row.slot,
        value=row.value,
        statement=row.statement,
        interval=interval_of(row),
        said_at=row.said_at,
        said_by=row.said_by,
        label=Label(row.label),
        confidence=row.confidence,
        origin=Origin(row.origin),
        fact_id=FactId(row.fact_id),
    )
