"""What the owner decided about facts, apart from the facts: to be taken elsewhere, and brought back from there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from everword.core import clock
from everword.core.ids import EntryId, SpaceId
from everword.core.types import Label, Principal
from everword.memory import store as ledger
from everword.memory.facts import claim_store, store, supersession_store
from everword.memory.facts.corrections import correction_of
from everword.memory.facts.learn import OWNER, learn, put_together
from everword.memory.facts.reading.extract import claims_of
from everword.memory.facts.types import CORRECTION, Claim, Fact, FactId, Slot, key_of
from everword.memory.types import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A decision about what an entry says of a slot: pinned, refused, or brought back `over` another value."""

    entry_id: EntryId
    entry_source: str
    subject: str
    slot: str
    value: str
    pinned_at: datetime | None = None
    refused_at: datetime | None = None
    over: str | None = None


def rulings_of(connection: Connection, who: Principal, space_id: SpaceId) -> Iterator[Ruling]:
    """Everything that was decided about the facts of a space."""
    facts = {fact.id: fact for fact in store.decided(connection, who, space_id)}
    brought_back = [
        each
        for each in supersession_store.supersessions(connection, who, list(facts))
        if each.decided_by == OWNER and each.undone_at is None and {each.by_id, each.fact_id} <= facts.keys()
    ]
    over = {each.by_id: facts[each.fact_id].value for each in brought_back}
    claims = claim_store.claims_of_facts(connection, who, list(facts))
    for fact in sorted(facts.values(), key=lambda fact: fact.id in over):  # what was set aside first: it must be there
        entry = ledger.get(connection, who, claims[fact.id][0].entry_id)
        yield Ruling(
            entry_id=entry.id,
            entry_source=entry.source,
            subject=fact.subject,
            slot=fact.slot,
            value=fact.value,
            pinned_at=fact.pinned_at,
            refused_at=fact.refused_at,
            over=over.get(fact.id),
        )


def apply(connection: Connection, who: Principal, space_id: SpaceId, ruling: Ruling, timezone: str = "UTC") -> bool:
    """Decide the same here; whether the entry says that here, too. What is decided here already stays."""
    entry = ledger.get(connection, who, ruling.entry_id)
    fact = _fact(connection, who, space_id, ruling, ruling.value)
    if fact is None:
        learn(connection, who, space_id, [entry.id], _claims(entry, timezone))
        fact = _fact(connection, who, space_id, ruling, ruling.value)
    if fact is None:
        return False
    if ruling.pinned_at is not None and fact.pinned_at is None:
        store.pin(connection, who, fact.id, ruling.pinned_at)
    if ruling.refused_at is not None and fact.refused_at is None:
        store.refuse(connection, who, fact.id, ruling.refused_at)
    other = _fact(connection, who, space_id, ruling, ruling.over) if ruling.over is not None else None
    if other is not None and fact.superseded_by == other.id:
        _bring_back(connection, who, space_id, fact.id, other.id)
    put_together(connection, who, space_id, [Slot(key_of(ruling.subject), ruling.slot)])
    return True


def _claims(entry: Entry, timezone: str) -> list[Claim]:
    is_correction = entry.source == CORRECTION and entry.label is Label.OWNER
    return correction_of(entry) if is_correction else claims_of(entry, timezone)


def _fact(connection: Connection, who: Principal, space_id: SpaceId, ruling: Ruling, value: str) -> Fact | None:
    slot = Slot(key_of(ruling.subject), ruling.slot)
    facts = store.facts_of_slot(connection, who, space_id, slot)
    return next((fact for fact in reversed(facts) if key_of(fact.value) == key_of(value)), None)


def _bring_back(connection: Connection, who: Principal, space_id: SpaceId, fact_id: FactId, by_id: FactId) -> None:
    for each in supersession_store.supersessions(connection, who, [fact_id]):
        if each.fact_id == fact_id and each.by_id == by_id and each.undone_at is None:
            supersession_store.undo_supersession(connection, who, each.id)
            supersession_store.supersede(connection, who, space_id, by_id, fact_id, clock.now(), OWNER)
