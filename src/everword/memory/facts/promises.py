"""What the owner said they would do: what of it is still to do, and what they decide about it."""

from datetime import timedelta

from everword.core import clock
from everword.core.types import Principal
from everword.memory.facts import promise_store
from everword.memory.facts.types import Promise, PromiseId, PromiseState
from everword.memory.forgetting.ledger_store import by_ids
from everword.memory.types import Entry
from everword.storage import events
from everword.storage.database import Database

_OVERDUE_KEPT = timedelta(days=7)
_UNDATED_KEPT = timedelta(days=14)
_MOST = 7


def still_open(database: Database, who: Principal) -> list[tuple[Promise, Entry]]:
    """What the owner said they would do and has still to do, the next due first, with where they said it.

    What was due over a week ago is left out, and what had no day after two weeks.
    """
    now = clock.now()
    with database.reading(who) as connection:
        found = promise_store.listed(
            connection,
            who,
            state=PromiseState.OPEN,
            due_after=now - _OVERDUE_KEPT,
            said_after=now - _UNDATED_KEPT,
            limit=_MOST,
        )
        entries = {entry.id: entry for entry in by_ids(connection, who, {each.entry_id for each in found})}
    return [(each, entries[each.entry_id]) for each in found if each.entry_id in entries]


def decide(database: Database, who: Principal, promise_id: PromiseId, state: PromiseState) -> Promise:
    """Say that a promise is kept, is none, or is open after all. Raises NotFound."""
    with database.writing(who) as connection:
        decided = promise_store.decide(connection, who, promise_id, state)
        events.append(connection, who, decided.space_id, "memory.facts", {"learned": 0})
        return decided
