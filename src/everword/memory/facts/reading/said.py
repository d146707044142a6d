"""What is said of a subject."""

from dataclasses import dataclass

from everword.memory.facts.grammar.when import Change


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a subject, without saying whose: `you`, `third` and `past` are the verb as each takes it."""

    slot: str
    value: str
    you: str
    third: str
    past: str
    tail: str
    change: Change = Change.IS
    confidence: float = 0.9
    is_event: bool = False
    """Whether it stays true after it happened, as a birth or a degree does."""
    is_timed: bool = False
    """Whether it is worth keeping only with a time."""
