"""What a model says comes next in background work."""

from dataclasses import dataclass
from typing import Any

from everword.core.errors import EverwordError


class NoStep(EverwordError):
    """The model gave neither a tool call nor an answer. Try it again, or choose another model."""

    code = "no_step"
    status = 502


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next: `tool` with `arguments`, or the answer `text`."""

    text: str = ""
    tool: str | None = None
    arguments: dict[str, Any] | None = None
