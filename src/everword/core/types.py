"""The small value types that every room speaks: who asks, and where words came from."""

from dataclasses import dataclass
from enum import StrEnum

from everword.core.ids import PersonId, SpaceId


class Label(StrEnum):
    """Where a value came from. An entry keeps its label for ever; a label in an imported file is a claim."""

    OWNER = "owner"
    MEMBER = "member"
    STRANGER = "stranger"
    TOOL = "tool"
    ASSISTANT = "assistant"


class Priority(StrEnum):
    """Who waits for a piece of work: a person comes before a program, a program before background work."""

    PERSON = "person"
    PROGRAM = "program"
    BACKGROUND = "background"

    @property
    def rank(self) -> int:
        """0 goes first."""
        return list(Priority).index(self)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a person and the spaces that person may see. Every store call names one."""

    person_id: PersonId
    own_space: SpaceId
    spaces: frozenset[SpaceId]
    is_system: bool = False

    @staticmethod
    def system() -> "Principal":
        """The installation itself, for housekeeping that crosses spaces: sweeps, indexing, signing a person in."""
        return _SYSTEM


_SYSTEM = Principal(PersonId(""), SpaceId(""), frozenset(), is_system=True)
