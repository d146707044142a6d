"""What a person does with background work: start it, steer it, answer it, pause it, run it again. One transaction each.

The caller launches the run that is returned, where it is queued.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from everword.agents import beginning, work_log
from everword.agents.acting import NEEDS_YOU
from everword.agents.beginning import Begun, Origin
from everword.agents.conversation import check_words
from everword.agents.spending import Ceiling
from everword.agents.types import WORK
from everword.agents.work_log import Call, call_of
from everword.core.errors import Conflict, Invalid, NotFound
from everword.core.ids import ApprovalId, EffectId, RunId, new_id
from everword.core.types import Label, Principal
from everword.guard import approval_store, policy
from everword.guard.approval_store import Approval, ApprovalState
from everword.memory import store
from everword.runs import effect_store
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.effect_store import EffectRecord, EffectState
from everword.runs.errors import Missed
from everword.runs.schedules import store as schedule_store
from everword.runs.schedules.rule import once
from everword.runs.schedules.types import Schedule, ScheduleState
from everword.runs.triggers import store as trigger_store
from everword.runs.triggers.types import Trigger, TriggerState
from everword.runs.types import Run, RunState, Waiting
from everword.storage import events
from everword.storage.database import Database
from everword.tools.toolbox import Toolbox

_BROUGHT_NOTHING = (RunState.FAILED, RunState.EXPIRED, RunState.MISSED)


def begin(database: Database, who: Principal, text: str, *, client_id: str, ceiling: Ceiling | None = None) -> Begun:
    """Write a request and its run, in one transaction. Again with the same `client_id`: what was begun before."""
    check_words(text)
    if not 8 <= len(client_id) <= 64:
        raise Invalid(why="client_id must have 8 to 64 characters: it tells a request sent twice from two.")
    with database.writing(who) as connection:
        events.hold_order(connection)
        key = f"client:{client_id}"
        known = beginning.known(connection, who, key)
        if known is not None:
            return known
        return beginning.write(connection, who, text, key, ceiling or Ceiling(), cause="begun by the owner")


def begin_scheduled(
    connection: Connection, who: Principal, schedule: Schedule, due: datetime, *, cause: str, is_missed: bool
) -> Run:
    """Write the run of a schedule for one time, in the caller's transaction; for the same time the same run.

    `is_missed`: it is only put on record, as missed, and before the person.
    """
    key = f"{schedule.id}:{once(due)}"
    known = beginning.known(connection, who, key)
    if known is not None:
        return known.run
    request = store.get(connection, who, schedule.request_id).text
    ceiling = Ceiling.stored(schedule.ceiling)
    origin = Origin(names=(("schedule_id", schedule.id),))
    run = beginning.write(connection, who, request, key, ceiling, cause=cause, origin=origin).run
    if not is_missed:
        return run
    events.append(connection, who, run.space_id, NEEDS_YOU, {}, run_id=run.id)
    return runs.finish(connection, who, run.id, RunState.MISSED, cause=cause, error=Missed(cause=cause))


def again(database: Database, who: Principal, run_id: RunId) -> Begun:
    """Begin the same work anew, as a run of its own."""
    with database.writing(who) as connection:
        run = _work(connection, who, run_id)
        asked = work_log.read(connection, who, run).asked
        names = tuple((name, run.input[name]) for name in ("came_with", "chain") if name in run.input)
        key, origin = f"again:{new_id()}", Origin(asked.label, names=names)
        cause = "run again by the owner"
        return beginning.write(connection, who, asked.text, key, Ceiling.of(run), cause=cause, origin=origin)


def note(database: Database, who: Principal, run_id: RunId, text: str) -> Run:
    """Steer: what is noted is read after the current step. Raises Conflict where the run has ended."""
    check_words(text)
    with database.writing(who) as connection:
        run = _work(connection, who, run_id)
        if run.state.is_ended:
            raise Conflict(why="This run has ended. Run it again, with what you want to add.")
        work_log.write_note(connection, who, run, text, new_id())
        return run


def pause(database: Database, who: Principal, run_id: RunId) -> Run:
    """Let a run stop after its current step, until it is resumed."""
    with database.writing(who) as connection:
        run = _work(connection, who, run_id)
        if run.state.is_ended or run.state is RunState.WAITING:
            raise Conflict(why="Only a run that is queued or running can be paused.")
        return run_store.change(connection, who, run_id, {"input": {**run.input, "paused": True}})


def resume(database: Database, who: Principal, run_id: RunId) -> Run:
    """Let a paused run go on."""
    with database.writing(who) as connection:
        run = _work(connection, who, run_id)
        unpaused = {key: value for key, value in run.input.items() if key != "paused"}
        run = run_store.change(connection, who, run_id, {"input": unpaused})
        if run.waiting_for != Waiting.PAUSE.value:
            return run
        return runs.go_on(connection, who, run_id, cause="resumed by the owner")


def reply(database: Database, who: Principal, run_id: RunId, text: str) -> Run:
    """Answer the question that a run waits with."""
    check_words(text)
    with database.writing(who) as connection:
        run = _work(connection, who, run_id)
        call = work_log.read(connection, who, run).open_call
        if run.waiting_for != Waiting.QUESTION.value or call is None:
            raise Conflict(why="This run does not wait for an answer.")
        work_log.write_result(connection, who, run, call.entry, text, Label.OWNER, {"tool": call.tool})
        return _go_on(connection, who, run, "the owner answered")


def answer(database: Database, who: Principal, approval_id: ApprovalId, *, yes: bool, seen_hash: str) -> Run:
    """Say yes or no to exactly what was shown. Said twice, it counts once."""
    with database.writing(who) as connection:
        asked = policy.answer(connection, who, approval_id, yes=yes, seen_hash=seen_hash)
        run = run_store.get(connection, who, asked.run_id, hold=True)
        if run.state.is_ended and asked.state is ApprovalState.GRANTED:
            raise Conflict(why="This run has ended. Nothing was done.")
        if run.waiting_for != Waiting.APPROVAL.value:
            return run
        return _go_on(connection, who, run, "the owner said yes" if yes else "the owner said no")


def edit(
    database: Database, who: Principal, approval_id: ApprovalId, arguments: Mapping[str, Any], toolbox: Toolbox
) -> Run:
    """Change what would be done: another call takes its place, and is a question of its own.

    Raises Invalid where the tool cannot take these arguments, Conflict where the question is closed.
    """
    with database.writing(who) as connection:
        asked = approval_store.get(connection, who, approval_id)
        if asked.state is not ApprovalState.OPEN:
            raise Conflict(why="This was answered already, so it cannot be changed.")
        effect = effect_store.get(connection, who, asked.effect_id, for_change=True)
        run = run_store.get(connection, who, asked.run_id, hold=True)
        call = call_of(store.get(connection, who, effect.call_id))
        fault = toolbox.fault(call.tool, dict(arguments))
        if fault is not None:
            raise Invalid(why=fault)
        approval_store.change(connection, who, asked.id, ApprovalState.REPLACED, answered_by=who.person_id)
        effect_store.change(connection, who, effect.id, EffectState.REFUSED, "changed by the owner")
        changed = "The owner changed this call; the changed one follows."
        work_log.write_result(connection, who, run, call.entry, changed, Label.OWNER, {"tool": call.tool})
        log = work_log.read(connection, who, run)
        before = call.arguments
        typed = [name for name in arguments if name in call.by_owner or arguments[name] != before.get(name)]
        work_log.write_call(connection, who, run, log, call.tool, dict(arguments), "", by_owner=typed)
        return _go_on(connection, who, run, "the owner changed what would be done")


def settle(database: Database, who: Principal, effect_id: EffectId, *, happened: bool) -> Run:
    """Say what became of an effect that nothing else could tell of; the run goes on knowing it."""
    with database.writing(who) as connection:
        effect = effect_store.get(connection, who, effect_id, for_change=True)
        run = run_store.get(connection, who, effect.run_id, hold=True)
        if effect.state is not EffectState.UNKNOWN:
            raise Conflict(why="What became of this is known already.")
        state = EffectState.DONE if happened else EffectState.FAILED
        effect_store.change(connection, who, effect_id, state, "the owner looked")
        call = store.get(connection, who, effect.call_id)
        said = "It happened: the owner looked." if happened else "It did not happen: the owner looked."
        work_log.write_result(connection, who, run, call, said, Label.OWNER, {"tool": effect.tool})
        return _go_on(connection, who, run, "the owner said what became of it")


@dataclass(frozen=True, slots=True)
class NeedsYou:
    """What waits for a person: questions about effects, questions, effects nobody can tell of, and what failed."""

    approvals: list[tuple[Approval, Run, EffectRecord, Call]]
    questions: list[tuple[Run, Call]]
    unknown: list[tuple[EffectRecord, Run, Call]]
    failures: list[Run]
    broken: list[tuple[Schedule, str]]
    stuck: list[tuple[Trigger, str]]
    """Schedules (`broken`) and triggers that were paused because they could not begin their runs, with what they do."""

    @property
    def count(self) -> int:
        """How many cards that makes."""
        parts = (self.approvals, self.questions, self.unknown, self.failures, self.broken, self.stuck)
        return sum(len(part) for part in parts)


def needs_you(connection: Connection, who: Principal, dismissed: frozenset[str]) -> NeedsYou:
    """All that waits for a person; without the failures they have dismissed."""
    waiting = run_store.listed(connection, who, states=[RunState.WAITING], kinds=[WORK], limit=200)
    by_id = {run.id: run for run in waiting}
    approvals = []
    for asked in approval_store.open_ones(connection, who):
        if asked.run_id in by_id:
            effect = effect_store.get(connection, who, asked.effect_id)
            call = call_of(store.get(connection, who, effect.call_id))
            approvals.append((asked, by_id[asked.run_id], effect, call))
    questions = []
    for run in waiting:
        if run.waiting_for == Waiting.QUESTION.value:
            open_call = work_log.read(connection, who, run).open_call
            if open_call is not None:
                questions.append((run, open_call))
    unknown = [
        (effect, run_store.get(connection, who, effect.run_id), call_of(store.get(connection, who, effect.call_id)))
        for effect in effect_store.in_state(connection, who, EffectState.UNKNOWN)
    ]
    failed = run_store.listed(connection, who, states=_BROUGHT_NOTHING, kinds=[WORK], limit=50)
    paused = schedule_store.listed(connection, who, state=ScheduleState.PAUSED)
    broken = [(each, store.get(connection, who, each.request_id).text) for each in paused if each.reason]
    resting = trigger_store.listed(connection, who, state=TriggerState.PAUSED)
    stuck = [(each, store.get(connection, who, each.request_id).text) for each in resting if each.reason]
    unseen = [run for run in failed if run.id not in dismissed]
    return NeedsYou(approvals, questions, unknown, unseen, broken, stuck)


def request_of(connection: Connection, who: Principal, run: Run) -> str:
    """What the owner typed in a run: the request, and the notes since."""
    return work_log.read(connection, who, run).said_by_owner


def _work(connection: Connection, who: Principal, run_id: RunId) -> Run:
    run = run_store.get(connection, who, run_id, hold=True)
    if run.kind != WORK:
        raise NotFound(what="background run")
    return run


def _go_on(connection: Connection, who: Principal, run: Run, cause: str) -> Run:
    """Queue the run's next segment, unless it does not wait any more; tell open pages that a card is gone."""
    events.append(connection, who, run.space_id, NEEDS_YOU, {}, run_id=run.id)
    now = run_store.get(connection, who, run.id, hold=True)
    if now.state not in {RunState.WAITING, RunState.UNKNOWN}:
        return now
    return runs.go_on(connection, who, run.id, cause=cause)
