"""OpenAI's chat form for models whose servers speak another: requests in, answers and their events out."""

import base64
import binascii
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pydantic_ai.direct import model_request, model_request_stream
from pydantic_ai.messages import (
    BinaryContent,
    FinishReason,
    ImageUrl,
    ModelMessage,
    ModelRequest,
    ModelRequestPart,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    SystemPromptPart,
    TextPart,
    TextPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.usage import RequestUsage

from everword.core import clock
from everword.core.errors import Invalid
from everword.core.ids import new_id

_FINISH: Mapping[FinishReason | None, str] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
    "tool_call": "tool_calls",
}
_UNSUPPORTED = ("logprobs", "functions", "audio", "prediction", "web_search_options")


@asynccontextmanager
async def translated(model: Model, model_id: str, body: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
    """Ask `model` what `body` says; gives the answer's bytes in OpenAI's form. Raises Invalid where it cannot."""
    try:
        messages, settings, parameters = _messages(body), _settings(body), _parameters(body)
    except (KeyError, TypeError, AttributeError) as error:
        raise Invalid(why=f"The request is not in OpenAI's form: {error}.") from error
    frame = {"id": f"chatcmpl-{new_id()}", "created": int(clock.now().timestamp()), "model": model_id}
    if not body.get("stream"):
        response = await model_request(model, messages, model_settings=settings, model_request_parameters=parameters)
        yield _once(json.dumps(_whole(frame, response)).encode())
        return
    wants_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    async with model_request_stream(
        model, messages, model_settings=settings, model_request_parameters=parameters
    ) as stream:
        yield _stream(frame, stream, wants_usage=wants_usage)


async def _stream(frame: Mapping[str, Any], stream: Any, *, wants_usage: bool) -> AsyncIterator[bytes]:
    frame = {**frame, "object": "chat.completion.chunk"}
    yield _event(frame, {"role": "assistant", "content": ""})
    calls: dict[int, int] = {}
    async for event in stream:
        delta = _delta(event, calls)
        if delta is not None:
            yield _event(frame, delta)
    yield _event(frame, {}, _finish(stream.finish_reason, bool(calls)))
    if wants_usage:
        yield f"data: {json.dumps({**frame, 'choices': [], 'usage': _usage(stream.usage)})}\n\n".encode()
    yield b"data: [DONE]\n\n"


def _delta(event: ModelResponseStreamEvent, calls: dict[int, int]) -> dict[str, Any] | None:
    """What an event adds to the answer; `calls` numbers the tool calls by their place among the parts."""
    match event:
        case PartStartEvent(part=TextPart(content=text)) if text:
            return {"content": text}
        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)) if text:
            return {"content": text}
        case PartStartEvent(index=index, part=ToolCallPart() as part):
            calls[index] = len(calls)
            function = {"name": part.tool_name, "arguments": part.args_as_json_str() if part.args else ""}
            call = {"index": calls[index], "id": part.tool_call_id, "type": "function", "function": function}
            return {"tool_calls": [call]}
        case PartDeltaEvent(index=index, delta=ToolCallPartDelta(args_delta=arguments)) if arguments:
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            return {"tool_calls": [{"index": calls.get(index, 0), "function": {"arguments": text}}]}
        case _:
            return None


def _whole(frame: Mapping[str, Any], response: ModelResponse) -> dict[str, Any]:
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    calls = [
        {
            "id": part.tool_call_id,
            "type": "function",
            "function": {"name": part.tool_name, "arguments": part.args_as_json_str()},
        }
        for part in response.parts
        if isinstance(part, ToolCallPart)
    ]
    message: dict[str, Any] = {"role": "assistant", "content": text or (None if calls else "")}
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "finish_reason": _finish(response.finish_reason, bool(calls))}
    return {**frame, "object": "chat.completion", "choices": [choice], "usage": _usage(response.usage)}


def _messages(body: Mapping[str, Any]) -> list[ModelMessage]:
    """The conversation; parts of one side that follow each other become one message."""
    found: list[ModelMessage] = []
    tool_names: dict[str, str] = {}
    for message in body.get("messages") or ():
        if message["role"] == "assistant":
            found.append(ModelResponse(parts=list(_said(message, tool_names))))
            continue
        part = _asked(message, tool_names)
        if found and isinstance(found[-1], ModelRequest):
            found[-1] = ModelRequest(parts=[*found[-1].parts, part])
        else:
            found.append(ModelRequest(parts=[part]))
    if not found or isinstance(found[-1], ModelResponse):
        raise Invalid(why="The last message must be the user's or a tool's.")
    return found


def _asked(message: Mapping[str, Any], tool_names: Mapping[str, str]) -> ModelRequestPart:
    match message["role"]:
        case "system" | "developer":
            return SystemPromptPart(_text(message["content"]))
        case "user":
            return UserPromptPart(_content(message["content"]))
        case "tool":
            call_id = message["tool_call_id"]
            return ToolReturnPart(tool_names.get(call_id, "tool"), _text(message["content"]), tool_call_id=call_id)
        case role:
            raise Invalid(why=f"A message cannot have the role {role!r}.")


def _said(message: Mapping[str, Any], tool_names: dict[str, str]) -> Iterable[TextPart | ToolCallPart]:
    if message.get("content"):
        yield TextPart(_text(message["content"]))
    for call in message.get("tool_calls") or ():
        function = call["function"]
        tool_names[call["id"]] = function["name"]
        yield ToolCallPart(function["name"], function.get("arguments") or "{}", tool_call_id=call["id"])


def _content(content: Any) -> str | Sequence[str | BinaryContent | ImageUrl]:
    return content if isinstance(content, str) else [_item(item) for item in content]


def _item(item: Mapping[str, Any]) -> str | BinaryContent | ImageUrl:
    if item["type"] == "text":
        return str(item["text"])
    if item["type"] != "image_url":
        raise Invalid(why=f"A message cannot hold {item['type']!r} for this model.")
    url = item["image_url"]["url"]
    if not url.startswith("data:"):
        return ImageUrl(url)
    kind, _, encoded = url.removeprefix("data:").partition(";base64,")
    try:
        return BinaryContent(base64.b64decode(encoded, validate=True), media_type=kind)
    except binascii.Error as error:
        raise Invalid(why="An image is not valid base64.") from error


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(item["text"] for item in content if item.get("type") == "text")


def _settings(body: Mapping[str, Any]) -> ModelSettings:
    for name in _UNSUPPORTED:
        if body.get(name):
            raise Invalid(why=f"This model's server has no {name}.")
    if body.get("n") not in (None, 1):
        raise Invalid(why="This model's server gives one answer at a time: leave out n.")
    settings = ModelSettings()
    if (limit := body.get("max_completion_tokens") or body.get("max_tokens")) is not None:
        settings["max_tokens"] = limit
    if body.get("temperature") is not None:
        settings["temperature"] = body["temperature"]
    if body.get("top_p") is not None:
        settings["top_p"] = body["top_p"]
    if stop := body.get("stop"):
        settings["stop_sequences"] = [stop] if isinstance(stop, str) else list(stop)
    return settings


def _parameters(body: Mapping[str, Any]) -> ModelRequestParameters:
    if (body.get("response_format") or {}).get("type") not in (None, "text"):
        raise Invalid(why="This model's server has no response_format; ask for JSON in words, or give a tool.")
    tools = [
        ToolDefinition(
            name=tool["function"]["name"],
            description=tool["function"].get("description"),
            parameters_json_schema=tool["function"].get("parameters") or {"type": "object", "properties": {}},
        )
        for tool in body.get("tools") or ()
        if body.get("tool_choice") != "none"
    ]
    return ModelRequestParameters(function_tools=tools, allow_text_output=body.get("tool_choice") != "required")


def _finish(reason: FinishReason | None, has_calls: bool) -> str:
    return _FINISH.get(reason, "tool_calls" if has_calls else "stop")


def _usage(usage: RequestUsage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }


def _event(frame: Mapping[str, Any], delta: Mapping[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return f"data: {json.dumps({**frame, 'choices': [choice]})}\n\n".encode()


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
