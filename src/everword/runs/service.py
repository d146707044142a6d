"""What happens to a run's row: it is enqueued, begun, stopped, finished; each change with its cause and its event."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from everword.core import clock
from everword.core.errors import Conflict, EverwordError, NotFound
from everword.core.ids import ConversationId, RunId, SpaceId
from everword.core.types import Effect, Principal, Priority
from everword.runs import effect_store, store
from everword.runs.effect_store import EffectState
from everword.runs.errors import EffectUnknown
from everword.runs.types import Run, RunState, Waiting
from everword.storage import events

_WOKEN = {
    Waiting.TIME.value: "its time had come",
    Waiting.CEILING.value: "a new day began",
    Waiting.POSTURE.value: "there is room again",
}


def enqueue(
    connection: Connection,
    who: Principal,
    kind: str,
    input: dict[str, Any],
    *,
    space_id: SpaceId,
    priority: Priority,
    conversation_id: ConversationId | None = None,
    parent_id: RunId | None = None,
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
        parent_id=parent_id,
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
    if run.state is RunState.RUNNING:
        return asked
    when = "before it began" if run.started_at is None else "while it waited"
    return finish(connection, who, run_id, RunState.CANCELLED, cause=f"stopped by the owner {when}")


def wait(
    connection: Connection,
    who: Principal,
    run_id: RunId,
    waiting: Waiting,
    *,
    until: datetime | None,
    cause: str,
    waits_for: RunId | None = None,
) -> Run:
    """A run that is executed must wait: its segment ends, and nothing is held. `until` it goes on by itself.

    `waits_for` is another run: when that has ended, it goes on.

    One that was asked to stop, or has ended, does not begin to wait.
    """
    run = store.get(connection, who, run_id, hold=True)
    if run.state is not RunState.RUNNING:
        return run
    if run.stop_requested_at is not None:
        return finish(connection, who, run_id, RunState.CANCELLED, cause="stopped by the owner")
    store.write_transition(connection, who, run, RunState.WAITING, cause)
    store.end_segments(connection, who, run_id)
    values = {
        "state": RunState.WAITING.value,
        "waiting_for": waiting.value,
        "wakes_at": until,
        "waits_for_id": waits_for,
    }
    waits = store.change(connection, who, run_id, values)
    _tell(connection, who, waits, cause)
    return waits


def go_on(connection: Connection, who: Principal, run_id: RunId, *, cause: str) -> Run:
    """What a run waited for has come, or its unknown effect is settled: a new segment is queued. `Engine.launch` it.

    One that was stopped is cancelled instead, for now it is known what became of it. Raises Conflict where it neither
    waits nor is unknown.
    """
    run = store.get(connection, who, run_id, hold=True)
    if run.state not in {RunState.WAITING, RunState.UNKNOWN}:
        raise Conflict(why="This run does not wait for anything.")
    if run.stop_requested_at is not None:
        cancelled = {"state": RunState.CANCELLED.value, "error_code": None, "error": None, "ended_at": clock.now()}
        store.write_transition(connection, who, run, RunState.CANCELLED, cause)
        ended = store.change(connection, who, run_id, cancelled)
        _tell(connection, who, ended, cause)
        return ended
    store.write_transition(connection, who, run, RunState.QUEUED, cause)
    store.add_segment(connection, who, run)
    values = {
        "state": RunState.QUEUED.value, "waiting_for": None, "wakes_at": None, "waits_for_id": None, "ended_at": None,
        "error_code": None, "error": None, "attempt": 0,
    }  # fmt: skip
    queued = store.change(connection, who, run_id, values)
    _tell(connection, who, queued, cause)
    return queued


def wake(connection: Connection, who: Principal, run_id: RunId) -> Run:
    """What a run waited for may have come: its time, or another run's end. Where not, it is left as it is."""
    run = store.get(connection, who, run_id, hold=True)
    if run.state is not RunState.WAITING:
        return run
    if run.waits_for_id is not None and _has_ended(connection, who, run.waits_for_id):
        return go_on(connection, who, run_id, cause="the run it waited for has ended")
    if run.wakes_at is None or run.wakes_at > clock.now():
        return run
    return go_on(connection, who, run_id, cause=_WOKEN.get(run.waiting_for or "", "nobody answered in time"))


def progressed(connection: Connection, who: Principal, run_id: RunId) -> None:
    """A run has got further: what ended the program before was not this step, so its attempts count anew."""
    store.change(connection, who, run_id, {"attempt": 1})


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
    """End a run, in the transaction of its last words. A run that has ended already is left as it is.

    None ends with an effect under way: that may have happened, so the run is unknown, and the target is to be asked.
    """
    run = store.get(connection, who, run_id, hold=True)
    if run.state.is_ended:
        return run
    if _lose_effects(connection, who, run_id, cause):
        state, error = RunState.UNKNOWN, EffectUnknown()
    values = {
        "state": state.value,
        "waiting_for": None,
        "wakes_at": None,
        "waits_for_id": None,
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


def _lose_effects(connection: Connection, who: Principal, run_id: RunId, cause: str) -> bool:
    """Record of effects under way that nobody waits for their outcome any more; whether any may have happened."""
    lost = effect_store.under_way(connection, who, run_id)
    for effect in lost:
        if effect.kind is Effect.QUERY:  # it changed nothing
            effect_store.change(connection, who, effect.id, EffectState.FAILED, cause)
        else:
            effect_store.lose(connection, who, effect.id, f"{cause}; the target is asked", clock.now())
    return any(effect.kind is not Effect.QUERY for effect in lost)


def _has_ended(connection: Connection, who: Principal, run_id: RunId) -> bool:
    """Whether a run has ended, or is gone."""
    try:
        return store.get(connection, who, run_id).state.is_ended
    except NotFound:
        return True


def _tell(connection: Connection, who: Principal, run: Run, cause: str) -> None:
    payload = {"state": run.state.value, "cause": cause}
    events.append(connection, who, run.space_id, "run.state", payload, run_id=run.id)
