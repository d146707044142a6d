"""What a person does with facts: look, correct, pin, refuse, bring back."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from everword.core import clock
from everword.core.errors import Conflict, Invalid, NotFound
from everword.core.ids import EntryId
from everword.core.types import Label, Principal
from everword.memory import store as ledger
from everword.memory.facts import claim_store, store, supersession_store
from everword.memory.facts.corrections import as_said, correction_entry, correction_of
from everword.memory.facts.grammar import calendar
from everword.memory.facts.grammar.calendar import Days, Leaning
from everword.memory.facts.learn import OWNER, learn, put_together
from everword.memory.facts.reading.extract import claims_of
from everword.memory.facts.types import (
    Claim,
    Fact,
    FactId,
    Interval,
    Slot,
    Supersession,
    key_of,
)
from everword.memory.forgetting.ledger_store import by_ids
from everword.memory.types import Entry, NewEntry
from everword.storage import events
from everword.storage.database import Database

_PROFILE = 500
_NEWS_FOR = timedelta(days=30)
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Stand:
    """One claim a fact stands on, with its entry."""

    claim: Claim
    entry: Entry


@dataclass(frozen=True, slots=True)
class Known:
    """A fact with its sources, oldest first, and what it replaced and was replaced by."""

    fact: Fact
    stands: tuple[Stand, ...]
    replaced: tuple[tuple[Fact, Supersession], ...]
    by: Fact | None


@dataclass(frozen=True, slots=True)
class Page:
    """Facts that fit, how many there are of each state, and whom they are about."""

    known: tuple[Known, ...]
    total: int
    counts: dict[str, int]
    subjects: tuple[tuple[str, int], ...]


def listed(
    database: Database,
    who: Principal,
    *,
    state: str = "current",
    subject: str | None = None,
    words: str = "",
    is_pinned: bool = False,
    skip: int = 0,
    limit: int = 50,
) -> Page:
    """Facts in a state, those said last first; `subject` "" is the owner of the space."""
    wanted = words.split()
    with database.reading(who) as connection:
        facts = store.listed(
            connection,
            who,
            state=state,
            subject=subject,
            words=wanted,
            is_pinned=is_pinned,
            skip=skip,
            limit=limit,
        )
        counts = {
            each: store.count(connection, who, each, subject, wanted)
            for each in ("current", "past", "disputed", "refused")
        }
        subjects = store.subjects(connection, who, 30)
        known = _known(connection, who, facts)
    return Page(
        known, sum(counts.values()) if state == "all" else counts.get(state, len(facts)), counts, tuple(subjects)
    )


def get(database: Database, who: Principal, fact_id: FactId) -> Known:
    """One fact with all that is known of it. Raises NotFound."""
    with database.reading(who) as connection:
        return _known(connection, who, [store.get(connection, who, fact_id)])[0]


def profile(database: Database, who: Principal) -> list[Known]:
    """What is known about the owner, as it holds now: pinned first, then what was said last."""
    with database.reading(who) as connection:
        facts = store.listed(
            connection, who, state="current", subject="", words=(), is_pinned=False, skip=0, limit=_PROFILE
        )
        own = sorted(facts, key=lambda fact: fact.pinned_at is None)
        return list(_known(connection, who, own))


def correct(
    database: Database,
    who: Principal,
    fact_id: FactId,
    statement: str,
    *,
    since: str | None = None,
    until: str | None = None,
) -> Known:
    """Let the owner's word take the place of a fact. It is kept as an entry of theirs, so that it is never lost.

    `since` and `until` are a day, month or year (2026-05-01, 2026-05, 2026); `until` is included. Raises NotFound,
    Invalid.
    """
    statement = " ".join(statement.split())
    if not statement or len(statement) > _LONGEST:
        raise Invalid(why=f"Say in one sentence of at most {_LONGEST} characters what is right.")
    with database.writing(who) as connection:
        fact = store.get(connection, who, fact_id)
        value, interval = _read(fact, statement)
        interval = Interval(
            _days(since).start if since else interval.start, _days(until).end if until else interval.end
        )
        if interval.start and interval.end and interval.start.at >= interval.end.at:
            raise Invalid(why="It would end before it begins. Set another day.")
        new = correction_entry(
            fact.space_id,
            clock.now(),
            subject=fact.subject,
            slot=fact.slot,
            value=value,
            statement=statement,
            interval=interval,
        )
        kept = _correct(connection, who, fact, new)
        return _known(connection, who, [kept])[0]


def pin(database: Database, who: Principal, fact_id: FactId, *, is_pinned: bool) -> Known:
    """Keep a fact in sight, or no longer. Raises NotFound."""
    with database.writing(who) as connection:
        store.pin(connection, who, fact_id, clock.now() if is_pinned else None)
        return _told(connection, who, fact_id)


def refuse(database: Database, who: Principal, fact_id: FactId, *, is_refused: bool) -> Known:
    """Say that a fact is none: it stays out of sight, also when the same is read again; or take that back.

    Raises NotFound.
    """
    with database.writing(who) as connection:
        store.refuse(connection, who, fact_id, clock.now() if is_refused else None)
        _again(connection, who, store.get(connection, who, fact_id))
        return _told(connection, who, fact_id)


def bring_back(database: Database, who: Principal, fact_id: FactId) -> Known:
    """Let a fact that was superseded hold again, in the place of what superseded it. Raises NotFound, Conflict."""
    with database.writing(who) as connection:
        fact = store.get(connection, who, fact_id)
        store.hold(connection, who, fact.space_id)
        active = [
            each
            for each in supersession_store.supersessions(connection, who, [fact_id])
            if each.fact_id == fact_id and each.undone_at is None
        ]
        if not active:
            raise Conflict(why="Nothing has taken this fact's place, so there is nothing to bring back.")
        for each in active:
            supersession_store.undo_supersession(connection, who, each.id)
            supersession_store.supersede(connection, who, fact.space_id, each.by_id, fact_id, clock.now(), OWNER)
        _again(connection, who, fact)
        return _told(connection, who, fact_id)


def changed_since(database: Database, who: Principal, since: datetime, limit: int = 20) -> list[Known]:
    """Facts learned since then that took another's place within the last month, the newest first."""
    with database.reading(who) as connection:
        found = supersession_store.superseding_since(
            connection, who, since, held_after=clock.now() - _NEWS_FOR, limit=limit
        )
        facts = {fact.id: fact for fact in store.by_ids(connection, who, found)}
        holding = [facts[each] for each in found if each in facts and facts[each].holds_at(clock.now())]
        return list(_known(connection, who, holding))


def beginning(database: Database, who: Principal, first: datetime, last: datetime, limit: int = 20) -> list[Known]:
    """Facts that begin to hold from `first` until before `last`, the earliest first."""
    with database.reading(who) as connection:
        return list(_known(connection, who, store.beginning(connection, who, first, last, limit)))


def _correct(connection: Connection, who: Principal, fact: Fact, new: NewEntry) -> Fact:
    entry = ledger.append(connection, who, new)
    learn(connection, who, fact.space_id, [entry.id], correction_of(entry))
    events.append(connection, who, fact.space_id, "memory.facts", {"learned": 1})
    claims = claim_store.claims_of_entries(connection, who, [entry.id])
    if not claims or claims[0].fact_id is None:
        raise NotFound(what="fact")
    return store.get(connection, who, claims[0].fact_id)


def _read(fact: Fact, statement: str) -> tuple[str, Interval]:
    """The value and the time that a corrected statement names, read by the rules or beside the old statement."""
    said = NewEntry(space_id=fact.space_id, label=Label.OWNER, text=as_said(statement), said_at=clock.now())
    for claim in claims_of(_unwritten(said)):
        if claim.slot == fact.slot and key_of(claim.subject) == key_of(fact.subject):
            return claim.value, claim.interval
    before, value, _ = fact.statement.partition(fact.value)
    if value and before and statement.casefold().startswith(before.casefold()):
        return statement[len(before) :].strip(" ."), Interval()
    same = key_of(statement) == key_of(fact.statement)
    return fact.value if same else statement, Interval()


def _unwritten(new: NewEntry) -> Entry:
    """An entry as it would be, for the rules to read."""
    return Entry(
        position=0,
        id=EntryId(""),
        space_id=new.space_id,
        conversation_id=None,
        parent_id=None,
        version_of=None,
        kind=new.kind,
        label=new.label,
        speaker=new.speaker,
        source=new.source,
        external_id=None,
        state=new.state,
        run_id=None,
        model=None,
        basis=None,
        said_at=new.said_at,
        recorded_at=new.said_at,
        text=new.text,
        details=None,
    )


def _days(text: str) -> Days:
    if re.fullmatch(r"\d{4}(?:-\d\d(?:-\d\d)?)?", text):
        days = calendar.read(text, date(2000, 1, 1), Leaning.BACK)
        if days is not None:
            return days
    raise Invalid(why=f"{text} is no day, month or year. Write it like 2026-05-01, 2026-05 or 2026.")


def _again(connection: Connection, who: Principal, fact: Fact) -> None:
    put_together(connection, who, fact.space_id, [Slot(key_of(fact.subject), fact.slot)])


def _told(connection: Connection, who: Principal, fact_id: FactId) -> Known:
    fact = store.get(connection, who, fact_id)
    events.append(connection, who, fact.space_id, "memory.facts", {"learned": 0})
    return _known(connection, who, [fact])[0]


def _known(connection: Connection, who: Principal, facts: Sequence[Fact]) -> tuple[Known, ...]:
    ids = [fact.id for fact in facts]
    claims = claim_store.claims_of_facts(connection, who, ids)
    named: Collection[EntryId] = {claim.entry_id for each in claims.values() for claim in each}
    entries = {entry.id: entry for entry in by_ids(connection, who, named)}
    links = [each for each in supersession_store.supersessions(connection, who, ids) if each.undone_at is None]
    others = {
        fact.id: fact
        for fact in store.by_ids(connection, who, {key for each in links for key in (each.fact_id, each.by_id)})
    }
    return tuple(
        Known(
            fact,
            tuple(
                Stand(claim, entries[claim.entry_id]) for claim in claims.get(fact.id, ()) if claim.entry_id in entries
            ),
            tuple((others[each.fact_id], each) for each in links if each.by_id == fact.id and each.fact_id in others),
            others.get(fact.superseded_by) if fact.superseded_by else None,
        )
        for fact in facts
    )
