"""How long entries are kept, over HTTP: what a span would take, choosing it, and taking back one that waits."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import Connection

from everword.core.errors import NotFound
from everword.core.types import Principal
from everword.http.door import principal
from everword.http.forgetting import ForgettingShape
from everword.http.memory import EntryLite, entry_lites
from everword.http.services import Services, services_of
from everword.memory.forgetting import keeping
from everword.memory.forgetting.keeping import Keeping, Span
from everword.memory.forgetting.types import ForgettingState

router = APIRouter(prefix="/api", tags=["retention"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]


class SpanShape(BaseModel):
    """How long to keep entries."""

    keep: Span


class DueShape(BaseModel):
    """What a span would take if it were chosen now: what is older than `before`, the entries said first with it.

    `begins_at` is when it would go; none where the span is no shorter than the one in effect.
    """

    keep: Span
    entry_count: int
    before: datetime | None
    begins_at: datetime | None
    first_said_at: datetime | None
    last_said_at: datetime | None
    entries: list[EntryLite]


class ComingShape(BaseModel):
    """A shorter span that was chosen, and how many entries go when it begins."""

    keep: Span
    chosen_at: datetime
    begins_at: datetime
    entry_count: int

    @staticmethod
    def of(connection: Connection, who: Principal, known: Keeping) -> "ComingShape | None":
        coming = known.coming
        if coming is None:
            return None
        due = keeping.due(connection, who, coming.keep, coming.begins_at)
        return ComingShape(
            keep=coming.keep, chosen_at=coming.chosen_at, begins_at=coming.begins_at, entry_count=due.count
        )


class RetentionShape(BaseModel):
    """The span in effect, the ones there are, and one that waits for its day."""

    keep: Span
    spans: list[Span]
    coming: ComingShape | None


@router.get("/memory/retention")
def retention(who: Who, house: House) -> RetentionShape:
    """How long entries are kept, and what waits to take effect."""
    with house.database.reading(who) as connection:
        known = keeping.read(connection, who)
        coming = ComingShape.of(connection, who, known)
    return RetentionShape(keep=known.keep, spans=list(keeping.SPANS), coming=coming)


@router.post("/memory/retention/preview")
def preview(who: Who, house: House, asked: SpanShape) -> DueShape:
    """What that span would take, and when. Changes nothing."""
    due = keeping.preview(house.database, who, asked.keep)
    with house.database.reading(who) as connection:
        entries = entry_lites(connection, who, list(due.entries))
    return DueShape(
        keep=asked.keep,
        entry_count=due.count,
        before=due.before,
        begins_at=due.begins_at,
        first_said_at=due.first_said_at,
        last_said_at=due.last_said_at,
        entries=entries,
    )


@router.put("/memory/retention")
def choose(who: Who, house: House, asked: SpanShape) -> RetentionShape:
    """Keep entries so long: a longer span begins at once, a shorter one a day later; see `coming`."""
    keeping.choose(house.database, who, asked.keep)
    return retention(who, house)


@router.delete("/memory/retention/coming")
def take_back(who: Who, house: House) -> RetentionShape:
    """Keep what would have gone: the span that waits does not begin."""
    keeping.take_back(house.database, who)
    return retention(who, house)


def coming_of(house: Services, who: Principal) -> ComingShape | None:
    """The span that waits, for Today."""
    with house.database.reading(who) as connection:
        return ComingShape.of(connection, who, keeping.read(connection, who))


def forgotten_since(house: Services, who: Principal, since: datetime | None) -> list[ForgettingShape]:
    """What a span has begun to forget and has not ended, or ended after `since`; the newest first."""
    with house.database.reading(who) as connection:
        ids = keeping.read(connection, who).forgetting_ids
    found = []
    for forgetting_id in reversed(ids):
        try:
            each = ForgettingShape.of(*house.forgetter.get(who, forgetting_id))
        except NotFound:
            continue
        if each.state is not ForgettingState.DELIVERED or (since and each.ended_at and each.ended_at > since):
            found.append(each)
    return found
