"""Incognito over HTTP: the page sends what was said so far, and an answer is streamed back. Nothing is kept."""

import json
import logging
import math
import traceback
from collections.abc import Sequence
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import anyio
from anyio import to_thread
from anyio.streams.memory import MemoryObjectSendStream
from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from everword.agents import incognito
from everword.agents.conversation import MAX_CHARACTERS
from everword.core.errors import EverwordError
from everword.core.types import Principal
from everword.http.door import principal
from everword.http.errors import error_body
from everword.http.leaving import until_left
from everword.http.services import Services, services_of

if TYPE_CHECKING:
    from everword.models.types import ModelInfo

router = APIRouter(prefix="/api", tags=["conversations"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
_MOST_TURNS = 1_000
_MOST_FILES = 10
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
]

_log = logging.getLogger(__name__)


class FileGiven(BaseModel):
    """A text that was attached."""

    name: Annotated[str, Field(max_length=300)]
    text: Annotated[str, Field(max_length=MAX_CHARACTERS)]


class TurnGiven(BaseModel):
    """What was said, and by whom."""

    speaker: Literal["you", "everword"]
    text: Annotated[str, Field(max_length=MAX_CHARACTERS)]
    files: Annotated[list[FileGiven], Field(max_length=_MOST_FILES)] = []


class Conversation(BaseModel):
    """All that was said so far, as the page has it; the last turn is the question."""

    turns: Annotated[list[TurnGiven], Field(min_length=1, max_length=_MOST_TURNS)]


@router.post(
    "/incognito",
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {}}, "description": "The answer, as server-sent events"}},
)
async def answer(who: Who, house: House, given: Conversation) -> Response:
    """An answer to a conversation that is nowhere but in the page that sends it. Nothing of it is written.

    Server-sent events: `queued` (place, wait_s), `begun` (model), `delta` (text), then `done`, or `failed` (error).
    Leaving stops the model.
    """
    turns = [
        incognito.Turn(turn.speaker == "everword", turn.text, tuple(incognito.File(f.name, f.text) for f in turn.files))
        for turn in given.turns
    ]
    incognito.check(turns)
    return _Answer(house, who, turns)


class _Answer(Response):
    """Streams one answer for as long as somebody listens."""

    def __init__(self, house: Services, who: Principal, turns: Sequence[incognito.Turn]) -> None:
        super().__init__()
        self._house = house
        self._who = who
        self._turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await until_left(receive, partial(self._stream, send))

    async def _stream(self, send: Send) -> None:
        out, events = anyio.create_memory_object_stream[tuple[str, dict[str, Any]]](math.inf)
        async with anyio.create_task_group() as tasks, events:
            tasks.start_soon(self._speak, out)
            async for name, values in events:
                frame = f"event: {name}\ndata: {json.dumps(values, ensure_ascii=False)}\n\n"
                await send({"type": "http.response.body", "body": frame.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _speak(self, out: MemoryObjectSendStream[tuple[str, dict[str, Any]]]) -> None:
        """Have the model answer; what it says and where it stands goes to `out`, which is closed at the end."""

        def tell(name: str, **values: Any) -> None:
            out.send_nowait((name, values))

        with out:
            try:
                model, own = await to_thread.run_sync(self._prepare)
                tell("begun", model=model.id)
                pieces = incognito.answer(
                    self._house.gateway,
                    self._who,
                    self._turns,
                    model,
                    own_instructions=own,
                    on_queue=lambda place, wait_s: tell("queued", place=place, wait_s=wait_s),
                )
                async with aclosing(pieces):
                    async for piece in pieces:
                        tell("delta", text=piece)
                tell("done")
            except EverwordError as error:
                tell("failed", **error_body(error))
            except Exception as error:  # boundary: one answer; recorded without a word of it
                _record(error)
                tell("failed", **error_body(EverwordError()))

    def _prepare(self) -> tuple["ModelInfo", str]:
        """Which model answers, and the person's own instructions. Raises NoModel."""
        own = str(self._house.preferences.read_all(self._who).get("own_instructions") or "")
        return self._house.gateway.resolve(self._who), own


def _record(error: BaseException) -> None:
    """The kind of a fault and the lines it came through. Its message could quote what was said, so that is left out."""
    lines = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    _log.error("An incognito answer failed: %s\n%s", type(error).__name__, "\n".join(lines))
