"""Which entries set a trigger off, and the run that is begun for one: never by what the trigger itself has led to."""

from dataclasses import dataclass

from sqlalchemy import Connection

from everword.agents import beginning, triggers
from everword.agents.beginning import Origin
from everword.agents.schedules import SOURCE as SCHEDULE
from everword.agents.spending import Ceiling
from everword.agents.work_log import SOURCE as WORK
from everword.core.errors import NotFound
from everword.core.ids import EntryId
from everword.core.types import Label, Principal
from everword.memory import recalled_store, store
from everword.memory.types import Entry, EntryKind, EntryState, Quote
from everword.memory.words import terms
from everword.runs import store as run_store
from everword.runs.rounds import in_the_way
from everword.runs.schedules.types import OnOverlap
from everword.runs.triggers.types import Looked, Trigger, TriggerKind, TriggerState
from everword.runs.types import Run

WEBHOOK = "webhook"
ME = "me"
"""The speaker of a trigger that the owner's own words set off."""
LONGEST_CHAIN = 3
"""So many triggers, one set off by what the run of the other wrote."""
_AT_ONCE = 200
_OURS = frozenset({WORK, SCHEDULE, triggers.SOURCE})
_KINDS = frozenset({EntryKind.MESSAGE, EntryKind.DOCUMENT})


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger, as triggers look at it."""

    def newest(self, connection: Connection, who: Principal) -> int:
        """Its last position."""
        return store.last_position(connection, who)

    def look(self, connection: Connection, trigger: Trigger, after: int) -> Looked:
        """Look for the next entry after a position that sets a trigger off, some hundred at a time."""
        who = trigger.person
        asked = {term.folded for term in terms(triggers.words_of(connection, who, trigger))}
        entries = store.entries_after(connection, who, after, _AT_ONCE)
        for entry in entries:
            if fits(trigger, asked, entry) and chain_of(connection, who, entry, trigger) is not None:
                return Looked(entry.position, entry.id)
        return Looked(entries[-1].position if entries else after)

    def begin(self, connection: Connection, who: Principal, trigger: Trigger, entry_id: EntryId) -> Run:
        """Write the run for an entry, queued. Asked again for the same entry: the same run."""
        key = f"{trigger.id}:{entry_id}"
        known = beginning.known(connection, who, key)
        if known is not None:
            return known.run
        entry = store.get(connection, who, entry_id)
        chain = [*(chain_of(connection, who, entry, trigger) or ()), trigger.id]
        request = triggers.request_of(connection, who, trigger)
        names = (("trigger_id", trigger.id), ("came_with", entry_id), ("chain", chain))
        cause = "set off by what came in" if trigger.kind is TriggerKind.WEBHOOK else "set off by a new entry"
        ceiling = Ceiling.stored(trigger.ceiling)
        run = beginning.write(connection, who, request, key, ceiling, cause=cause, origin=Origin(names=names)).run
        read = Quote(entry=entry, start=0, end=len(entry.text), rank=1, score=1.0, is_in_prompt=True)
        recalled_store.write(connection, who, who.own_space, run.id, [read])  # forgetting finds the run by it
        return run


@dataclass(frozen=True, slots=True)
class Standing:
    """How a trigger stands: whether its newest run is still at it, and whether something that came waits for that."""

    is_busy: bool
    is_queued: bool


def standing(connection: Connection, who: Principal, trigger: Trigger) -> Standing:
    """How a trigger stands now. What waits is looked for in the next hundreds of entries only."""
    is_busy = in_the_way(connection, who, trigger.run_id) is not None
    is_waiting = is_busy and trigger.on_overlap is OnOverlap.QUEUE and trigger.state is TriggerState.ACTIVE
    found = Ledger().look(connection, trigger, trigger.reached) if is_waiting else None
    return Standing(is_busy, found is not None and found.entry_id is not None)


def fits(trigger: Trigger, asked: set[str], entry: Entry) -> bool:
    """Whether an entry is new, none of our own workings, and as the trigger's conditions say.

    New is what was said since the trigger was made: an import of old words sets nothing off, nor does another version.
    """
    if entry.kind not in _KINDS or entry.source in _OURS or entry.version_of is not None:
        return False
    if entry.state is not EntryState.COMPLETE or entry.said_at < trigger.created_at:
        return False
    if trigger.kind is TriggerKind.WEBHOOK:
        return entry.source == WEBHOOK and (entry.details or {}).get("trigger_id") == trigger.id
    if trigger.source and entry.source != trigger.source:
        return False
    if trigger.speaker == ME and entry.label is not Label.OWNER:
        return False
    if trigger.speaker not in ("", ME) and entry.speaker.casefold() != trigger.speaker.casefold():
        return False
    return not asked or asked <= {term.folded for term in terms(entry.text)}


def chain_of(connection: Connection, who: Principal, entry: Entry, trigger: Trigger) -> tuple[str, ...] | None:
    """The triggers that led to an entry; None where this one is among them, or there are too many.

    Of what a run wrote that is forgotten nothing is known, so it sets nothing off.
    """
    if entry.run_id is None:
        return ()
    try:
        run = run_store.get(connection, who, entry.run_id)
    except NotFound:
        return None
    chain = tuple(map(str, run.input.get("chain", ())))
    return None if trigger.id in chain or len(chain) >= LONGEST_CHAIN else chain
