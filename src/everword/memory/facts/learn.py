"""Learning: putting the claims of entries into a space's facts, so that doing it twice changes nothing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from everword.core import clock
from everword.core.ids import EntryId, SpaceId, new_id
from everword.core.types import Principal
from everword.memory.facts import store
from everword.memory.facts.consolidate import Rulings, Stretch, consolidate
from everword.memory.facts.types import Claim, Fact, FactId, Slot, key_of

EVIDENCE = "evidence"
OWNER = "owner"


def learn(
    connection: Connection, who: Principal, space_id: SpaceId, entry_ids: Collection[EntryId], claims: Sequence[Claim]
) -> int:
    """Let `claims` be what those entries claim, in place of what was kept of them. How many claims were kept.

    Entries that are gone by now claim nothing: what was forgotten while it was being read does not come back.
    """
    store.hold(connection, who, space_id)
    there = store.hold_entries(connection, who, entry_ids)
    known = store.claims_of_entries(connection, who, there)
    store.remove_claims(connection, who, there)
    kept = store.claims_of_entries(connection, who, there)
    facts = {_same(claim): claim.fact_id for claim in known}
    stays = {_same(claim) for claim in kept}
    new = [
        replace(claim, fact_id=facts.get(_same(claim)))
        for claim in claims
        if claim.entry_id in there and _same(claim) not in stays
    ]
    for slot in {claim.of for claim in (*known, *new)}:
        _put_together(connection, who, space_id, slot, [claim for claim in new if claim.of == slot])
    return len(new)


def put_together(connection: Connection, who: Principal, space_id: SpaceId, slots: Iterable[Slot]) -> None:
    """Make the facts of those slots anew from the claims that there are."""
    store.hold(connection, who, space_id)
    for slot in slots:
        _put_together(connection, who, space_id, slot, [])


def _put_together(connection: Connection, who: Principal, space_id: SpaceId, slot: Slot, new: Sequence[Claim]) -> None:
    facts = store.facts_of_slot(connection, who, space_id, slot)
    claims = store.claims_of_slot(connection, who, space_id, slot)
    rulings = _rulings(connection, who, facts)
    stretches = consolidate([*claims, *new], rulings)
    rows = _matched(stretches, facts)
    for stretch, row in zip(stretches, rows, strict=True):
        fact_id = row.id if row is not None else FactId(new_id())
        store.put(connection, who, _fact(space_id, slot, stretch, fact_id, row))
        fresh = [replace(claim, fact_id=fact_id) for claim in stretch.claims if any(claim is each for each in new)]
        moved = [
            claim for claim in stretch.claims if claim.fact_id != fact_id and all(claim is not each for each in new)
        ]
        store.add_claims(connection, who, space_id, fresh)
        store.move_claims(connection, who, fact_id, moved)
        stretch.claims = [replace(claim, fact_id=fact_id) for claim in stretch.claims]
    used = {row.id for row in rows if row is not None}
    store.remove(connection, who, [each.id for each in facts if each.id not in used])
    _supersede(connection, who, space_id, stretches)


def _matched(stretches: Sequence[Stretch], facts: Sequence[Fact]) -> list[Fact | None]:
    """The row that each stretch has had so far: the one that most of its claims stood under, else one of its value."""
    left = {fact.id: fact for fact in facts}
    matched: dict[int, Fact] = {}
    for place, stretch in enumerate(stretches):
        under = [claim.fact_id for claim in stretch.claims if claim.fact_id in left]
        if under:
            fact_id = max(sorted(set(under)), key=under.count)
            matched[place] = left.pop(fact_id)
    for place, stretch in enumerate(stretches):
        if place not in matched:
            same = next((fact for fact in left.values() if key_of(fact.value) == stretch.value), None)
            if same is not None:
                matched[place] = left.pop(same.id)
    return [matched.get(place) for place in range(len(stretches))]


def _fact(space_id: SpaceId, slot: Slot, stretch: Stretch, fact_id: FactId, row: Fact | None) -> Fact:
    best = stretch.best()
    return Fact(
        id=fact_id,
        space_id=space_id,
        subject=best.subject,
        slot=slot.name,
        value=best.value,
        statement=best.statement,
        interval=stretch.interval,
        said_by=best.said_by,
        label=stretch.label(),
        confidence=stretch.confidence(),
        origin=best.origin,
        sources=len(stretch.claims),
        is_disputed=stretch.is_disputed,
        learned_at=row.learned_at if row is not None else clock.now(),
        last_said_at=max(claim.said_at for claim in stretch.claims),
    )


def _rulings(connection: Connection, who: Principal, facts: Sequence[Fact]) -> Rulings:
    values = {fact.id: key_of(fact.value) for fact in facts}
    refused = {values[fact.id]: fact.refused_at for fact in facts if fact.refused_at is not None}
    preferred = {
        (values[each.by_id], values[each.fact_id])
        for each in store.supersessions(connection, who, list(values))
        if each.decided_by == OWNER and each.undone_at is None and {each.by_id, each.fact_id} <= values.keys()
    }
    return Rulings(refused, preferred)


def _supersede(connection: Connection, who: Principal, space_id: SpaceId, stretches: Sequence[Stretch]) -> None:
    """Keep one row for each fact that another took the place of; what the evidence no longer bears out goes."""
    wanted = {}
    for stretch in stretches:
        if stretch.superseded_by is not None and stretch.superseded_at is not None:
            older, newer = stretch.claims[0].fact_id, stretch.superseded_by.claims[0].fact_id
            if older is not None and newer is not None:
                wanted[older, newer] = stretch.superseded_at
    ids = [fact_id for stretch in stretches if (fact_id := stretch.claims[0].fact_id) is not None]
    for each in store.supersessions(connection, who, ids):
        if each.undone_at is not None:
            continue
        at = wanted.pop((each.fact_id, each.by_id), None)
        if at is not None and at != each.at:
            store.date_supersession(connection, who, each.id, at)
        elif at is None and each.decided_by == EVIDENCE:
            store.remove_supersession(connection, who, each.id)
    for (older, newer), at in wanted.items():
        store.supersede(connection, who, space_id, older, newer, at, EVIDENCE)


def _same(claim: Claim) -> tuple[EntryId, Slot, str]:
    """What makes two claims of an entry the same."""
    return claim.entry_id, claim.of, key_of(claim.value)
