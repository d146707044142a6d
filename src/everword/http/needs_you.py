"""Needs you: what waits for a person's yes, answer or look, each with the exact effect."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from everword.agents import today, work
from everword.agents.conversation import title_of
from everword.agents.work_log import Call
from everword.core.ids import ApprovalId, EffectId, RunId
from everword.core.types import Effect, Principal
from everword.guard.approval_store import Approval
from everword.http import rendering
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.services import Services, services_of
from everword.http.work import WorkShape, launched
from everword.runs.effect_store import EffectRecord
from everword.runs.schedules.types import Schedule
from everword.runs.triggers.types import Trigger
from everword.runs.types import Run
from everword.tools.toolbox import Toolbox

router = APIRouter(prefix="/api", tags=["needs you"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
_UNANSWERED = "If nobody answers by then, it is not done and the run ends as expired."


class ArgumentShape(BaseModel):
    """One argument of a call, word for word, and where it came from."""

    name: str
    value: Any
    origin: str  # named by you, the assistant


class CardShape(BaseModel):
    """One thing that waits for a person. What is not of its kind is null."""

    kind: Literal["approval", "question", "unknown", "failure", "schedule", "trigger"]
    id: str
    run_id: str  # empty of a schedule or trigger that could not begin one
    title: str
    asked_for: str
    asked_at: datetime
    text: str | None = None
    tool: str | None = None
    effect_kind: Effect | None = None
    arguments: list[ArgumentShape] = []
    hash: str | None = None
    is_reversible: bool | None = None
    why: str | None = None
    expires_at: datetime | None = None
    on_expiry: str | None = None


class CardsShape(BaseModel):
    """All that waits, the oldest first."""

    cards: list[CardShape]
    count: int


class ApprovalAnswer(BaseModel):
    """A yes or no to what was shown: `hash` is the card's."""

    yes: bool
    hash: Annotated[str, Field(min_length=64, max_length=64)]


class ChangedArguments(BaseModel):
    """What would be done instead."""

    arguments: dict[str, Any]


class Settlement(BaseModel):
    """What became of an effect that nothing else could tell of."""

    happened: bool


@router.get("/needs-you")
def cards(who: Who, house: House) -> CardsShape:
    """What waits for the person who asks."""
    with house.database.reading(who) as connection:
        found = work.needs_you(connection, who, frozenset(today.seen_runs(connection, who)))
        runs = [
            *(run for _, run, _, _ in found.approvals),
            *(run for run, _ in found.questions),
            *(run for _, run, _ in found.unknown),
            *found.failures,
        ]
        titles = {shape.id: shape.title or "" for shape in rendering.run_shapes(connection, who, runs)}
        requests = {run.id: work.request_of(connection, who, run) for run in runs}
    toolbox = house.toolbox.for_(who)
    made = [_approval(*each, toolbox, titles, requests) for each in found.approvals]
    made += [_question(*each, toolbox, titles) for each in found.questions]
    made += [_unknown(*each, toolbox, titles, requests) for each in found.unknown]
    made += [_failure(run, titles) for run in found.failures]
    made += [_broken("schedule", *each) for each in found.broken]
    made += [_broken("trigger", *each) for each in found.stuck]
    made.sort(key=lambda card: card.asked_at)
    return CardsShape(cards=made, count=len(made))


@router.post("/approvals/{approval_id}/answer")
def answer(who: Who, house: House, approval_id: Identifier, said: ApprovalAnswer) -> WorkShape:
    """Yes or no to exactly what was shown. Said twice, it counts once."""
    run = work.answer(house.database, who, ApprovalId(approval_id), yes=said.yes, seen_hash=said.hash)
    return launched(house, who, run)


@router.post("/approvals/{approval_id}/edit")
def edit(who: Who, house: House, approval_id: Identifier, changed: ChangedArguments) -> WorkShape:
    """Change what would be done; that is a question of its own."""
    run = work.edit(house.database, who, ApprovalId(approval_id), changed.arguments, house.toolbox.for_(who))
    return launched(house, who, run)


@router.post("/effects/{effect_id}/settle")
def settle(who: Who, house: House, effect_id: Identifier, said: Settlement) -> WorkShape:
    """Say what became of an effect; the run goes on knowing it."""
    return launched(house, who, work.settle(house.database, who, EffectId(effect_id), happened=said.happened))


def _approval(
    asked: Approval, run: Run, effect: EffectRecord, call: Call, toolbox: Toolbox, titles: dict[str, str],
    requests: dict[RunId, str],
) -> CardShape:  # fmt: skip
    tool = toolbox.get(call.tool)
    return CardShape(
        kind="approval",
        id=asked.id,
        run_id=run.id,
        title=_says(call, toolbox),
        asked_for=titles[run.id],
        asked_at=asked.created_at,
        tool=call.tool,
        effect_kind=effect.kind,
        arguments=_arguments(call, requests[run.id]),
        hash=asked.arguments_hash,
        is_reversible=tool.is_reversible if tool is not None else None,
        why="It changes something outside of Everword, and you did not say yes to exactly this.",
        expires_at=asked.expires_at,
        on_expiry=_UNANSWERED,
    )


def _question(run: Run, call: Call, toolbox: Toolbox, titles: dict[str, str]) -> CardShape:
    return CardShape(
        kind="question",
        id=run.id,
        run_id=run.id,
        title=_says(call, toolbox),
        asked_for=titles[run.id],
        asked_at=call.entry.said_at,
        text=_says(call, toolbox),
        expires_at=run.wakes_at,
        on_expiry="If nobody answers by then, the run ends as expired.",
    )


def _unknown(
    effect: EffectRecord, run: Run, call: Call, toolbox: Toolbox, titles: dict[str, str], requests: dict[RunId, str]
) -> CardShape:
    return CardShape(
        kind="unknown",
        id=effect.id,
        run_id=run.id,
        title=_says(call, toolbox),
        asked_for=titles[run.id],
        asked_at=effect.intended_at or effect.created_at,
        text=_what_is_known(effect, run),
        tool=call.tool,
        effect_kind=effect.kind,
        arguments=_arguments(call, requests[run.id]),
    )


def _what_is_known(effect: EffectRecord, run: Run) -> str:
    how = "you stopped it" if run.stop_requested_at is not None else "it broke off"
    asks = " Its target is being asked; if you know, say so." if effect.look_up_at is not None else ""
    return f"It was begun, and {how} before its outcome was known. It may have happened. It was not tried again.{asks}"


def _failure(run: Run, titles: dict[str, str]) -> CardShape:
    return CardShape(
        kind="failure",
        id=run.id,
        run_id=run.id,
        title=titles[run.id],
        asked_for=titles[run.id],
        asked_at=run.ended_at or run.created_at,
        text=run.error or "Nobody answered in time. Nothing more was done.",
    )


def _broken(kind: Literal["schedule", "trigger"], found: Schedule | Trigger, request: str) -> CardShape:
    text = f"It could not be begun, so it was paused. {found.reason} Resume it, or delete it."
    return CardShape(
        kind=kind, id=found.id, run_id="", title=title_of(request), asked_for=title_of(request),
        asked_at=found.updated_at, text=text,
    )  # fmt: skip


def _says(call: Call, toolbox: Toolbox) -> str:
    tool = toolbox.get(call.tool)
    return tool.says(call.arguments) if tool is not None else f"Call {call.tool}"


def _is_typed(value: str, request: str) -> bool:
    """Whether the owner typed it, by itself: "13" is not named by "130 kg"."""
    return bool(value) and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", request) is not None


def _arguments(call: Call, request: str) -> list[ArgumentShape]:
    """Each argument with where its words came from: typed by the owner, in the request or here, or the assistant's."""
    return [
        ArgumentShape(
            name=name,
            value=value,
            origin="named by you"
            if name in call.by_owner or _is_typed(str(value), request)
            else "written by the assistant",
        )
        for name, value in call.arguments.items()
    ]
