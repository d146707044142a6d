"""Chat for programs: a request in OpenAI's form in, an answer in OpenAI's form out, whichever model gives it.

Where the model's own server speaks that form, its bytes are handed on; elsewhere they are translated.
"""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from everword.core.types import Principal, Priority
from everword.models.calls import Call, call
from everword.models.errors import AnswerBroken
from everword.models.gateway import Gateway
from everword.models.providers.errors import from_status
from everword.models.types import Target

if TYPE_CHECKING:
    import httpx2

_EVENT_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Relayed:
    """An answer on its way: server-sent events where `is_stream`, else one JSON document."""

    is_stream: bool
    chunks: AsyncIterator[bytes]


@asynccontextmanager
async def open_chat(
    gateway: Gateway, who: Principal, target: Target, body: Mapping[str, Any]
) -> AsyncIterator[Relayed]:
    """Ask `target` what `body` (OpenAI's chat request) says; leaving the context stops the model.

    Raises ModelErrors when it is entered, before anything was answered, and while `chunks` are read.
    """
    if target.kind.speaks_openai:
        async with _relayed(gateway, who, target, body) as relayed:
            yield relayed
    else:
        from everword.models.providers.translate import translated

        model = gateway.model_at(who, target, priority=Priority.PROGRAM)
        async with translated(model, f"{target.provider}/{target.model}", body) as chunks:
            yield Relayed(bool(body.get("stream")), chunks)


@asynccontextmanager
async def _relayed(gateway: Gateway, who: Principal, target: Target, body: Mapping[str, Any]) -> AsyncIterator[Relayed]:
    is_stream = bool(body.get("stream"))
    wants_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    request = {**body, "model": target.model}
    if is_stream:
        request["stream_options"] = {**(body.get("stream_options") or {}), "include_usage": True}
    headers = {"Authorization": f"Bearer {target.key.reveal()}"} if target.key is not None else {}
    url = f"{target.base_url}/chat/completions"
    async with (
        call(gateway.terms(who, target, Priority.PROGRAM)) as under_way,
        gateway.clients.http(target.kind).stream("POST", url, json=request, headers=headers) as response,
    ):
        if not response.is_success:
            raise await _error(response, target)
        if is_stream:
            yield Relayed(True, _events(response, under_way, target, wants_usage=wants_usage))
        else:
            yield Relayed(False, _whole(response, under_way))


async def _events(
    response: "httpx2.Response", under_way: Call, target: Target, *, wants_usage: bool
) -> AsyncIterator[bytes]:
    """The events as they came, but for the usage event that the client did not ask for."""
    rest, is_whole = b"", False
    async for chunk in response.aiter_bytes():
        *events, rest = _EVENT_END.split(rest + chunk)
        for event in events:
            under_way.answers()
            is_whole = is_whole or b'"finish_reason":"' in event.replace(b" ", b"") or event == b"data: [DONE]"
            if _reads_usage(event, under_way) and not wants_usage:
                continue
            yield event + b"\n\n"
    if not is_whole:
        raise AnswerBroken(provider=target.provider)


def _reads_usage(event: bytes, under_way: Call) -> bool:
    """Take in what an event says of usage; whether it says nothing else."""
    if b'"usage"' not in event and b'"timings"' not in event:
        return False
    try:
        said = json.loads(event.removeprefix(b"data:"))
    except ValueError:
        return False
    _take_in(said, under_way)
    return bool(said.get("usage")) and not said.get("choices")


async def _whole(response: "httpx2.Response", under_way: Call) -> AsyncIterator[bytes]:
    content = await response.aread()
    under_way.answers()
    _take_in(json.loads(content), under_way)
    yield content


def _take_in(said: Mapping[str, Any], under_way: Call) -> None:
    usage = said.get("usage") or {}
    under_way.measured.prompt_tokens = usage.get("prompt_tokens") or under_way.measured.prompt_tokens
    under_way.measured.completion_tokens = usage.get("completion_tokens") or under_way.measured.completion_tokens
    under_way.measured.timings = said.get("timings") or under_way.measured.timings


async def _error(response: "httpx2.Response", target: Target) -> Exception:
    content = await response.aread()
    try:
        body: Any = json.loads(content)
    except ValueError:
        body = content.decode(errors="replace")[:1000]
    retry_after = response.headers.get("retry-after", "")
    return from_status(response.status_code, body, target, float(retry_after) if retry_after.isdigit() else None)
