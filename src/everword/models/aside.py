"""One question beside all conversations, answered in JSON of a given schema."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from everword.core import clock
from everword.models.calls import Measured
from everword.models.types import LOCAL

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models import Model
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
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition

    can_be_held = bool(model.profile.get("supports_json_schema_output"))
    parameters = ModelRequestParameters(
        output_mode="native" if can_be_held else "text",
        output_object=OutputObjectDefinition(json_schema=schema, name="answer", strict=True) if can_be_held else None,
        allow_text_output=True,
    )
    settings: ModelSettings = {"max_tokens": max_tokens, "temperature": 0.0}
    if model.system == LOCAL:
        settings["extra_body"] = {"repeat_penalty": 1.0}
    response = await model.request(messages, settings, parameters)
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    used = response.usage
    return Aside(text, used.input_tokens, used.output_tokens, (response.provider_details or {}).get("timings", {}))
