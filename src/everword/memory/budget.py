"""How much of what was found fits: a token is counted as four characters of what is put before the model."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar


class Costed(Protocol):
    """Something with a cost in tokens."""

    @property
    def cost_tokens(self) -> int: ...


T = TypeVar("T", bound=Costed)


def tokens(said_at: datetime, speaker: str, text: str) -> int:
    """The cost of "[said_at] speaker: text", in tokens, rounded up."""
    return -(-len(f"[{said_at:%Y-%m-%dT%H:%M:%S}] {speaker}: {text}") // 4)


def within(found: Sequence[T], budget_tokens: int) -> list[T]:
    """The best of `found`, in their order, until the first that does not fit."""
    taken: list[T] = []
    for item in found:
        budget_tokens -= item.cost_tokens
        if budget_tokens < 0:
            break
        taken.append(item)
    return taken
