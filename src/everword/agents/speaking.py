"""Letting a model speak: one request to one model, its words as they come."""

from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, Any

from everword.agents.context import Prompt

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models import Model

Image = tuple[str, bytes]
"""Media type and content."""


async def speak(model: "Model", prompt: Prompt, *, images: Sequence[Image] = ()) -> AsyncGenerator[str]:
    """The model's words, piece by piece. Closing the generator stops the model: use it with `aclosing`."""
    from pydantic_ai import Agent
    from pydantic_ai.messages import BinaryContent
    from pydantic_ai.settings import ModelSettings

    agent: Agent[None, str] = Agent(model, instructions=prompt.instructions)
    question: str | list[Any] = prompt.question
    if images:
        question = [prompt.question, *(BinaryContent(content, media_type=kind) for kind, content in images)]
    limit = ModelSettings(max_tokens=prompt.answer_tokens)
    async with agent.run_stream(question, message_history=messages(prompt), model_settings=limit) as result:
        async for piece in result.stream_text(delta=True, debounce_by=None):
            yield piece


def messages(prompt: Prompt) -> "list[ModelMessage]":
    """The conversation so far, in the form the model layer speaks."""
    from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, UserPromptPart

    return [
        ModelResponse(parts=[TextPart(text)])
        if is_assistant
        else ModelRequest(parts=[UserPromptPart(text)], instructions=prompt.instructions)
        for is_assistant, text in prompt.history
    ]
