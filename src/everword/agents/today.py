"""What a person has not seen yet: answers delivered since they last looked."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from everword.agents.types import CHAT_TURN, WORK
from everword.core import clock
from everword.core.ids import EntryId, RunId
from everword.core.types import Principal
from everword.memory import conversation_store, store
from everword.memory.types import Basis, Conversation, Entry
from everword.runs import store as run_store
from everword.runs.types import Run, RunState
from everword.storage import preference_store

_EXCERPT = 180
_MOST = 7
_LOOKED = "last_looked_at"
_SEEN = "seen_answers"
_MOST_SEEN = 200


@dataclass(frozen=True, slots=True)
class Delivered:
    """An answer that came, with its conversation."""

    run: Run
    conversation: Conversation
    entry: Entry

    @property
    def excerpt(self) -> str:
        """The beginning of the answer."""
        text = " ".join(_without_marks(self.entry.text).split())
        return text if len(text) <= _EXCERPT else text[:_EXCERPT].rsplit(" ", 1)[0] + "…"


def _without_marks(markdown: str) -> str:
    """The words of a Markdown text without the signs that shape them, as far as a line of it needs that."""
    text = re.sub(
        r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+|```.*$|\|?(?:[ \t]*:?-+:?[ \t]*\|)+.*$)", "", markdown, flags=re.M
    )
    text = re.sub(r"!?\[([^\]\n]*)\]\([^)\n]*\)", r"\1", text)
    return re.sub(r"(\*\*|__|`)(\S(?:.*?\S)?)\1", r"\2", text)


def delivered_since(
    connection: Connection, who: Principal, since: datetime | None, most: int = _MOST
) -> list[Delivered]:
    """The answers delivered after `since`, newest first, one a conversation, at most seven or as many as asked for.

    Without those that were seen as they came, and those that say that there is nothing.
    """
    watched = seen_runs(connection, who)
    ended = run_store.listed(connection, who, states=[RunState.DELIVERED], ended_after=since, limit=100)
    answers = store.by_ids(connection, who, [EntryId(run.result["entry_id"]) for run in ended if run.result])
    found: dict[str, Delivered] = {}
    for run in ended:
        if run.kind not in {CHAT_TURN, WORK} or run.conversation_id is None or not run.result:
            continue
        if run.id in watched or run.conversation_id in found:
            continue
        entry = answers.get(EntryId(run.result["entry_id"]))
        if entry is None or entry.basis is Basis.NOTHING_FOUND:
            continue  # it was forgotten, or there is nothing in it
        found[run.conversation_id] = Delivered(run, conversation_store.get(connection, who, run.conversation_id), entry)
    return list(found.values())[:most]


def seen_runs(connection: Connection, who: Principal) -> set[str]:
    """The runs whose end was seen."""
    return set(preference_store.read(connection, who, who.own_space).get(_SEEN) or ())


def seen(connection: Connection, who: Principal, run_id: RunId) -> None:
    """Remember that an answer was on an open page as it came. The newest are remembered; Today begins anew anyway."""
    known = preference_store.read(connection, who, who.own_space).get(_SEEN) or []
    if run_id not in known:
        preference_store.write(connection, who, who.own_space, _SEEN, [*known, run_id][-_MOST_SEEN:])


def last_looked(connection: Connection, who: Principal) -> datetime | None:
    """When the person last looked at Today; None for the first time."""
    value = preference_store.read(connection, who, who.own_space).get(_LOOKED)
    return datetime.fromisoformat(value) if value else None


def looked(connection: Connection, who: Principal) -> None:
    """Remember that the person looks now."""
    preference_store.write(connection, who, who.own_space, _LOOKED, clock.now().isoformat())
