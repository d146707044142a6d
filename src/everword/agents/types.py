"""What a chat turn is about, as references."""

from dataclasses import asdict, dataclass
from typing import Any

from everword.core.ids import ConversationId, EntryId

CHAT_TURN = "chat.turn"
WORK = "work"


@dataclass(frozen=True, slots=True)
class TurnInput:
    """A chat turn: which question it answers, which answer it is another version of, and by which model."""

    conversation_id: ConversationId
    question_id: EntryId
    version_of: EntryId | None = None
    model: str | None = None

    def as_json(self) -> dict[str, Any]:
        """References only, for the run's row."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """What recall said of a message: whether it asks about the owner's past, and whether anything supports that.

    `is_to_keep`: it asks for its own words to be remembered, and nothing was looked for.
    """

    is_about_past: bool
    is_supported: bool
    took_ms: float
    is_to_keep: bool = False

    @property
    def has_nothing(self) -> bool:
        """Whether the honest answer is that there is nothing on that."""
        return self.is_about_past and not self.is_supported
