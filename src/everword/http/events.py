"""The event stream: everything a person's pages need to hear of, from any position on, by SSE or long poll."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy import Connection

from everword.attention import gate
from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import ConversationId, EntryId
from everword.core.types import Principal
from everword.http import rendering
from everword.http.door import principal
from everword.http.services import Services, services_of
from everword.memory import store
from everword.runs import store as run_store
from everword.runs.types import Run, RunState
from everword.storage import events
from everword.storage.events import Event

router = APIRouter(prefix="/api", tags=["events"])

_BEAT_S = 10.0
_OTHER_PROCESSES_S = 0.5
_MOST_WAIT_S = 25.0
_HEADERS = {
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",  # nginx: do not gather
    "Content-Type": "text/event-stream; charset=utf-8",
}


class EventShape(BaseModel):
    """Something that happened."""

    position: int
    type: str
    run_id: str | None
    created_at: str
    payload: dict[str, Any]


class EventsShape(BaseModel):
    """Events in order, and the position reached."""

    events: list[EventShape]
    position: int
    is_reset: bool = False


@router.get("/events", response_class=StreamingResponse)
async def stream(
    request: Request,
    who: Annotated[Principal, Depends(principal)],
    after: Annotated[str, Query(pattern=r"^(now|\d{1,18})$")] = "now",
    last_event_id: Annotated[str | None, Header(pattern=r"^\d{1,18}$")] = None,
) -> StreamingResponse:
    """Everything that happens, as server-sent events, from `Last-Event-ID` or `after` on.

    The first event is `hello`. Where the position asked for is no longer kept, `reset` says that snapshots must be read
    anew. `beat` comes every ten seconds, so that a page notices a dead connection.
    """
    services = services_of(request)
    position = await to_thread.run_sync(_start, services, who, last_event_id or after)
    return StreamingResponse(_sse(request, services, who, position), headers=_HEADERS)


@router.get("/events/poll")
async def poll(
    request: Request,
    who: Annotated[Principal, Depends(principal)],
    after: Annotated[str, Query(pattern=r"^(now|\d{1,18})$")] = "now",
    wait_s: Annotated[float, Query(ge=0, le=_MOST_WAIT_S)] = 20,
) -> EventsShape:
    """The same for pages behind a proxy that holds streams back: waits up to `wait_s` for the next events."""
    services = services_of(request)
    position = await to_thread.run_sync(_start, services, who, after)
    if position < 0:
        return EventsShape(events=[], position=-position - 1, is_reset=True)
    deadline = clock.monotonic() + wait_s
    while True:
        bell = services.live.listen()
        found, position = await to_thread.run_sync(_read, services, who, position)
        left = deadline - clock.monotonic()
        if found or left <= 0 or services.live.is_closing:
            return EventsShape(events=found, position=position)
        await services.live.wait(bell, min(left, _pause_s(services)))


async def _sse(request: Request, services: Services, who: Principal, position: int) -> AsyncIterator[str]:
    if position < 0:
        position = -position - 1
        yield _frame("reset", {"position": position}, position)
    yield _frame("hello", {"position": position, "server_id": services.server_id}, position)
    beat_at = clock.monotonic() + _BEAT_S
    while not services.live.is_closing:
        bell = services.live.listen()
        found, position = await to_thread.run_sync(_read, services, who, position)
        for event in found:
            values = {"position": event.position, "run_id": event.run_id, "created_at": event.created_at}
            yield _frame(event.type, event.payload | values, event.position)
        if clock.monotonic() >= beat_at:
            if await request.is_disconnected() or not await to_thread.run_sync(services.door.is_still_open, request):
                return
            beat_at = clock.monotonic() + _BEAT_S
            yield _frame("beat", {"position": position}, position)
        if not found:
            await services.live.wait(bell, min(_pause_s(services), max(beat_at - clock.monotonic(), 0.01)))


def _frame(type: str, values: dict[str, Any], position: int) -> str:
    return f"id: {position}\nevent: {type}\ndata: {json.dumps(values, separators=(',', ':'), ensure_ascii=False)}\n\n"


def _pause_s(services: Services) -> float:
    """How long to wait for the bell: on PostgreSQL other processes write too, and ring elsewhere."""
    return _BEAT_S if services.database.is_sqlite else _OTHER_PROCESSES_S


def _start(services: Services, who: Principal, after: str) -> int:
    """The position to read on from; -1 - the newest one where what was asked for is no longer kept."""
    with services.database.reading(who) as connection:
        newest = events.last_position(connection, who)
        if after == "now":
            return newest
        position = int(after)
        oldest = events.first_position(connection, who)
        is_kept = position == 0 or oldest - 1 <= position <= newest
        return position if is_kept else -1 - newest


def _read(services: Services, who: Principal, position: int) -> tuple[list[EventShape], int]:
    """The next events, each with what it refers to as it is now."""
    with services.database.reading(who) as connection:
        found = events.after(connection, who, position)
        shapes = [shape for event in found if (shape := _shape(services, connection, who, event)) is not None]
    return shapes, found[-1].position if found else position


def _shape(services: Services, connection: Connection, who: Principal, event: Event) -> EventShape | None:
    """An event with the rows it refers to; None where they are gone. Events themselves hold references only."""
    try:
        payload = _expanded(services, connection, who, event)
    except NotFound:
        return None
    created_at = event.created_at.isoformat().replace("+00:00", "Z")
    return EventShape(
        position=event.position, type=event.type, run_id=event.run_id, created_at=created_at, payload=payload
    )


def _expanded(services: Services, connection: Connection, who: Principal, event: Event) -> dict[str, Any]:
    given = event.payload
    match event.type:
        case "conversation.changed":
            shape = rendering.conversation_shape(connection, who, ConversationId(given["conversation_id"]))
            return {"conversation": shape.model_dump(mode="json")}
        case "entry.added":
            entry = store.get(connection, who, EntryId(given["entry_id"]))
            shown = rendering.entry_shape(connection, who, entry)
            return {"conversation_id": entry.conversation_id, "entry": shown.model_dump(mode="json")}
        case _ if event.run_id is not None:
            return _expanded_run(services, connection, who, event)
        case _:
            return given


def _expanded_run(services: Services, connection: Connection, who: Principal, event: Event) -> dict[str, Any]:
    given = event.payload
    assert event.run_id is not None  # noqa: S101 (told apart by the caller)
    if event.type == "run.delta":
        return given
    run = run_store.get(connection, who, event.run_id)
    told: dict[str, Any] = {"conversation_id": run.conversation_id}
    match event.type:
        case "run.state":
            shape = rendering.run_shape(connection, who, run)
            told |= {"notice": _notice(services, who, event, run, shape.title or "")}
            return told | {"run": shape.model_dump(mode="json") | {"state": given["state"]}, "cause": given["cause"]}
        case "run.recalled":
            found = rendering.found_shapes(connection, who, run.id)
            return told | {"found": [quote.model_dump(mode="json") for quote in found]} | given
        case "run.cited":
            quote = rendering.quote_of(connection, who, run.id, given["entry_id"])
            if quote is None:
                raise NotFound(what="quote")
            return told | {"citation": rendering.citation_shape(quote[0], given, quote[1]).model_dump(mode="json")}
        case "run.finished":
            told["run"] = rendering.run_shape(connection, who, run).model_dump(mode="json")
            told["entry"] = None
            if "entry_id" in given:
                entry = store.get(connection, who, EntryId(given["entry_id"]))
                told["entry"] = rendering.entry_shape(connection, who, entry).model_dump(mode="json")
            return told
        case _:
            return told | given


def _notice(services: Services, who: Principal, event: Event, run: Run, title: str) -> dict[str, str] | None:
    """What a browser may show outside the page of a run that has begun to wait, as attention's gate allows it."""
    if event.payload["state"] != RunState.WAITING.value:
        return None
    habits = services.briefs.habits(who)
    found = gate.of_waiting_run(run, title, told_at=event.created_at, now=clock.now(), habits=habits)
    return None if found is None else {"kind": found.kind.value, "title": found.title}
