"""What happens to a run's row: it is enqueued, begun, stopped, finished; each change with its cause and its event."""

from typing import Any

from sqlalchemy import Connection

from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.ids import ConversationId, RunId, SpaceId
from everword.core.types import Principal, Priority
from everword.runs import store
from everword.runs.types import Run, RunState
from everword.storage import events


def enqueue(
    connection: Connection,
    who: Principal,
    kind: str,
    input: dict[str, Any],
    *,
    space_id: SpaceId,
    priority: Priority,
    conversation_id: ConversationId | None = None,
    cause: str,
) -> Run:
    """Write a run that is queued, in the caller's transaction. `Engine.launch` it once that is committed.

    A process that dies in between loses nothing: the sweep launches what no engine has.
    """
    made = store.create(
        connection,
        who,
        space_id=space_id,
        person_id=who.person_id,
        kind=kind,
        priority=priority,
        input=input,
        conversation_id=conversation_id,
    )
    store.write_transition(connection, who, made, RunState.QUEUED, cause)
    _tell(connection, who, made, cause)
    return made


def begin(connection: Connection, who: Principal, run: Run) -> Run:
    """An executor takes the run, held, for the first time or again after a crash (`attempt` counts)."""
    cause = "begun" if run.attempt == 0 else "taken up again after the program ended"
    values = {"state": RunState.RUNNING.value, "attempt": run.attempt + 1, "started_at": run.started_at or clock.now()}
    store.write_transition(connection, who, run, RunState.RUNNING, cause)
    begun = store.change(connection, who, run.id, values)
    _tell(connection, who, begun, cause)
    return begun


def request_stop(connection: Connection, who: Principal, run_id: RunId) -> Run:
    """Ask a run to stop; the process that executes it does so. One that nobody executes yet ends here and now.

    One that has ended stays as it is.
    """
    run = store.get(connection, who, run_id, hold=True)
    if run.state.is_ended or run.stop_requested_at is not None:
        return run
    asked = store.change(connection, who, run_id, {"stop_requested_at": clock.now()})
    if run.state is not RunState.QUEUED:
        return asked
    return finish(connection, who, run_id, RunState.CANCELLED, cause="stopped by the owner before it began")


def put_in_place(connection: Connection, who: Principal, run_id: RunId, input: dict[str, Any]) -> Run | None:
    """Let a queued run work on something else, at the place it has. None where it has begun or ended meanwhile."""
    run = store.get(connection, who, run_id, hold=True)
    if run.state is not RunState.QUEUED:
        return None
    store.write_transition(connection, who, run, RunState.QUEUED, "changed by the owner before it began")
    return store.change(connection, who, run_id, {"input": input})


def finish(
    connection: Connection,
    who: Principal,
    run_id: RunId,
    state: RunState,
    *,
    cause: str,
    result: dict[str, Any] | None = None,
    error: EverwordError | None = None,
) -> Run:
    """End a run, in the transaction of its last words. A run that has ended already is left as it is."""
    run = store.get(connection, who, run_id, hold=True)
    if run.state.is_ended:
        return run
    values = {
        "state": state.value,
        "waiting_for": None,
        "result": result,
        "error_code": error.code if error else None,
        "error": error.message if error else None,
        "ended_at": clock.now(),
    }
    store.write_transition(connection, who, run, state, cause)
    store.end_segments(connection, who, run_id)
    ended = store.change(connection, who, run_id, values)
    _tell(connection, who, ended, cause)
    return ended


def _tell(connection: Connection, who: Principal, run: Run, cause: str) -> None:
    payload = {"state": run.state.value, "cause": cause}
    events.append(connection, who, run.space_id, "run.state", payload, run_id=run.id)
