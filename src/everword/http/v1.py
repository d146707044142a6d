"""OpenAI's API for programs: models and chat completions. Stateless: nothing is kept but what a call used."""

import json
import logging
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from everword.core.errors import EverwordError, Invalid, NotFound
from everword.core.types import Principal
from everword.http.door import principal
from everword.http.leaving import until_left
from everword.http.services import Services, services_of

if TYPE_CHECKING:
    from everword.models.relay import Relayed
    from everword.models.types import Target

router = APIRouter(prefix="/v1", tags=["for programs"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]

ACTIVE = "everword"
"""The name under which programs get whichever model answers its owner."""

_log = logging.getLogger(__name__)


class ModelNotFound(EverwordError):
    """There is no model {model} here. GET /v1/models lists those that answer; everword is the active one."""

    code = "model_not_found"
    status = 404


class V1Model(BaseModel):
    """One model, in OpenAI's form."""

    id: str
    object: str = "model"
    created: int = 0
    owned_by: str


class V1Models(BaseModel):
    """The models a program may name."""

    object: str = "list"
    data: list[V1Model]


@router.get("/models")
def models(who: Who, house: House) -> V1Models:
    """The model that answers, under its id and as `everword`, then the local one and those that providers listed."""
    choice = house.gateway.choice
    found = [V1Model(id=ACTIVE, owned_by="everword")]
    active = house.gateway.resolve(who)
    found.append(V1Model(id=active.id, owned_by=active.provider))
    local = None if choice.locked else choice.local_target()
    if local is not None:
        found.append(V1Model(id=f"{local.provider}/{local.model}", owned_by=local.provider))
    for provider in () if choice.locked else choice.registry.all(who):
        listed = choice.registry.known_models(who, provider.name) or ()
        found += [V1Model(id=f"{provider.name}/{model.name}", owned_by=provider.name) for model in listed]
    return V1Models(data=list({model.id: model for model in found}.values()))


@router.post("/chat/completions")
async def chat_completions(request: Request, who: Who, house: House) -> Response:
    """An answer of a model, streamed or whole, in OpenAI's form. The request is OpenAI's."""
    try:
        body = _checked(await request.body())
        target = await to_thread.run_sync(_target, house, who, body["model"])
    except EverwordError as error:
        return error_response(error)
    from everword.models.relay import open_chat

    return RelayResponse(open_chat(house.gateway, who, target, body))


class RelayResponse(Response):
    """Hands an answer on as it comes; when the client leaves, the model is stopped, before its first word too."""

    def __init__(self, relayed: AbstractAsyncContextManager["Relayed"]) -> None:
        super().__init__()
        self._relayed = relayed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await until_left(receive, partial(self._answer, scope, receive, send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False
        try:
            async with self._relayed as relayed:
                kind = "text/event-stream" if relayed.is_stream else "application/json"
                async for chunk in relayed.chunks:
                    if not has_begun:
                        await send(_start(kind))
                        has_begun = True
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except Exception as error:  # boundary: one request of a program; recorded unless it is an error of ours
            ours = error if isinstance(error, EverwordError) else EverwordError()
            if ours is not error:
                _log.exception("A program's chat completion failed")
            if not has_begun:
                await error_response(ours)(scope, receive, send)
                return
            event = f"data: {json.dumps(error_body(ours))}\n\n".encode()
            await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def error_body(error: EverwordError) -> dict[str, Any]:
    """An error of ours in OpenAI's form."""
    kind = "invalid_request_error" if 400 <= error.status < 500 else "server_error"
    param = "model" if isinstance(error, ModelNotFound) else None
    return {"error": {"message": error.message, "type": kind, "param": param, "code": error.code}}


def error_response(error: EverwordError) -> JSONResponse:
    """The response for an error of ours in OpenAI's form."""
    wait_s = error.values.get("retry_after_s")
    headers = {"Retry-After": str(wait_s)} if isinstance(wait_s, int) else {}
    return JSONResponse(error_body(error), error.status, headers)


def _start(kind: str) -> dict[str, Any]:
    headers = [
        (b"content-type", kind.encode()),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    return {"type": "http.response.start", "status": 200, "headers": headers}


def _checked(content: bytes) -> dict[str, Any]:
    """The request as far as we read it; the model's own server checks the rest."""
    try:
        body = json.loads(content)
    except ValueError as error:
        raise Invalid(why="The request is not valid JSON.") from error
    if not isinstance(body, dict):
        raise Invalid(why="The request must be a JSON object.")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Invalid(why="The request needs messages: a list with at least one.")
    if not all(isinstance(message, dict) and isinstance(message.get("role"), str) for message in messages):
        raise Invalid(why="Each message needs a role and its content.")
    if not isinstance(body.setdefault("model", ACTIVE), str):
        raise Invalid(why="model must be the id of a model, such as everword.")
    return body


def _target(house: Services, who: Principal, named: str) -> "Target":
    """Where the call goes; a model that is named must be the one that answers."""
    wanted = None if named == ACTIVE else named
    try:
        info = house.gateway.resolve(who, wanted)
    except NotFound as error:
        raise ModelNotFound(model=named[:200]) from error
    if wanted is not None and info.id != wanted:
        raise ModelNotFound(model=named[:200])
    return house.gateway.choice.target(who, wanted)
