"""What is believed of who spoke in a file: nothing, but what the person who imports it says (docs/adr: labels)."""

from dataclasses import dataclass

from everword.core.types import Label
from everword.intake.records import Role


@dataclass(frozen=True, slots=True)
class Belief:
    """What the importing person said about the file: which speaker they are, and whether the account was theirs."""

    me: str | None = None
    owner_is_me: bool = False


def label_of(role: Role, speaker: str, belief: Belief) -> Label:
    """The label of an imported entry. Only the importing person's own word makes it `owner`.

    What a file calls an assistant's or a tool's is taken as that: both are trusted less than a person.
    """
    if role is Role.ASSISTANT:
        return Label.ASSISTANT
    if role is Role.TOOL:
        return Label.TOOL
    if role is Role.ACCOUNT and belief.owner_is_me:
        return Label.OWNER
    if role is not Role.FILE and belief.me is not None and speaker and _same_name(speaker, belief.me):
        return Label.OWNER
    return Label.STRANGER


def _same_name(speaker: str, me: str) -> bool:
    return " ".join(speaker.split()).casefold() == " ".join(me.split()).casefold()
