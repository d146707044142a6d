"""Facts over HTTP: what is known and on what words it stands, the owner's say in it, and their promises."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from everword.core import clock
from everword.core.types import Label, Principal
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.services import Services, services_of
from everword.memory.facts import service
from everword.memory.facts.promises import decide, still_open
from everword.memory.facts.service import Known, Stand
from everword.memory.facts.types import (
    Fact,
    FactId,
    Moment,
    Origin,
    Precision,
    Promise,
    PromiseId,
    PromiseState,
    Supersession,
)
from everword.memory.types import Entry

router = APIRouter(prefix="/api", tags=["facts"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
_A_MOMENT = timedelta(seconds=1)


class FactsQuery(BaseModel):
    """Which facts: in what state, about whom ("" is the owner), with which words."""

    state: Literal["current", "past", "disputed", "refused", "all"] = "current"
    subject: Annotated[str, Field(max_length=200)] | None = None
    words: Annotated[str, Field(max_length=200)] = ""
    is_pinned: bool = False
    skip: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class CorrectionShape(BaseModel):
    """What is right: a sentence, and since and until when (2026-05-01, 2026-05 or 2026; until is included)."""

    statement: Annotated[str, Field(min_length=1, max_length=500)]
    since: Annotated[str, Field(max_length=10)] | None = None
    until: Annotated[str, Field(max_length=10)] | None = None


class FactQuoteShape(BaseModel):
    """The words that a fact stands on, who said them and when, and where they are."""

    entry_id: str
    start: int
    end: int
    text: str
    label: Label
    speaker: str
    source: str
    said_at: datetime
    conversation_id: str | None

    @staticmethod
    def of(entry: Entry, start: int, end: int) -> "FactQuoteShape":
        return FactQuoteShape(
            entry_id=entry.id,
            start=start,
            end=end,
            text=entry.text[start:end],
            label=entry.label,
            speaker=entry.speaker,
            source=entry.source,
            said_at=entry.said_at,
            conversation_id=entry.conversation_id,
        )


class DayShape(BaseModel):
    """A day, and how exactly it is known: that day, its month, its year, or `by` then at the latest."""

    day: str
    precision: Precision


class EarlierShape(BaseModel):
    """A fact whose place another took."""

    id: str
    statement: str
    since: DayShape | None
    until: DayShape


class LaterShape(BaseModel):
    """The fact that took another's place."""

    id: str
    statement: str


class FactShape(BaseModel):
    """A fact. `since` is its first day, `until` its last; `subject` is "" where it is about the owner."""

    id: str
    subject: str
    statement: str
    state: Literal["holds", "will_hold", "past", "superseded", "refused"]
    is_disputed: bool
    is_pinned: bool
    since: DayShape | None
    until: DayShape | None
    said_by: str
    label: Label
    confidence: float
    origin: Origin
    learned_at: datetime
    last_said_at: datetime
    entries: int
    quotes: list[FactQuoteShape]
    replaced: list[EarlierShape]
    replaced_by: LaterShape | None

    @staticmethod
    def of(known: Known) -> "FactShape":
        fact = known.fact
        return FactShape(
            id=fact.id,
            subject=fact.subject,
            statement=fact.statement,
            state=_state(fact),
            is_disputed=fact.is_disputed,
            is_pinned=fact.pinned_at is not None,
            since=_first(fact.interval.start),
            until=_last(fact),
            said_by=fact.said_by,
            label=fact.label,
            confidence=fact.confidence,
            origin=fact.origin,
            learned_at=fact.learned_at,
            last_said_at=fact.last_said_at,
            entries=len({stand.entry.id for stand in known.stands}),
            quotes=[_quote(stand) for stand in known.stands],
            replaced=[_earlier(older, each) for older, each in known.replaced],
            replaced_by=None if known.by is None else LaterShape(id=known.by.id, statement=known.by.statement),
        )


class AboutShape(BaseModel):
    """Whom facts are about, and how many hold."""

    subject: str
    count: int


class FactsShape(BaseModel):
    """A page of facts, those said last first; how many there are in each state, and about whom."""

    facts: list[FactShape]
    total: int
    counts: dict[str, int]
    subjects: list[AboutShape]


class ProfileShape(BaseModel):
    """What is known about the owner, each line with its quotes."""

    facts: list[FactShape]


class ModelUseShape(BaseModel):
    """What a model does in distilling: which, what it may use a day, and why it does nothing where it does nothing."""

    model: str | None
    budget_tokens: int
    used_tokens: int
    unread: int
    why_not: str | None


class DistillingShape(BaseModel):
    """How many entries there are, how many the rules have still to read, and what a model does beside them."""

    entries: int
    unread: int
    model: ModelUseShape | None


class PromiseShape(BaseModel):
    """What the owner said they would do, by which day if they named one, and where they said it."""

    id: str
    action: str
    due: str | None
    is_overdue: bool
    state: PromiseState
    said_at: datetime
    quote: FactQuoteShape

    @staticmethod
    def of(promise: Promise, entry: Entry) -> "PromiseShape":
        return PromiseShape(
            id=promise.id,
            action=promise.action,
            due=None if promise.due is None else (promise.due.at - _A_MOMENT).date().isoformat(),
            is_overdue=promise.due is not None and promise.due.at <= clock.now(),
            state=promise.state,
            said_at=promise.said_at,
            quote=FactQuoteShape.of(entry, promise.start, promise.end),
        )


class PromisesShape(BaseModel):
    """What is still to be done, the next due first."""

    promises: list[PromiseShape]


class PromiseDecision(BaseModel):
    """Whether a promise is kept, is none, or is open after all."""

    state: PromiseState


@router.post("/memory/facts/search")
def search(who: Who, house: House, query: FactsQuery) -> FactsShape:
    """Facts that fit. Words stand in the body: no address tells of them."""
    page = service.listed(house.database, who, **query.model_dump())
    return FactsShape(
        facts=[FactShape.of(known) for known in page.known],
        total=page.total,
        counts=page.counts,
        subjects=[AboutShape(subject=subject, count=count) for subject, count in page.subjects],
    )


@router.get("/memory/profile")
def profile(who: Who, house: House) -> ProfileShape:
    """What I know about you: the facts about the owner that hold."""
    return ProfileShape(facts=[FactShape.of(known) for known in service.profile(house.database, who)])


@router.get("/memory/distilling")
def distilling(who: Who, house: House) -> DistillingShape:
    """How far facts have been read out of the ledger."""
    found = house.distiller.progress(who)
    use = found.model
    return DistillingShape(
        entries=found.entries,
        unread=found.unread,
        model=None
        if use is None
        else ModelUseShape(
            model=use.model,
            budget_tokens=use.budget_tokens,
            used_tokens=use.used_tokens,
            unread=use.unread,
            why_not=use.why_not,
        ),
    )


@router.get("/memory/facts/{fact_id}")
def one(who: Who, house: House, fact_id: Identifier) -> FactShape:
    """One fact, with every quote it stands on and its history."""
    return FactShape.of(service.get(house.database, who, FactId(fact_id)))


@router.post("/memory/facts/{fact_id}/correct")
def correct(who: Who, house: House, fact_id: Identifier, correction: CorrectionShape) -> FactShape:
    """Set a fact right. The correction is kept as an entry of the owner's and outranks what was inferred."""
    known = service.correct(
        house.database, who, FactId(fact_id), correction.statement, since=correction.since, until=correction.until
    )
    return FactShape.of(known)


@router.put("/memory/facts/{fact_id}/pin")
def pin(who: Who, house: House, fact_id: Identifier) -> FactShape:
    """Keep a fact in sight."""
    return FactShape.of(service.pin(house.database, who, FactId(fact_id), is_pinned=True))


@router.delete("/memory/facts/{fact_id}/pin")
def unpin(who: Who, house: House, fact_id: Identifier) -> FactShape:
    """Keep it no longer in sight."""
    return FactShape.of(service.pin(house.database, who, FactId(fact_id), is_pinned=False))


@router.put("/memory/facts/{fact_id}/refusal")
def refuse(who: Who, house: House, fact_id: Identifier) -> FactShape:
    """Say that this is no fact: it is not shown and not learned again. The entries stay."""
    return FactShape.of(service.refuse(house.database, who, FactId(fact_id), is_refused=True))


@router.delete("/memory/facts/{fact_id}/refusal")
def accept(who: Who, house: House, fact_id: Identifier) -> FactShape:
    """Take a refusal back."""
    return FactShape.of(service.refuse(house.database, who, FactId(fact_id), is_refused=False))


@router.post("/memory/facts/{fact_id}/bring-back")
def bring_back(who: Who, house: House, fact_id: Identifier) -> FactShape:
    """Let a superseded fact hold again, in the place of what superseded it."""
    return FactShape.of(service.bring_back(house.database, who, FactId(fact_id)))


@router.get("/memory/promises")
def promises(who: Who, house: House) -> PromisesShape:
    """What the owner said they would do and has still to do."""
    return PromisesShape(promises=promise_shapes(house, who))


@router.put("/memory/promises/{promise_id}", status_code=204)
def decide_promise(who: Who, house: House, promise_id: Identifier, decision: PromiseDecision) -> None:
    """Say that a promise is kept, is none, or is open after all."""
    decide(house.database, who, PromiseId(promise_id), decision.state)


def promise_shapes(house: Services, who: Principal) -> list[PromiseShape]:
    """Open promises as they are sent, here and in Today."""
    return [PromiseShape.of(promise, entry) for promise, entry in still_open(house.database, who)]


def _state(fact: Fact) -> Literal["holds", "will_hold", "past", "superseded", "refused"]:
    now = clock.now()
    if fact.refused_at is not None:
        return "refused"
    if fact.superseded_at is not None and fact.superseded_at <= now:
        return "superseded"
    if fact.ends_at is not None and fact.ends_at <= now:
        return "past"
    return "holds" if fact.holds_at(now) else "will_hold"


def _first(start: Moment | None) -> DayShape | None:
    return None if start is None else DayShape(day=start.at.date().isoformat(), precision=start.precision)


def _last(fact: Fact) -> DayShape | None:
    """The last day, as exactly as it is known; where another fact took its place, the day on which that was."""
    end = fact.interval.end
    if fact.superseded_at is not None and (end is None or fact.superseded_at < end.at):
        return DayShape(day=fact.superseded_at.date().isoformat(), precision=Precision.DAY)
    if end is None:
        return None
    last = end.at if end.is_guess else end.at - _A_MOMENT
    return DayShape(day=last.date().isoformat(), precision=end.precision)


def _quote(stand: Stand) -> FactQuoteShape:
    return FactQuoteShape.of(stand.entry, stand.claim.start, stand.claim.end)


def _earlier(older: Fact, each: Supersession) -> EarlierShape:
    until = DayShape(day=each.at.date().isoformat(), precision=Precision.DAY)
    return EarlierShape(
        id=older.id, statement=older.statement, since=_first(older.interval.start), until=_last(older) or until
    )
