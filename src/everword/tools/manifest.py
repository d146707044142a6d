"""What a tool is: its name and schema for a model, its effect for guard, and the functions that do it."""

import hashlib
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from everword.core.ids import EffectId, EntryId
from everword.core.types import Effect, Label, Permit, Principal

Arguments = Mapping[str, Any]


class Reach(StrEnum):
    """How far a tool's effect goes: the owner's memory, the assistant's own notes and tasks, or beyond."""

    MEMORY = "memory"
    OWN = "own"
    FOLDERS = "folders"
    OUTSIDE = "outside"


class Known(StrEnum):
    """What a target says of an effect that was intended when the program ended."""

    HAPPENED = "happened"
    DID_NOT = "did not"
    CANNOT_TELL = "cannot tell"

    @staticmethod
    def of(happened: bool | None) -> "Known":
        """Yes, no, or neither."""
        return {True: Known.HAPPENED, False: Known.DID_NOT, None: Known.CANNOT_TELL}[happened]


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom a tool is called, and what that person had said: the request that began the run, and notes since."""

    who: Principal
    request: str
    call_id: EntryId


@dataclass(frozen=True, slots=True)
class Result:
    """What came back: text for the model, whose words they are, and the entries it quotes."""

    text: str
    label: Label = Label.TOOL
    entry_ids: tuple[EntryId, ...] = ()


Read = Callable[[Asked, Arguments], Coroutine[Any, Any, Result]]
Write = Callable[[Connection, Asked, Arguments, Permit], Result]
Act = Callable[[Asked, Arguments, Permit], Coroutine[Any, Any, Result]]
LookUp = Callable[[Asked, Arguments, EffectId], Coroutine[Any, Any, Known]]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool. Exactly one of `read`, `write` and `act` does it.

    `read` changes nothing and may be repeated. `write` changes our own rows, in the transaction that records its
    outcome: it happens once by that alone. `act` changes something else: its intent is recorded before; after a crash
    `look_up` asks the target, where one can be asked. A target that takes an idempotency key gets the effect's id
    (`takes_key`): then it may be told again.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    effect: Effect
    reach: Reach
    says: Callable[[Arguments], str]
    """One sentence for a person: what would be done."""
    read: Read | None = None
    write: Write | None = None
    act: Act | None = None
    look_up: LookUp | None = None
    takes_key: bool = False
    is_reversible: bool = False
    asks_owner: bool = False
    watches_run: bool = False
    limit_s: float = 120.0
    """How long a call of it may take; then it is ended, as by a stop."""
    settles_s: float = 15.0
    """How long after it was told its target may still say no to what is under way: in a network, in a queue, or in a
    process that is taken for dead (after 5 s without a beat). A no is believed after that."""
    address: str | None = None
    """The argument that says which address is asked: one that the owner typed needs no other yes."""
    is_own: Callable[[Connection, Principal, Arguments], bool] | None = None
    """Of a tool that changes our rows: whether what a call changes is the assistant's own. None: always."""
    examples: tuple[dict[str, Any], ...] = field(default=())


def arguments_hash(tool: str, arguments: Arguments) -> str:
    """What a yes is bound to: SHA-256 of the tool's name and its arguments as canonical JSON, in hexadecimal."""
    canonical = json.dumps([tool, arguments], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
