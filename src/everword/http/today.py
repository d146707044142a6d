"""Today: what runs, what waits, what was delivered since the person last looked, and where they talked last."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from everword.agents.today import Delivered, delivered_since, last_looked, looked
from everword.agents.work_log import SOURCE as WORK_SOURCE
from everword.core import clock
from everword.core.types import Principal
from everword.http import rendering
from everword.http.door import principal
from everword.http.facts import PromiseShape, promise_shapes
from everword.http.forgetting import ForgettingShape
from everword.http.retention import ComingShape, coming_of, forgotten_since
from everword.http.services import Services, services_of
from everword.http.shapes import ConversationShape, RunShape
from everword.memory import conversation_store, store
from everword.runs import store as run_store
from everword.runs.types import RunState

router = APIRouter(prefix="/api", tags=["today"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
_CONVERSATIONS = 5


class DeliveredShape(BaseModel):
    """An answer that came since the person last looked."""

    run_id: str
    kind: str
    conversation_id: str
    title: str
    entry_id: str
    excerpt: str
    said_at: datetime

    @staticmethod
    def of(delivered: Delivered) -> "DeliveredShape":
        return DeliveredShape(
            run_id=delivered.run.id,
            kind=delivered.run.kind,
            conversation_id=delivered.conversation.id,
            title=delivered.conversation.title,
            entry_id=delivered.entry.id,
            excerpt=delivered.excerpt,
            said_at=delivered.entry.said_at,
        )


class MemoryCount(BaseModel):
    """How many entries there are, and since when."""

    entries: int
    since: datetime | None


class TodayShape(BaseModel):
    """The home screen."""

    now: datetime
    last_looked_at: datetime | None
    running: list[RunShape]
    waiting: list[RunShape]
    failed: list[RunShape]
    delivered: list[DeliveredShape]
    conversations: list[ConversationShape]
    promises: list[PromiseShape]
    forgets: ComingShape | None
    forgotten: list[ForgettingShape]
    memory: MemoryCount


@router.get("/today")
def today(who: Who, house: House) -> TodayShape:
    """What there is to see since the person last looked."""
    with house.database.reading(who) as connection:
        since = last_looked(connection, who)
        newest_first = run_store.listed(connection, who, states=rendering.OPEN)
        open_runs = sorted(newest_first, key=lambda run: (run.state is RunState.QUEUED, run.id))
        failed = run_store.listed(connection, who, states=[RunState.FAILED], ended_after=since) if since else []
        recent = conversation_store.listed(
            connection, who, archived=False, before=None, limit=_CONVERSATIONS, without_source=WORK_SOURCE
        )
        entries, first = store.count(connection, who)
        return TodayShape(
            now=clock.now(),
            last_looked_at=since,
            running=rendering.run_shapes(connection, who, [run for run in open_runs if run.state != RunState.WAITING]),
            waiting=rendering.run_shapes(connection, who, [run for run in open_runs if run.state == RunState.WAITING]),
            failed=rendering.run_shapes(connection, who, failed),
            delivered=[DeliveredShape.of(item) for item in delivered_since(connection, who, since)],
            conversations=rendering.conversation_shapes(connection, who, recent[:_CONVERSATIONS]),
            promises=promise_shapes(house, who),
            forgets=coming_of(house, who),
            forgotten=forgotten_since(house, who, since),
            memory=MemoryCount(entries=entries, since=first),
        )


@router.post("/today/looked", status_code=204)
def looked_now(who: Who, house: House) -> None:
    """The person has seen what there is."""
    with house.database.writing(who) as connection:
        looked(connection, who)
