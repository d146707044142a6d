"""Facts' part of a forgetting: what stood only on entries that go goes, the rest is put together anew without them."""

from collections.abc import Mapping

from sqlalchemy import Connection

from everword.core.ids import SpaceId
from everword.core.types import Principal
from everword.memory.facts import store
from everword.memory.facts.learn import put_together
from everword.memory.forgetting.types import Gone


def forget_facts(connection: Connection, who: Principal, gone: Gone) -> Mapping[str, int]:
    """Called after the entries' rows went, in the same transaction; their claims went with them.

    A fact that stands on other entries too is made of those alone: its words, time, label and what it displaced.
    """
    if not gone.entry_ids:
        return {}
    return {"facts": refresh(connection, who, who.own_space)}


def refresh(connection: Connection, who: Principal, space_id: SpaceId) -> int:
    """Put together anew what has lost claims. How many facts went."""
    store.hold(connection, who, space_id)
    slots = store.changed_slots(connection, who, space_id)
    before = sum(len(store.facts_of_slot(connection, who, space_id, slot)) for slot in slots)
    put_together(connection, who, space_id, slots)
    return before - sum(len(store.facts_of_slot(connection, who, space_id, slot)) for slot in slots)
