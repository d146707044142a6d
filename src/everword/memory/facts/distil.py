"""Reading entries into facts by the rules: the newest first, each entry once, whatever happens in between."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from everword.core.ids import EntryId, SpaceId
from everword.core.types import Label, Principal
from everword.memory import store as ledger
from everword.memory.facts import progress_store, promise_store
from everword.memory.facts.corrections import correction_of
from everword.memory.facts.learn import learn
from everword.memory.facts.progress_store import Progress, Stage
from everword.memory.facts.reading.extract import claims_of
from everword.memory.facts.reading.promises import promises_of
from everword.memory.facts.reading.refusing import takes_back
from everword.memory.facts.recited import Recited
from everword.memory.facts.types import CORRECTION, Claim, Spoken
from everword.memory.types import Entry
from everword.storage import events
from everword.storage.database import Database

RULES_VERSION = 4
"""Raised when the rules find something else: then everything is read again."""
AT_ONCE = 30  # some 50 ms, which a person may have to share


def owner_of(space_id: SpaceId, who: Principal) -> Principal:
    """`who`, in that space alone."""
    return Principal(who.person_id, space_id, frozenset({space_id}))


def read_some(database: Database, who: Principal, timezone: str, at_most: int = AT_ONCE) -> int:
    """Read the newest entries of the person's own space that the rules have not read. How many; 0 when all were.

    Reading and what came of it are one transaction: killed in between, the entries are read again.
    """
    who = owner_of(who.own_space, who)
    with database.reading(who) as connection:
        progress = progress_store.read(connection, who, who.own_space, Stage.RULES, RULES_VERSION)
        found = progress_store.unread(connection, who, who.own_space, progress.ranges, at_most)
        if found is None:
            return 0
        positions, low = found
        entries = ledger.by_positions(connection, who, positions)
        claims, spoken = _read(connection, who, entries, timezone)
        replaced = {key for entry in entries if entry.version_of for key in ledger.versions_of(connection, who, entry)}
        replaced |= _taken_back(connection, who, entries)
    with database.writing(who) as connection:
        learned = learn(connection, who, who.own_space, {*replaced, *(entry.id for entry in entries)}, claims)
        there = replaced | {entry.id for entry in ledger.by_positions(connection, who, positions)}
        own = [each for each in spoken if each.entry_id in there]
        promise_store.replace(connection, who, who.own_space, there, own)
        _record(connection, who, progress, low, positions[0])
        if learned or own:
            events.append(connection, who, who.own_space, "memory.facts", {"learned": learned})
    return len(positions)


def _read(
    connection: Connection, who: Principal, entries: Sequence[Entry], timezone: str
) -> tuple[list[Claim], list[Spoken]]:
    """What those entries claim and promise. Old versions of an edited entry say nothing any more."""
    old = ledger.superseded(connection, who, [entry.id for entry in entries])
    claims: list[Claim] = []
    spoken: list[Spoken] = []
    told = {entry.id: (claims_of(entry, timezone), promises_of(entry, timezone)) for entry in entries}
    telling = [entry for entry in entries if any(told[entry.id])]
    old = {*old, *(entry.id for entry in telling if _is_taken_back(connection, who, entry))}
    shown = progress_store.shown_before(connection, who, [entry.id for entry in telling])
    for entry in entries:
        if entry.id in old:
            continue
        if entry.source == CORRECTION and entry.label is Label.OWNER:
            claims += correction_of(entry)
            continue
        recited = Recited(entry, shown.get(entry.id, ()))
        claims += recited.without(told[entry.id][0])
        spoken += recited.without_promises(told[entry.id][1])
    return claims, spoken


def _is_taken_back(connection: Connection, who: Principal, entry: Entry) -> bool:
    """Whether the speaker's next message says that this one is not to be believed."""
    if entry.conversation_id is None:
        return False
    following = progress_store.said_next(connection, who, entry)
    return following is not None and takes_back(following)


def _taken_back(connection: Connection, who: Principal, entries: Sequence[Entry]) -> set[EntryId]:
    """What those entries take back, which may have been read before them."""
    taking = [entry for entry in entries if entry.conversation_id is not None and takes_back(entry.text)]
    found = (progress_store.said_before(connection, who, entry) for entry in taking)
    return {entry_id for entry_id in found if entry_id is not None}


def _record(connection: Connection, who: Principal, progress: Progress, low: int, high: int) -> None:
    """Add a range to what was read by now: somebody else may have read more meanwhile."""
    now = progress_store.read(connection, who, who.own_space, progress.stage, progress.version)
    progress_store.write(connection, who, who.own_space, replace(now.with_read(low, high), version=progress.version))
