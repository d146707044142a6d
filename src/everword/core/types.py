"""The small value types that every room speaks: who asks, and where words came from."""

from dataclasses import dataclass
from enum import StrEnum

from everword.core.ids import EffectId, PersonId, RunId, SpaceId


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


class Effect(StrEnum):
    """What a step does outside its run. Asking an outside service is a query: it says what one asks."""

    READ = "read"
    QUERY = "query"
    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    SEND = "send"
    SHARE = "share"
    PAY = "pay"
    BOOK = "book"
    ADMINISTER = "administer"
    EXECUTE = "execute"


@dataclass(frozen=True, slots=True)
class Permit:
    """Guard's leave for one exact effect, used once. Only `guard` makes one; whatever acts outside takes one."""

    effect_id: EffectId
    run_id: RunId
    tool: str
    arguments_hash: str


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
