"""A background run's log: what was asked, called, came back and was answered, as entries of its conversation.

The log is the run's memory: what comes next is read from it, so a run that was killed goes on where its log ends.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from sqlalchemy import Connection

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import EntryId
from everword.core.types import Label, Principal
from everword.memory import store
from everword.memory.types import Entry, EntryKind, NewEntry
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.types import Run
from everword.storage import events

SOURCE = "work"
STEP = "work.step"


class Fault(Enum):
    """Why nothing at all was done for a call: no tool has that name, or it takes no such arguments."""

    NO_SUCH_TOOL = "no_such_tool"
    NOT_TAKEN = "not_taken"


@dataclass(frozen=True, slots=True)
class Call:
    """What the assistant asked of a tool. `by_owner`: the arguments that the owner has changed, by name."""

    entry: Entry
    tool: str
    arguments: dict[str, Any]
    by_owner: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Log:
    """The entries of a run, in order. `open_call` has no result yet; `answer` is the last word, once it is said.

    `asked` is the request; `said_by_owner` what the owner typed: the request where it is theirs, the notes since, and
    where another run started this one, what they typed there. `came_with` is what set a trigger off.
    """

    entries: tuple[Entry, ...]
    asked: Entry
    open_call: Call | None
    answer: Entry | None
    said_by_owner: str
    came_with: Entry | None = None

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return sum(entry.kind is EntryKind.TOOL_CALL for entry in self.entries)


def read(connection: Connection, who: Principal, run: Run) -> Log:
    """The log of a run as it is now."""
    if run.conversation_id is None:
        raise ValueError("a background run has a conversation")
    entries = tuple(store.of_conversation(connection, who, run.conversation_id))
    answered = {entry.parent_id for entry in entries if entry.kind is EntryKind.TOOL_RESULT}
    calls = [entry for entry in entries if entry.kind is EntryKind.TOOL_CALL and entry.id not in answered]
    asked = _request(run, entries)
    said = [entry for entry in entries if entry.kind is EntryKind.MESSAGE and entry is not asked]
    answers = [entry for entry in said if entry.label is Label.ASSISTANT]
    return Log(
        entries,
        asked,
        call_of(calls[-1]) if calls else None,
        answers[-1] if answers else None,
        "\n".join([*_said_above(connection, who, run), *(entry.text for entry in entries if _is_owners(entry))]),
        _came_with(connection, who, run),
    )


def call_of(entry: Entry) -> Call:
    """The call that an entry records. Raises NotFound where it records none."""
    if entry.kind is not EntryKind.TOOL_CALL:
        raise NotFound(what="call")
    told = json.loads(entry.text)
    return Call(entry, told["tool"], told["arguments"], tuple((entry.details or {}).get("by_owner", ())))


def fault_of(result: Entry) -> Fault | None:
    """Why a result says that nothing was done for its call; None where it was called."""
    told = (result.details or {}).get("fault")
    return None if told is None else Fault(told)


def arguments_text(call: Call) -> str:
    """The arguments of a call as JSON."""
    return json.dumps(call.arguments, ensure_ascii=False)


def write_call(
    connection: Connection,
    who: Principal,
    run: Run,
    log: Log,
    tool: str,
    arguments: dict[str, Any],
    model: str,
    *,
    by_owner: Sequence[str] = (),
) -> Entry:
    """Record what the assistant asks of a tool, before anything is done about it."""
    text = json.dumps({"tool": tool, "arguments": arguments}, ensure_ascii=False)
    new = _entry(run, log.entries, Label.ASSISTANT, text, f"call:{log.calls + 1}", EntryKind.TOOL_CALL, model=model)
    return _append(connection, who, run, replace(new, details={"by_owner": list(by_owner)} if by_owner else None))


def write_result(
    connection: Connection, who: Principal, run: Run, call: Entry, text: str, label: Label, details: dict[str, Any]
) -> Entry:
    """Record what came back, once a call."""
    new = NewEntry(
        space_id=run.space_id,
        label=label,
        text=text,
        said_at=clock.now(),
        source=SOURCE,
        external_id=f"{call.id}:result",
        conversation_id=run.conversation_id,
        parent_id=call.id,
        kind=EntryKind.TOOL_RESULT,
        run_id=run.id,
        details=details or None,
    )
    return _append(connection, who, run, new)


def write_answer(connection: Connection, who: Principal, run: Run, log: Log, text: str, model: str | None) -> Entry:
    """Record the run's last word."""
    new = _entry(run, log.entries, Label.ASSISTANT, text, "answer", EntryKind.MESSAGE, model=model)
    return _append(connection, who, run, new)


def write_note(connection: Connection, who: Principal, run: Run, text: str, key: str) -> Entry:
    """Record what the owner adds while the run works; it is read after the current step."""
    entries = store.of_conversation(connection, who, run.conversation_id) if run.conversation_id else []
    return _append(connection, who, run, _entry(run, entries, Label.OWNER, text, f"note:{key}", EntryKind.MESSAGE))


def _entry(
    run: Run,
    before: Sequence[Entry],
    label: Label,
    text: str,
    key: str,
    kind: EntryKind,
    *,
    model: str | None = None,
) -> NewEntry:
    return NewEntry(
        space_id=run.space_id,
        label=label,
        text=text,
        said_at=clock.now(),
        source=SOURCE,
        external_id=f"{run.id}:{key}",
        conversation_id=run.conversation_id,
        parent_id=before[-1].id if before else None,
        kind=kind,
        speaker="Everword" if label is Label.ASSISTANT else "",
        run_id=run.id,
        model=model,
    )


def _append(connection: Connection, who: Principal, run: Run, new: NewEntry) -> Entry:
    entry = store.append(connection, who, new)
    if run.conversation_id is not None:
        store.set_leaf(connection, who, run.conversation_id, entry.id, at=entry.said_at)
    if run.attempt > 1:  # it was taken up again, and has got further now
        runs.progressed(connection, who, run.id)
    events.append(connection, who, run.space_id, STEP, {"entry_id": entry.id}, run_id=run.id)
    return entry


def _request(run: Run, entries: Sequence[Entry]) -> Entry:
    """The entry that says what is to be done, in the version there is now."""
    wanted = run.input.get("request_id")
    return next((entry for entry in entries if wanted in {entry.id, entry.version_of}), entries[0])


def _came_with(connection: Connection, who: Principal, run: Run) -> Entry | None:
    """The entry that set a run's trigger off, while it is there."""
    try:
        wanted = run.input.get("came_with")
        return store.get(connection, who, EntryId(wanted)) if wanted else None
    except NotFound:
        return None


def _said_above(connection: Connection, who: Principal, run: Run) -> list[str]:
    """What the owner typed in the run that started this one, and above; nothing of a run that is forgotten."""
    if run.parent_id is None:
        return []
    try:
        return [read(connection, who, run_store.get(connection, who, run.parent_id)).said_by_owner]
    except NotFound:
        return []


def _is_owners(entry: Entry) -> bool:
    return entry.label is Label.OWNER and entry.kind is EntryKind.MESSAGE
