"""Memory over HTTP: search and recall, the timeline of every word, an entry in its place, and how the index stands."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Connection

from everword.core.errors import Invalid, NotFound
from everword.core.ids import ConversationId, EntryId, is_id
from everword.core.types import Label, Principal
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.security import operator
from everword.http.services import Services, services_of
from everword.http.speakers import said_by
from everword.memory import conversation_store, store
from everword.memory.index.filters import Filters
from everword.memory.types import Entry, EntryKind, EntryState

router = APIRouter(prefix="/api", tags=["memory"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
_NOT_A_PLACE = "This is not a place in the timeline that was given out. Start again from the newest."


class SearchQuery(BaseModel):
    """Words, as far as they are typed, and what to limit the search to. `from` is included, `to` is not.

    The speaker `me`, and the owner's own name, are what the owner said.
    """

    query: Annotated[str, Field(max_length=500)] = ""
    speaker: Annotated[str, Field(max_length=200)] | None = None
    since: Annotated[AwareDatetime | None, Field(alias="from")] = None
    until: Annotated[AwareDatetime | None, Field(alias="to")] = None
    source: Annotated[str, Field(max_length=64)] | None = None
    kind: EntryKind | None = None
    label: Label | None = None
    conversation_id: Identifier | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 30
    cursor: Annotated[str, Field(max_length=20)] | None = None

    def filters(self, house: Services, who: Principal) -> Filters:
        """What to limit the search to."""
        speaker, label = said_by(house, who, self.speaker, self.label)
        conversation_id = None if self.conversation_id is None else ConversationId(self.conversation_id)
        return Filters(
            speaker=speaker,
            since=self.since,
            until=self.until,
            source=self.source or None,
            kind=self.kind,
            label=label,
            conversation_id=conversation_id,
        )


class RecallQuestion(BaseModel):
    """A question, and how much may be found. `conversation` picks one: its id, or the one it was imported under."""

    question: Annotated[str, Field(min_length=1, max_length=4000)]
    k: Annotated[int, Field(ge=1, le=200)] = 10
    budget_tokens: Annotated[int, Field(ge=1, le=200_000)] | None = None
    conversation: Annotated[str, Field(max_length=300)] | None = None


class EntryLite(BaseModel):
    """An entry with the title of its conversation."""

    id: str
    position: int
    conversation_id: str | None
    conversation_title: str
    kind: EntryKind
    label: Label
    speaker: str
    source: str
    external_id: str | None
    said_at: datetime
    recorded_at: datetime
    text: str
    state: EntryState
    is_current_version: bool


class FoundShape(BaseModel):
    """An entry that was found: its best passage, what to highlight in its text, and why it was found."""

    entry: EntryLite
    start: int
    end: int
    highlights: list[tuple[int, int]]
    score: float
    reasons: dict[str, float]


class SearchResult(BaseModel):
    """A page of what was found, best first; `next` asks for the following one."""

    hits: list[FoundShape]
    total_estimate: int
    took_ms: float
    next: str | None


class RecallResult(BaseModel):
    """What recall found, whether the question is about the owner's past, and whether anything bears it out."""

    hits: list[FoundShape]
    about_past: bool
    is_supported: bool
    confidence: float
    took_ms: float


class TimelinePage(BaseModel):
    """Entries by when they were said, newest first; `previous` leads to newer ones, `next` to older ones."""

    entries: list[EntryLite]
    previous: str | None
    next: str | None


class ContextConversation(BaseModel):
    """The conversation an entry stands in."""

    id: str
    title: str
    source: str


class EntryContext(BaseModel):
    """An entry among those around it."""

    entries: list[EntryLite]
    entry_id: str
    conversation: ContextConversation | None


class IndexState(BaseModel):
    """How far the index has come, of how far the ledger goes."""

    position: int
    ledger_position: int
    is_current: bool


class Counted(BaseModel):
    """A name and how many entries have it."""

    name: str
    count: int


class MemoryStatus(BaseModel):
    """How much is remembered, since when, by whom and from where. `own`: said by the owner."""

    entries: int
    own: int
    since: datetime | None
    index: IndexState
    speakers: list[Counted]
    sources: list[Counted]


class RebuiltShape(BaseModel):
    """The ledger position that the new index has reached."""

    position: int


@router.post("/memory/search")
def search(who: Who, house: House, query: SearchQuery) -> SearchResult:
    """Entries with every word of the query, the last one begun being enough."""
    found = house.recaller.search(
        who, query.query, filters=query.filters(house, who), limit=query.limit, cursor=query.cursor
    )
    with house.database.reading(who) as connection:
        lites = entry_lites(connection, who, [hit.entry for hit in found.hits])
    hits = [
        FoundShape(
            entry=lite,
            start=hit.start,
            end=hit.end,
            highlights=hit.highlights,
            score=hit.score,
            reasons={"words": hit.score},
        )
        for lite, hit in zip(lites, found.hits, strict=True)
    ]
    return SearchResult(hits=hits, total_estimate=found.total_estimate, took_ms=found.took_ms, next=found.next)


@router.post("/memory/recall")
def recall(who: Who, house: House, question: RecallQuestion) -> RecallResult:
    """What answers a question, best first, and why."""
    conversation_id = None if question.conversation is None else _conversation_id(house, who, question.conversation)
    recalled = house.recaller.recall(
        who,
        question.question,
        timezone=_time_zone(house, who),
        k=question.k,
        budget_tokens=question.budget_tokens,
        filters=Filters(conversation_id=conversation_id),
    )
    with house.database.reading(who) as connection:
        lites = entry_lites(connection, who, [hit.entry for hit in recalled.hits])
    hits = [
        FoundShape(
            entry=lite,
            start=hit.start,
            end=hit.end,
            highlights=[(hit.start, hit.end)],
            score=hit.score,
            reasons=hit.reasons,
        )
        for lite, hit in zip(lites, recalled.hits, strict=True)
    ]
    return RecallResult(
        hits=hits,
        about_past=recalled.about_past,
        is_supported=recalled.is_supported,
        confidence=recalled.confidence,
        took_ms=recalled.took_ms,
    )


@router.get("/memory/timeline")
def timeline(
    who: Who,
    house: House,
    before: Annotated[str | None, Query(max_length=80)] = None,
    after: Annotated[str | None, Query(max_length=80)] = None,
    day: date | None = None,
    speaker: Annotated[str | None, Query(max_length=200, description="A whole name; `me`: the owner")] = None,
    source: Annotated[str | None, Query(max_length=64)] = None,
    kind: EntryKind | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> TimelinePage:
    """Every word by when it was said, newest first; `day` starts at the end of that day in the owner's time zone."""
    name, label = said_by(house, who, speaker, None)
    filters = Filters(speaker=name, label=label, source=source or None, kind=kind)
    edge_before, edge_after = _edge(before), _edge(after)
    if day is not None and before is None and after is None:
        next_day = day + timedelta(days=1)
        zone = ZoneInfo(_time_zone(house, who))
        edge_before = (datetime(next_day.year, next_day.month, next_day.day, tzinfo=zone).astimezone(UTC), 0)
    with house.database.reading(who) as connection:
        entries = store.timeline(connection, who, before=edge_before, after=edge_after, filters=filters, limit=limit)
        lites = entry_lites(connection, who, entries)
    is_full = len(entries) == limit
    has_newer = edge_before is not None or (edge_after is not None and is_full)
    has_older = is_full if edge_after is None else bool(entries)
    return TimelinePage(
        entries=lites,
        previous=_place(entries[0]) if entries and has_newer else None,
        next=_place(entries[-1]) if entries and has_older else None,
    )


@router.get("/entries/{entry_id}")
def entry(who: Who, house: House, entry_id: Identifier) -> EntryLite:
    """One entry."""
    with house.database.reading(who) as connection:
        return entry_lites(connection, who, [store.get(connection, who, EntryId(entry_id))])[0]


@router.get("/entries/{entry_id}/context")
def context(
    who: Who,
    house: House,
    entry_id: Identifier,
    before: Annotated[int, Query(ge=0, le=100)] = 4,
    after: Annotated[int, Query(ge=0, le=100)] = 4,
) -> EntryContext:
    """An entry in its place, with those around it."""
    with house.database.reading(who) as connection:
        around = store.around(connection, who, EntryId(entry_id), before, after)
        conversation_id = around[0].conversation_id
        found = None if conversation_id is None else conversation_store.get(connection, who, conversation_id)
        lites = entry_lites(connection, who, around)
    shape = None if found is None else ContextConversation(id=found.id, title=found.title, source=found.source)
    return EntryContext(entries=lites, entry_id=entry_id, conversation=shape)


@router.get("/memory/status")
def status(who: Who, house: House) -> MemoryStatus:
    """How much is remembered, and whether the index has all of it."""
    system = Principal.system()
    with house.database.reading(system) as connection:
        ledger_position = store.last_position(connection, system)
    with house.database.reading(who) as connection:
        entries, since = store.count(connection, who)
        labels = dict(store.counts_by(connection, who, "label"))
        speakers = store.counts_by(connection, who, "speaker", but=Label.OWNER)
        sources = store.counts_by(connection, who, "source")
    position = house.indexer.position
    return MemoryStatus(
        entries=entries,
        own=labels.get(Label.OWNER, 0),
        since=since,
        index=IndexState(position=position, ledger_position=ledger_position, is_current=position >= ledger_position),
        speakers=[Counted(name=name, count=count) for name, count in speakers if name],
        sources=[Counted(name=name, count=count) for name, count in sources],
    )


@router.post("/memory/index/rebuild", dependencies=[Depends(operator)])
def rebuild(_who: Who, house: House) -> RebuiltShape:
    """Build every index anew from the ledger; the old ones answer until it is done, which this waits for."""
    return RebuiltShape(position=house.indexer.rebuild())


def entry_lites(connection: Connection, who: Principal, entries: list[Entry]) -> list[EntryLite]:
    ids = {entry.conversation_id for entry in entries if entry.conversation_id is not None}
    titles = conversation_store.titles(connection, who, ids)
    old = store.superseded(connection, who, [entry.id for entry in entries])
    return [
        EntryLite(
            id=entry.id,
            position=entry.position,
            conversation_id=entry.conversation_id,
            conversation_title="" if entry.conversation_id is None else titles.get(entry.conversation_id, ""),
            kind=entry.kind,
            label=entry.label,
            speaker=entry.speaker,
            source=entry.source,
            external_id=entry.external_id,
            said_at=entry.said_at,
            recorded_at=entry.recorded_at,
            text=entry.text,
            state=entry.state,
            is_current_version=entry.id not in old,
        )
        for entry in entries
    ]


def _conversation_id(house: Services, who: Principal, name: str) -> ConversationId:
    """A conversation by its id, or by the one it had where it was imported from as plain entries. Raises NotFound."""
    with house.database.reading(who) as connection:
        if is_id(name):
            return conversation_store.get(connection, who, ConversationId(name)).id
        found = conversation_store.by_external_id(connection, who, who.own_space, "entries", name)
    if found is None:
        raise NotFound(what="conversation")
    return found.id


def _time_zone(house: Services, who: Principal) -> str:
    return str(house.preferences.read_all(who).get("time_zone") or "UTC")


def _place(entry: Entry) -> str:
    return f"{entry.said_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z,{entry.position}"


def _edge(place: str | None) -> tuple[datetime, int] | None:
    if place is None:
        return None
    at, _, position = place.partition(",")
    try:
        said_at = datetime.fromisoformat(at)
        if said_at.tzinfo is None:
            raise Invalid(why=_NOT_A_PLACE)
        return said_at, int(position or 0)
    except ValueError as error:
        raise Invalid(why=_NOT_A_PLACE) from error
