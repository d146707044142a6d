"""One question beside all conversations, answered in JSON of a given schema."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from everword.core import clock
from everword.models.calls import Measured
from everword.models.types import LOCAL

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters
    from pydantic_ai.settings import ModelSettings


@dataclass(frozen=True, slots=True)
class Aside:
    """What was answered, and what it used."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def tokens(self) -> int:
        """Both together."""
        return self.prompt_tokens + self.completion_tokens

    def measured(self, began: datetime) -> Measured:
        """As usage is recorded."""
        return Measured(
            started_at=began,
            duration_ms=(clock.now() - began).total_seconds() * 1000,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            timings=self.timings,
        )


async def ask(model: "Model", messages: "list[ModelMessage]", schema: dict[str, Any], max_tokens: int) -> Aside:
    """Ask once, held to the schema where the model can be.

    The local engine punishes words that stand in what it has just read, so that talk does not go round in circles. Here
    they are what is wanted: the answer copies names, times and quotes.
    """
    from pydantic_ai.messages import TextPart
    from pydantic_ai.models import ModelRequestParameters as Parameters
    from pydantic_ai.output import OutputObjectDefinition

    can_be_held = bool(model.profile.get("supports_json_schema_output"))
    parameters = Parameters(
        output_mode="native" if can_be_held else "text",
        output_object=OutputObjectDefinition(json_schema=schema, name="answer", strict=True) if can_be_held else None,
        allow_text_output=True,
    )
    settings: ModelSettings = {"max_tokens": max_tokens, "temperature": 0.0}
    if model.system == LOCAL:
        response = await _streamed(model, messages, {**settings, "extra_body": {"repeat_penalty": 1.0}}, parameters)
    else:
        response = await model.request(messages, settings, parameters)
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    used = response.usage
    return Aside(text, used.input_tokens, used.output_tokens, (response.provider_details or {}).get("timings", {}))


async def _streamed(
    model: "Model", messages: "list[ModelMessage]", settings: "ModelSettings", parameters: "ModelRequestParameters"
) -> "ModelResponse":
    """The whole answer, taken piece by piece: whose stream is left the engine stops at the next token. For an answer in
    one piece it looks only once a second whether anybody waits for it."""
    async with model.request_stream(messages, settings, parameters) as stream:
        async for _ in stream:
            pass
        return stream.get()
