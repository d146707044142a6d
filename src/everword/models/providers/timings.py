"""A chat model that keeps the timings llama.cpp sends with an answer, in `provider_details["timings"]`."""

from dataclasses import dataclass
from typing import Any

from openai.types import chat
from openai.types.chat import ChatCompletionChunk
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIStreamedResponse


@dataclass
class _TimedStream(OpenAIStreamedResponse):
    def _map_chunk_provider_details(self, chunk: ChatCompletionChunk) -> dict[str, Any] | None:
        return _timings(chunk.model_extra)


@dataclass(init=False)
class TimedChatModel(OpenAIChatModel):
    """OpenAI's chat protocol as llama.cpp and others speak it."""

    @property
    def _streamed_response_cls(self) -> type[OpenAIStreamedResponse]:
        return _TimedStream

    def _process_provider_details(self, response: chat.ChatCompletion) -> dict[str, Any] | None:
        return (super()._process_provider_details(response) or {}) | (_timings(response.model_extra) or {})


def _timings(extra: dict[str, Any] | None) -> dict[str, Any] | None:
    timings = (extra or {}).get("timings")
    return {"timings": timings} if isinstance(timings, dict) else None
