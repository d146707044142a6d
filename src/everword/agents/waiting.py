"""Messages that wait behind an answer: where they will stand, what takes their place, and when they move up."""

from sqlalchemy import Connection

from everword.agents.types import TurnInput
from everword.core.errors import Conflict
from everword.core.ids import ConversationId, EntryId, RunId
from everword.core.types import Principal
from everword.guard import policy
from everword.memory import store
from everword.memory.branch import FOLLOWS, branch, follows, parent_of_answer
from everword.memory.types import Conversation, Entry
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.types import Run, RunState
from everword.storage import events
from everword.storage.database import Database

AT_MOST = 20


def unfinished(connection: Connection, who: Principal, conversation_id: ConversationId) -> list[Run]:
    """The runs of a conversation that have not ended: first the one whose turn it is, then those that wait."""
    return run_store.unfinished_of(connection, who, [conversation_id]).get(conversation_id, [])


def place_behind(connection: Connection, who: Principal, conversation: Conversation) -> dict[str, list[str]] | None:
    """The details of a message that is said at the end of `conversation` now; None where nothing is ahead of it.

    It will stand behind the answers that are still to come in the branch that is shown. Raises Conflict where too many
    wait.
    """
    ahead = unfinished(connection, who, conversation.id)
    if len(ahead) > AT_MOST:
        raise Conflict(why=f"{AT_MOST} messages wait here already. Send this one when some of them are answered.")
    if not ahead:
        return None
    entries = store.of_conversation(connection, who, conversation.id)
    shown = {entry.id for entry in branch(entries, conversation.leaf_id)}
    is_shown = ahead[0].input.get("question_id") in shown
    return {FOLLOWS: [run.id for run in reversed(ahead)] if is_shown else []}


def place_of(message: Entry) -> dict[str, list[str]] | None:
    """The details that put another version of a message where it stands; None where its parent says it all."""
    return {FOLLOWS: follows(message)} if has_waited(message) else None


def has_waited(message: Entry) -> bool:
    """Whether a message was said behind an answer that was still to come."""
    return FOLLOWS in (message.details or {})


def take_over(connection: Connection, who: Principal, old: Entry, new: Entry) -> Run | None:
    """Let the run that waits to answer `old` answer `new` instead, at the same place. None where it waits no more."""
    if old.conversation_id is None or not has_waited(old):
        return None
    for run in unfinished(connection, who, old.conversation_id):
        if run.input.get("question_id") == old.id:
            return runs.put_in_place(connection, who, run.id, run.input | {"question_id": new.id})
    return None


def move_up(database: Database, who: Principal, turn: TurnInput) -> None:
    """A message that waited is answered now: show the branch that ends in it."""
    with database.writing(who) as connection:
        question = store.get(connection, who, turn.question_id)
        if not has_waited(question) or turn.version_of is not None:
            return
        entries = store.of_conversation(connection, who, turn.conversation_id)
        store.set_leaf(connection, who, turn.conversation_id, parent_of_answer(entries, question))
        payload = {"conversation_id": turn.conversation_id}
        events.append(connection, who, question.space_id, "conversation.changed", payload)


def said_later(entries: list[Entry], run: Run) -> set[EntryId]:
    """What waits behind the answer that `run` makes, with the texts attached to it."""
    later = {entry.id for entry in entries if run.id in follows(entry)}
    return later | {entry.id for entry in entries if entry.parent_id in later}


def stop(database: Database, who: Principal, run_id: RunId) -> Run:
    """Ask a run to stop, and before it what it has started. One that waits is taken back at once."""
    with database.writing(who) as connection:
        return _stop(connection, who, run_id)


def take_back(database: Database, who: Principal, run_id: RunId) -> Run:
    """End a run that has not begun; one that has is left as it is."""
    with database.writing(who) as connection:
        run = run_store.get(connection, who, run_id, hold=True)
        if run.state is RunState.QUEUED:
            run = runs.request_stop(connection, who, run_id)
            _tell(connection, who, run)
        return run


def _stop(connection: Connection, who: Principal, run_id: RunId) -> Run:
    for child in run_store.children(connection, who, [run_id]):
        if not child.state.is_ended:
            _stop(connection, who, child.id)
    stopped = runs.request_stop(connection, who, run_id)
    if stopped.state.is_ended:
        policy.withdraw(connection, who, run_id)
    _tell(connection, who, stopped)
    return stopped


def _tell(connection: Connection, who: Principal, stopped: Run) -> None:
    """A conversation in which nothing is going on any more is listed as such."""
    if stopped.state.is_ended and stopped.conversation_id is not None:
        payload = {"conversation_id": stopped.conversation_id}
        events.append(connection, who, stopped.space_id, "conversation.changed", payload)
