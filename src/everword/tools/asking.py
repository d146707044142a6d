"""Asking the owner: the run waits for the answer, and holds nothing meanwhile."""

from everword.core.types import Effect
from everword.tools.manifest import Reach, Tool

ASK_OWNER = Tool(
    name="ask_owner",
    description="Ask the owner a question when only they can know or decide. Their answer comes back later.",
    parameters={
        "type": "object",
        "properties": {"question": {"type": "string", "minLength": 1, "maxLength": 2_000}},
        "required": ["question"],
        "additionalProperties": False,
    },
    effect=Effect.READ,
    reach=Reach.OWN,
    says=lambda arguments: str(arguments["question"]),
    asks_owner=True,
    examples=({"question": "Which of the two dates suits you?"},),
)
