"""Learning: putting the claims of entries into a space's facts, so that doing it twice changes nothing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from everword.core import clock
from everword.core.ids import EntryId, SpaceId, new_id
from everword.core.types import Principal
from everword.memory.facts import claim_store, store, supersession_store
from everword.memory.facts.consolidate import Rulings, Stretch, consolidate
from everword.memory.facts.types import Claim, Fact, FactId, Slot, key_of

EVIDENCE = "evidence"
OWNER = "owner"
_HISTORY = 200  # values of one thing that are kept


def learn(
    connection: Connection, who: Principal, space_id: SpaceId, entry_ids: Collection[EntryId], claims: Sequence[Claim]
) -> int:
    """Let `claims` be what those entries claim, in place of what was kept of them. How many claims were kept.

    Entries that are gone by now claim nothing: what was forgotten while it was being read does not come back.
    """
    store.hold(connection, who, space_id)
    there = claim_store.hold_entries(connection, who, entry_ids)
    known = claim_store.claims_of_entries(connection, who, there)
    claim_store.remove_claims(connection, who, there)
    kept = claim_store.claims_of_entries(connection, who, there)
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
    claims = claim_store.claims_of_slot(connection, who, space_id, slot)
    rulings = _rulings(connection, who, facts)
    found = consolidate([*claims, *new], rulings)
    kept = _newest(found, _matched(found, facts))
    stretches = [stretch for stretch, _ in kept]
    added = set(map(id, new))  # claims are equal by what they say
    for stretch, row in kept:
        made = _fact(space_id, slot, stretch, row)
        if made != row:
            store.put(connection, who, made)
        fresh = [replace(claim, fact_id=made.id) for claim in stretch.claims if id(claim) in added]
        moved = [claim for claim in stretch.claims if claim.fact_id != made.id and id(claim) not in added]
        claim_store.add_claims(connection, who, space_id, fresh)
        claim_store.move_claims(connection, who, made.id, moved)
        stretch.claims = [replace(claim, fact_id=made.id) for claim in stretch.claims]
    used = {row.id for _, row in kept if row is not None}
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
    of_value: dict[str, list[Fact]] = {}
    for fact in left.values():
        of_value.setdefault(key_of(fact.value), []).append(fact)
    for place, stretch in enumerate(stretches):
        if place not in matched and (same := of_value.get(stretch.value)):
            matched[place] = same.pop(0)
    return [matched.get(place) for place in range(len(stretches))]


def _newest(stretches: Sequence[Stretch], rows: Sequence[Fact | None]) -> list[tuple[Stretch, Fact | None]]:
    """Each stretch with its row: of very many those that were said last, and those about which the owner decided.

    What is measured every day would otherwise cost more each day, while nobody else can write.
    """
    pairs = list(zip(stretches, rows, strict=True))
    if len(pairs) <= _HISTORY:
        return pairs
    last_said = sorted((stretch.claims[-1].said_at for stretch in stretches), reverse=True)[_HISTORY - 1]
    kept = {
        stretch: row
        for stretch, row in pairs
        if stretch.claims[-1].said_at >= last_said or (row is not None and (row.pinned_at or row.refused_at))
    }
    for stretch in kept:
        while stretch.superseded_by is not None and stretch.superseded_by not in kept:
            stretch.superseded_by = stretch.superseded_by.superseded_by
    return list(kept.items())


def _fact(space_id: SpaceId, slot: Slot, stretch: Stretch, row: Fact | None) -> Fact:
    """The fact that a stretch is; where it has a row, with that id, and with what the owner decided about it."""
    best = stretch.best()
    made = Fact(
        id=FactId(new_id()) if row is None else row.id,
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
        learned_at=clock.now() if row is None else row.learned_at,
        last_said_at=max(claim.said_at for claim in stretch.claims),
    )
    if row is None:
        return made
    return replace(
        made,
        pinned_at=row.pinned_at,
        refused_at=row.refused_at,
        superseded_at=row.superseded_at,
        superseded_by=row.superseded_by,
    )


def _rulings(connection: Connection, who: Principal, facts: Sequence[Fact]) -> Rulings:
    values = {fact.id: key_of(fact.value) for fact in facts}
    refused = {values[fact.id]: fact.refused_at for fact in facts if fact.refused_at is not None}
    preferred = {
        (values[each.by_id], values[each.fact_id])
        for each in supersession_store.supersessions(connection, who, list(values))
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
    for each in supersession_store.supersessions(connection, who, ids):
        if each.undone_at is not None:
            continue
        at = wanted.pop((each.fact_id, each.by_id), None)
        if at is not None and at != each.at:
            supersession_store.date_supersession(connection, who, each.id, at)
        elif at is None and each.decided_by == EVIDENCE:
            supersession_store.remove_supersession(connection, who, each.id)
    for (older, newer), at in wanted.items():
        supersession_store.supersede(connection, who, space_id, older, newer, at, EVIDENCE)


def _same(claim: Claim) -> tuple[EntryId, Slot, str]:
    """What makes two claims of an entry the same."""
    return claim.entry_id, claim.of, key_of(claim.value)
