"""Background work: think, act, note what came of it, until it is answered, must wait, or has reached its ceiling."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from everword.agents import work_log, yielding
from everword.agents.acting import Acting, Next, tell_needs_you
from everword.agents.bounds import Day, used_in
from everword.agents.spending import JUMPED, Ceiling, rest_of
from everword.agents.steps import Step
from everword.agents.thinking import next_step
from everword.agents.work_log import Log
from everword.core.errors import EverwordError
from everword.core.types import Principal, Priority
from everword.guard import policy
from everword.models.gateway import Gateway
from everword.models.types import ModelInfo
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.errors import CeilingReached, Stopped, TakenOver
from everword.runs.segment import STORAGE_PAUSE_S, Segment
from everword.runs.types import Run, RunState, Waiting
from everword.storage import events
from everword.storage.errors import DatabaseUnreachable, StorageFull
from everword.tools.toolbox import Toolbox

_log = logging.getLogger(__name__)
_JUMP_S = 60.0


@dataclass(frozen=True, slots=True)
class Worker:
    """What background runs need. Called with a segment, it executes the run from where its log ends."""

    gateway: Gateway
    acting: Acting
    own_instructions: Callable[[Principal], str]
    day: Callable[[Principal], Day]

    async def __call__(self, segment: Segment) -> None:
        """Go on until the run has ended or waits. While nothing can be written it is tried again and again."""
        while True:
            try:
                await self._go_on(segment)
            except (StorageFull, DatabaseUnreachable):
                _log.exception("Run %s cannot be recorded; it is tried again.", segment.run.id)
                await asyncio.sleep(STORAGE_PAUSE_S)
            else:
                return

    async def _go_on(self, segment: Segment) -> None:
        try:
            while await self._step(segment) is Next.GO_ON:
                pass
        except Stopped:
            await asyncio.to_thread(_end, segment, RunState.CANCELLED, "stopped by the owner", None)
        except (TakenOver, StorageFull, DatabaseUnreachable):
            raise
        except yielding.PASSES as error:
            if not await asyncio.to_thread(yielding.back_off, segment, error):
                await asyncio.to_thread(_end, segment, RunState.FAILED, error.code, error)
        except EverwordError as error:
            await asyncio.to_thread(_end, segment, RunState.FAILED, error.code, error)

    async def _step(self, segment: Segment) -> Next:
        if segment.stop.is_set():
            raise Stopped
        await segment.stay()
        log = await asyncio.to_thread(self._look, segment)
        if log is None:
            return Next.OVER
        if log.open_call is not None:
            return await self.acting.do(segment, log, log.open_call)
        if log.answer is not None:
            await asyncio.to_thread(_end, segment, RunState.DELIVERED, "answered", None)
            return Next.OVER
        rest = await asyncio.to_thread(self._room, segment)
        if rest is None:
            return Next.OVER
        step, model_id = await segment.until_stopped(self._think(segment, log, rest))
        return await asyncio.to_thread(_write, segment, log, step, model_id, rest)

    def _room(self, segment: Segment) -> Ceiling | None:
        """Before a model thinks on: what the run may still use; None where it has to wait.

        What was begun is always brought to its end first. Raises CeilingReached.
        """
        _leave_out_jumps(segment)
        who, day = segment.who, self.day(segment.who)
        with segment.database.reading(who) as connection:
            rest = rest_of(connection, who, run_store.get(connection, who, segment.run.id))
            reached = day.reached(used_in(connection, who, day))
        _raise_at(segment.run, rest, "tokens", "seconds", "dollars")
        if reached is not None:
            yielding.until_tomorrow(segment, day, reached)
            return None
        if self.gateway.is_pressed():
            yielding.shelve(segment)
            return None
        return rest

    def _look(self, segment: Segment) -> Log | None:
        """The log as it is now; None where the run was paused. Raises Stopped."""
        with segment.database.reading(segment.who) as connection:
            run = run_store.get(connection, segment.who, segment.run.id)
            if run.stop_requested_at is not None:  # another process may have been told
                raise Stopped
            if not run.input.get("paused"):
                return work_log.read(connection, segment.who, run)
        with segment.writing() as connection:
            run = run_store.get(connection, segment.who, segment.run.id, hold=True)
            if not run.input.get("paused"):  # it was resumed in this moment
                return work_log.read(connection, segment.who, run)
            cause = "paused by the owner"
            runs.wait(connection, segment.who, run.id, Waiting.PAUSE, until=None, cause=cause)
            return None

    async def _think(self, segment: Segment, log: Log, rest: Ceiling) -> tuple[Step, str]:
        """What comes next, and the model that said so. Raises CeilingReached where no time is left for it."""
        info, own, toolbox = await asyncio.to_thread(self._means, segment.who)
        model = self.gateway.model(segment.who, info.id, priority=Priority.BACKGROUND, run_id=segment.run.id)
        limit = asyncio.timeout(rest.seconds)
        try:
            async with limit:
                return await next_step(model, info, log, toolbox, own), info.id
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise _reached(segment.run, "seconds") from error

    def _means(self, who: Principal) -> tuple[ModelInfo, str, Toolbox]:
        return self.gateway.resolve(who), self.own_instructions(who), self.acting.toolbox.for_(who)


def _leave_out_jumps(segment: Segment) -> None:
    """A clock that was put forward, or a machine that slept, is no time of work."""
    jumped = segment.jumped_s()
    if abs(jumped) < _JUMP_S:
        return
    with segment.writing() as connection:
        run = run_store.get(connection, segment.who, segment.run.id, hold=True)
        known = run.input.get(JUMPED, 0)
        run_store.change(connection, segment.who, run.id, {"input": {**run.input, JUMPED: known + round(jumped)}})


def _raise_at(run: Run, rest: Ceiling, *names: str) -> None:
    """Raises CeilingReached where nothing is left of one of those."""
    for name in names:
        if getattr(rest, name) <= 0:
            raise _reached(run, name)


def _reached(run: Run, name: str) -> CeilingReached:
    most = getattr(Ceiling.of(run), name)
    return CeilingReached(ceiling=f"${most:,.2f}" if name == "dollars" else f"{most:,} {name}")


def _write(segment: Segment, log: Log, step: Step, model_id: str, rest: Ceiling) -> Next:
    """Record what comes next; an answer ends the run with it. `rest` is what there was before the model thought."""
    who, run = segment.who, segment.run
    with segment.writing() as connection:
        yielding.is_back(connection, segment)
        if step.tool is not None:
            _raise_at(run, rest, "calls")
            work_log.write_call(connection, who, run, log, step.tool, step.arguments or {}, model_id)
            return Next.GO_ON
        answer = work_log.write_answer(connection, who, run, log, step.text, model_id)
        _finish(connection, segment, RunState.DELIVERED, "answered", {"entry_id": answer.id}, None)
    return Next.OVER


def _end(segment: Segment, state: RunState, cause: str, error: EverwordError | None) -> None:
    with segment.writing() as connection:
        _finish(connection, segment, state, cause, None, error)


def _finish(
    connection: Connection,
    segment: Segment,
    state: RunState,
    cause: str,
    result: dict[str, Any] | None,
    error: EverwordError | None,
) -> None:
    """End the run, unless it has ended; tell open pages, which show a failure among what needs the person."""
    who, run = segment.who, segment.run
    ended = runs.finish(connection, who, run.id, state, cause=cause, result=result, error=error)
    policy.withdraw(connection, who, run.id)
    events.append(connection, who, run.space_id, "run.finished", result or {}, run_id=run.id)
    if ended.state in {RunState.FAILED, RunState.UNKNOWN}:
        tell_needs_you(connection, segment)
