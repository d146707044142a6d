"""Attention, put together: everybody's briefs, who words them, and what each person has set."""

from collections.abc import Callable
from datetime import time
from functools import partial

from everword.attention.briefs import Briefs
from everword.attention.morning import Morning
from everword.attention.types import Habits
from everword.attention.wording import Wording
from everword.bootstrap.forgetting import everybody
from everword.core.types import Principal
from everword.models.gateway import Gateway
from everword.settings import preferences
from everword.storage.database import Database
from everword.tools.toolbox import Toolbox


def build_attention(
    database: Database, toolbox: Toolbox, gateway: Gateway, should_yield: Callable[[], float]
) -> tuple[Briefs, Morning]:
    """Everybody's briefs, and what makes them in the morning."""
    briefs = Briefs(database, toolbox, partial(habits_of, database))
    wording = Wording(database, gateway, briefs, should_yield)
    return briefs, Morning(database, partial(everybody, database), briefs, wording)


def habits_of(database: Database, who: Principal) -> Habits:
    """What a person has set about their briefs and quiet hours."""
    found = preferences.read_all(database, who)
    return Habits(
        time_zone=str(found["time_zone"]),
        brief_at=_hour(found["brief_at"]),
        worded_by=str(found["brief_worded_by"]),
        quiet_from=_hour(found["quiet_from"]),
        quiet_until=_hour(found["quiet_until"]) or time(),
    )


def _hour(value: str) -> time | None:
    return None if value == preferences.OFF else time.fromisoformat(value)
