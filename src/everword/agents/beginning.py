"""Background work begins: its request as an entry of a conversation of its own, and its run, in one transaction."""

from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection

from everword.agents.conversation import title_of
from everword.agents.spending import Ceiling
from everword.agents.types import WORK
from everword.agents.work_log import SOURCE
from everword.core import clock
from everword.core.ids import EntryId, RunId, new_id
from everword.core.types import Label, Principal, Priority
from everword.memory import conversation_store, store
from everword.memory.types import Conversation, Entry, NewEntry
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.types import Run


@dataclass(frozen=True, slots=True)
class Begun:
    """Work that was begun: its run, where its log is, and what was asked."""

    run: Run
    conversation: Conversation
    entry: Entry


@dataclass(frozen=True, slots=True)
class Origin:
    """Where work comes from: who words the request, the run that started it, and what it names in the run's input."""

    label: Label = Label.OWNER
    parent_id: RunId | None = None
    names: tuple[tuple[str, object], ...] = ()


def known(connection: Connection, who: Principal, key: str) -> Begun | None:
    """What was begun under a key before, if anything was."""
    entry = store.by_external_id(connection, who, who.own_space, SOURCE, key)
    if entry is None or entry.run_id is None or entry.conversation_id is None:
        return None
    talk = conversation_store.get(connection, who, entry.conversation_id)
    return Begun(run_store.get(connection, who, entry.run_id), talk, entry)


def write(
    connection: Connection,
    who: Principal,
    text: str,
    key: str,
    ceiling: Ceiling,
    *,
    cause: str,
    origin: Origin | None = None,
) -> Begun:
    """Write a request and its run, queued. `key` is unique in the ledger: a second try fails, or finds the first."""
    of = origin or Origin()
    talk = conversation_store.create(connection, who, who.own_space, title=title_of(text), source=SOURCE)
    entry_id = EntryId(new_id())
    run = runs.enqueue(
        connection,
        who,
        WORK,
        {"request_id": entry_id, "ceiling": asdict(ceiling), **dict(of.names)},
        space_id=who.own_space,
        priority=Priority.BACKGROUND,
        conversation_id=talk.id,
        parent_id=of.parent_id,
        cause=cause,
    )
    new = NewEntry(
        space_id=who.own_space,
        label=of.label,
        text=text,
        said_at=clock.now(),
        source=SOURCE,
        id=entry_id,
        external_id=key,
        conversation_id=talk.id,
        speaker="Everword" if of.label is Label.ASSISTANT else "",
        run_id=run.id,
    )
    entry = store.append(connection, who, new)
    store.set_leaf(connection, who, talk.id, entry.id, at=entry.said_at)
    return Begun(run, replace(talk, leaf_id=entry.id), entry)
