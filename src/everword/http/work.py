"""Background work: begin it, see its steps and its true state, steer it, pause it, run it again."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from everword.agents import work, work_log
from everword.agents.beginning import Begun
from everword.agents.conversation import MAX_CHARACTERS
from everword.agents.spending import Ceiling, used_by
from everword.agents.types import WORK
from everword.core.ids import EntryId, RunId
from everword.core.types import Effect, Label, Principal
from everword.http import rendering
from everword.http.ceilings import BoundsShape, CeilingWanted
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.services import Services, services_of
from everword.http.shapes import ConversationShape, EntryShape, RunShape
from everword.memory.types import Entry, EntryKind
from everword.runs import effect_store
from everword.runs import store as run_store
from everword.runs.effect_store import AllowedBy, EffectRecord, EffectState
from everword.runs.types import Run, RunState, Transition

router = APIRouter(prefix="/api", tags=["work"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]


class WorkShape(RunShape):
    """A background run, with what it has used of what it may."""

    waits_until: datetime | None
    parent_id: str | None
    schedule_id: str | None
    trigger_id: str | None
    is_paused: bool
    spent: BoundsShape
    ceiling: BoundsShape


class WorksShape(BaseModel):
    """A page of background runs, newest first; `next` asks for the following one."""

    runs: list[WorkShape]
    next: str | None = None


class StepEffectShape(BaseModel):
    """What a call did outside its run, how far that is, and what let it: a rule, or the owner's yes to exactly that.

    `looks_up_at`: it is unknown, and then its target is asked what became of it.
    """

    id: str
    state: EffectState
    kind: Effect
    cause: str
    allowed_by: AllowedBy | None
    looks_up_at: datetime | None

    @staticmethod
    def of(effect: EffectRecord) -> "StepEffectShape":
        return StepEffectShape(
            id=effect.id,
            state=effect.state,
            kind=effect.kind,
            cause=effect.cause,
            allowed_by=effect.allowed_by,
            looks_up_at=effect.look_up_at,
        )


class StepShape(BaseModel):
    """One line of a run's log. Of a call, `text` is its arguments as JSON.

    Of a result, `fault` says why nothing was done for its call: there is no such tool, or it takes no such arguments.
    """

    id: str
    at: datetime
    kind: str  # asked, came, note, call, result, answer
    tool: str | None
    text: str
    label: Label
    effect: StepEffectShape | None
    fault: work_log.Fault | None = None


class TransitionShape(BaseModel):
    """The run went from one state to another, and why."""

    at: datetime
    from_state: RunState | None
    to_state: RunState
    cause: str

    @staticmethod
    def of(transition: Transition) -> "TransitionShape":
        return TransitionShape(**asdict(transition))


class OpenedWork(BaseModel):
    """One background run: its steps, the runs it has started, and how it came to its state."""

    run: WorkShape
    steps: list[StepShape]
    children: list[WorkShape]
    transitions: list[TransitionShape]


class WorkWanted(BaseModel):
    """What is to be done."""

    text: Text
    client_id: Annotated[str, Field(min_length=8, max_length=64, description="Made by the client")]
    ceiling: CeilingWanted | None = None


class BegunShape(BaseModel):
    """Work that was begun."""

    run: WorkShape
    conversation: ConversationShape
    entry: EntryShape


class Words(BaseModel):
    """What a person adds."""

    text: Text


@router.post("/work", status_code=202)
def begin(who: Who, house: House, wanted: WorkWanted) -> BegunShape:
    """Begin to work in the background. Sent twice with one `client_id` it is begun once."""
    ceiling = None if wanted.ceiling is None else wanted.ceiling.ceiling()
    return _begun(house, who, work.begin(house.database, who, wanted.text, client_id=wanted.client_id, ceiling=ceiling))


@router.get("/work")
def listed(
    who: Who,
    house: House,
    state: Annotated[list[RunState] | None, Query()] = None,
    before: Identifier | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> WorksShape:
    """Background runs, newest first, narrowed to `state` where given; `before` is a run's id."""
    with house.database.reading(who) as connection:
        at = RunId(before) if before else None
        found = run_store.listed(connection, who, states=state or (), kinds=[WORK], before=at, limit=limit + 1)
        runs = work_shapes(connection, who, found[:limit])
        return WorksShape(runs=runs, next=runs[-1].id if len(found) > limit else None)


@router.get("/work/{run_id}")
def one(who: Who, house: House, run_id: Identifier) -> OpenedWork:
    """One background run, with every step."""
    with house.database.reading(who) as connection:
        run = run_store.get(connection, who, RunId(run_id))
        log = work_log.read(connection, who, run)
        calls = [entry.id for entry in log.entries if entry.kind is EntryKind.TOOL_CALL]
        effects = effect_store.of_calls(connection, who, calls)
        transitions = run_store.transitions(connection, who, run.id)
        return OpenedWork(
            run=work_shapes(connection, who, [run])[0],
            steps=[step for entry in log.entries for step in _steps(log, entry, effects)],
            children=work_shapes(connection, who, run_store.children(connection, who, [run.id])),
            transitions=[TransitionShape.of(transition) for transition in transitions],
        )


@router.post("/work/{run_id}/note", status_code=204)
def note(who: Who, house: House, run_id: Identifier, words: Words) -> None:
    """Steer: it is read after the current step."""
    work.note(house.database, who, RunId(run_id), words.text)


@router.post("/work/{run_id}/pause")
def pause(who: Who, house: House, run_id: Identifier) -> WorkShape:
    """Stop after the current step, until it is resumed."""
    return launched(house, who, work.pause(house.database, who, RunId(run_id)))


@router.post("/work/{run_id}/resume")
def resume(who: Who, house: House, run_id: Identifier) -> WorkShape:
    """Go on with a run that was paused."""
    return launched(house, who, work.resume(house.database, who, RunId(run_id)))


@router.post("/work/{run_id}/again", status_code=202)
def again(who: Who, house: House, run_id: Identifier) -> BegunShape:
    """Begin the same work anew, as a run of its own."""
    return _begun(house, who, work.again(house.database, who, RunId(run_id)))


@router.post("/runs/{run_id}/reply")
def reply(who: Who, house: House, run_id: Identifier, words: Words) -> WorkShape:
    """Answer the question that a run waits with."""
    return launched(house, who, work.reply(house.database, who, RunId(run_id), words.text))


def launched(house: Services, who: Principal, run: Run) -> WorkShape:
    """The run, launched if it is queued."""
    if run.state is RunState.QUEUED:
        house.engine.launch(run.id)
    with house.database.reading(who) as connection:
        return work_shapes(connection, who, [run])[0]


def work_shapes(connection: Connection, who: Principal, runs: Sequence[Run]) -> list[WorkShape]:
    """Background runs with their titles, and what they have used of what they may."""
    spent = used_by(connection, who, runs)
    shapes = rendering.run_shapes(connection, who, runs)
    return [
        WorkShape(
            **shape.model_dump(),
            waits_until=run.wakes_at,
            parent_id=run.parent_id,
            schedule_id=run.input.get("schedule_id"),
            trigger_id=run.input.get("trigger_id"),
            is_paused=bool(run.input.get("paused")),
            spent=BoundsShape.of(spent[run.id]),
            ceiling=BoundsShape.of(Ceiling.of(run)),
        )
        for run, shape in zip(runs, shapes, strict=True)
    ]


def _begun(house: Services, who: Principal, begun: Begun) -> BegunShape:
    run = launched(house, who, begun.run)
    with house.database.reading(who) as connection:
        talk = rendering.conversation_shapes(connection, who, [begun.conversation])[0]
        entry = rendering.entry_shape(connection, who, begun.entry)
    return BegunShape(run=run, conversation=talk, entry=entry)


def _steps(log: work_log.Log, entry: Entry, effects: dict[EntryId, EffectRecord]) -> list[StepShape]:
    """The line of an entry; behind the request also that of what set the run off."""
    step = _step(entry, entry is log.asked, effects)
    came = log.came_with
    if entry is not log.asked or came is None:
        return [step]
    return [
        step,
        StepShape(id=came.id, at=came.said_at, kind="came", tool=None, text=came.text, label=came.label, effect=None),
    ]


def _step(entry: Entry, is_first: bool, effects: dict[EntryId, EffectRecord]) -> StepShape:
    kind, tool, text = "answer" if entry.label is Label.ASSISTANT else "note", None, entry.text
    fault = None
    if is_first:
        kind = "asked"
    elif entry.kind is EntryKind.TOOL_CALL:
        call = work_log.call_of(entry)
        kind, tool, text = "call", call.tool, work_log.arguments_text(call)
    elif entry.kind is EntryKind.TOOL_RESULT:
        kind, tool, fault = "result", (entry.details or {}).get("tool"), work_log.fault_of(entry)
    effect = effects.get(entry.id)
    shown = StepEffectShape.of(effect) if effect is not None else None
    return StepShape(
        id=entry.id, at=entry.said_at, kind=kind, tool=tool, text=text, label=entry.label, effect=shown, fault=fault
    )
