"""What a person does with triggers: make one, change it, pause it, delete it. One transaction each.

What is to be done, and the words that an entry has to say, are entries of the ledger; a trigger goes with either.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from everword.agents.conversation import check_words
from everword.agents.spending import Ceiling
from everword.core import clock
from everword.core.errors import Conflict, Invalid
from everword.core.ids import EntryId, TriggerId
from everword.core.types import Label, Principal
from everword.memory import store as ledger
from everword.memory.types import NewEntry
from everword.runs.rounds import NEEDS_YOU
from everword.runs.schedules.types import OnOverlap
from everword.runs.triggers import store
from everword.runs.triggers.types import TRIGGER_CHANGED, Trigger, TriggerKind, TriggerState
from everword.storage import events
from everword.storage.database import Database

SOURCE = "trigger"
_MOST = 200
_MOST_WORDS = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """A trigger to be made. Conditions that are empty hold for every entry; one that has none is refused."""

    kind: TriggerKind
    text: str
    words: str = ""
    speaker: str = ""
    source: str = ""
    on_overlap: OnOverlap = OnOverlap.QUEUE
    ceiling: Ceiling | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What of a trigger is to be another; None stays as it is. Of a ceiling, too, what is not named does."""

    text: str | None = None
    words: str | None = None
    speaker: str | None = None
    source: str | None = None
    on_overlap: OnOverlap | None = None
    ceiling: Mapping[str, float] | None = None
    is_paused: bool | None = None


def create(connection: Connection, who: Principal, wanted: Wanted, *, client_id: str) -> Trigger:
    """Write a trigger, its request and its words, in the caller's transaction; once for each `client_id`.

    What is in the ledger already does not set it off. Raises Invalid, Conflict.
    """
    check_words(wanted.text)
    _check(wanted.kind, wanted.words, wanted.speaker, wanted.source)
    events.hold_order(connection)
    key = f"client:{client_id}"
    known = ledger.by_external_id(connection, who, who.own_space, SOURCE, key)
    if known is not None:
        made = store.on_entry(connection, who, known.id)
        if made:
            return made[0]
        raise Conflict(why="The trigger that was made with this client_id has been deleted or changed.")
    if len(store.listed(connection, who)) >= _MOST:
        raise Conflict(why=f"There are {_MOST} triggers already. Delete one first.")
    trigger = store.create(
        connection,
        who,
        space_id=who.own_space,
        person_id=who.person_id,
        request_id=_write(connection, who, wanted.text, key),
        words_id=_write(connection, who, wanted.words, None) if wanted.words.strip() else None,
        kind=wanted.kind,
        speaker=wanted.speaker.strip(),
        source=wanted.source.strip(),
        reached=ledger.last_position(connection, _own(who)),
        on_overlap=wanted.on_overlap,
        ceiling=None if wanted.ceiling is None else asdict(wanted.ceiling),
    )
    _tell(connection, who, trigger)
    return trigger


def change(database: Database, who: Principal, trigger_id: TriggerId, changed: Changed) -> Trigger:
    """Change, pause or resume. What came while it was paused, or before its conditions changed, does not set it off."""
    if changed.text is not None:
        check_words(changed.text)
    with database.writing(who) as connection:
        held = store.get(connection, who, trigger_id, hold=True)
        values: dict[str, Any] = {}
        for name, value in (("speaker", changed.speaker), ("source", changed.source)):
            if value is not None:
                values[name] = value.strip()
        if changed.words is not None:
            has_words = bool(changed.words.strip())
            values["words_id"] = _write(connection, who, changed.words, None) if has_words else None
        words = changed.words if changed.words is not None else words_of(connection, who, held)
        _check(held.kind, words, values.get("speaker", held.speaker), values.get("source", held.source))
        if values or (changed.is_paused is False and held.state is TriggerState.PAUSED):
            values["reached"] = ledger.last_position(connection, _own(who))
        if changed.text is not None:
            values["request_id"] = _write(connection, who, changed.text, None)
        if changed.on_overlap is not None:
            values["on_overlap"] = changed.on_overlap.value
        if changed.ceiling is not None:
            values["ceiling"] = asdict(Ceiling.stored(held.ceiling)) | dict(changed.ceiling)
        if changed.is_paused is not None:
            state = TriggerState.PAUSED if changed.is_paused else TriggerState.ACTIVE
            values |= {"state": state.value, "reason": None, "failures": 0}
        trigger = store.change(connection, who, trigger_id, values)
        _tell(connection, who, trigger)
        return trigger


def remove(connection: Connection, who: Principal, trigger_id: TriggerId) -> Trigger:
    """Delete a trigger: nothing sets it off again, not even what waits. Its request and its runs stay."""
    trigger = store.get(connection, who, trigger_id, hold=True)
    store.remove(connection, who, trigger_id)
    _tell(connection, who, trigger)
    return trigger


def words_of(connection: Connection, who: Principal, trigger: Trigger) -> str:
    """The words that an entry has to say; empty where none are asked for."""
    return "" if trigger.words_id is None else ledger.get(connection, who, trigger.words_id).text


def request_of(connection: Connection, who: Principal, trigger: Trigger) -> str:
    """What is to be done."""
    return ledger.get(connection, who, trigger.request_id).text


def pause_redacted(connection: Connection, who: Principal, old_id: EntryId, new_id: EntryId) -> None:
    """Words of a request or a condition are forgotten: what is left is not what the owner wanted, so it rests."""
    for trigger in store.on_entry(connection, who, old_id):
        column = "request_id" if trigger.request_id == old_id else "words_id"
        reason = "Words of it were forgotten. Say anew what is to be done, and when."
        values = {"state": TriggerState.PAUSED.value, "reason": reason, column: new_id}
        _tell(connection, who, store.change(connection, who, trigger.id, values))


def _check(kind: TriggerKind, words: str, speaker: str, source: str) -> None:
    """Raises Invalid."""
    if len(words) > _MOST_WORDS or len(speaker) > 200 or len(source) > 64 or "\0" in words + speaker + source:
        raise Invalid(why=f"Conditions are short: at most {_MOST_WORDS} characters of words.")
    if kind is TriggerKind.WEBHOOK and (words.strip() or speaker.strip() or source.strip()):
        raise Invalid(why="A webhook is set off by what is sent to it, and takes no other conditions.")
    if kind is TriggerKind.ENTRY and not (words.strip() or speaker.strip() or source.strip()):
        raise Invalid(why="Say which entries set it off: words, a speaker or a source. Every entry would be too many.")


def _own(who: Principal) -> Principal:
    return Principal(who.person_id, who.own_space, frozenset({who.own_space}))


def _write(connection: Connection, who: Principal, text: str, key: str | None) -> EntryId:
    new = NewEntry(
        space_id=who.own_space, label=Label.OWNER, text=text, said_at=clock.now(), source=SOURCE, external_id=key
    )
    return ledger.append(connection, who, new).id


def _tell(connection: Connection, who: Principal, trigger: Trigger) -> None:
    events.append(connection, who, trigger.space_id, TRIGGER_CHANGED, {"trigger_id": trigger.id})
    events.append(connection, who, trigger.space_id, NEEDS_YOU, {})
