"""One call of a background run, done: read at once, or guarded, recorded before and after, and done once."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection

from everword.agents import child_runs, work_log
from everword.agents.work_log import Call, Fault, Log
from everword.connectors.web.address import is_named
from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.ids import EffectId
from everword.core.types import Effect, Label, Permit
from everword.guard import approval_store
from everword.guard.approval_store import ApprovalState
from everword.guard.policy import EXPIRES_AFTER, Decision, decide, renewed
from everword.runs import effect_store
from everword.runs import service as runs
from everword.runs.effect_store import EffectRecord, EffectState
from everword.runs.errors import EffectUnknown, Stopped
from everword.runs.segment import Segment
from everword.runs.types import RunState, Waiting
from everword.storage import events
from everword.tools.errors import NothingHappened, TookTooLong, UnknownTool
from everword.tools.manifest import Asked, Known, Reach, Result, Tool, arguments_hash
from everword.tools.toolbox import Toolbox

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)
_LOOK_UP_S = 20.0
LOOK_UP_AGAIN = timedelta(seconds=10)
_MOST_CHARACTERS = 100_000
NEEDS_YOU = "work.waits"


class Next(Enum):
    """Whether the run goes on with its next step, or its segment is over."""

    GO_ON = "go on"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Acting:
    """What doing a call needs."""

    toolbox: Toolbox

    async def do(self, segment: Segment, log: Log, call: Call) -> Next:
        """Do a call that is in the log, or what is left of it after a crash or a wait."""
        toolbox = await asyncio.to_thread(self.toolbox.for_, segment.who)
        fault = toolbox.fault(call.tool, call.arguments)
        tool = toolbox.get(call.tool)
        if tool is None:
            return await _in_thread(
                _write, segment, call, Result(fault or "There is no such tool."), Fault.NO_SUCH_TOOL
            )
        if fault is not None:
            return await _in_thread(_write, segment, call, Result(fault), Fault.NOT_TAKEN)
        if tool.asks_owner:
            return await _in_thread(_ask_owner, segment, call)
        if tool.watches_run:
            return await _in_thread(_watch, segment, call)
        asked = Asked(segment.who, log.said_by_owner, call.entry.id)
        if tool.read is not None:
            return await self._read(segment, tool, tool.read(asked, call.arguments), call)
        with segment.acting():
            return await self._do_effect(segment, tool, asked, call)

    async def _do_effect(self, segment: Segment, tool: Tool, asked: Asked, call: Call) -> Next:
        begun = await _in_thread(_begin, segment, tool, asked, call)
        if isinstance(begun, Next):
            return begun
        if isinstance(begun, Permit):
            return await self._act(segment, tool, asked, call, begun)
        return await self._look_up(segment, tool, asked, call, begun.id, begun.intended_at or begun.created_at)

    async def _read(self, segment: Segment, tool: Tool, reading: Coroutine[Any, Any, Result], call: Call) -> Next:
        try:
            result = await segment.until_stopped(_within(tool, reading))
        except Stopped:
            raise
        except EverwordError as error:
            result = Result(error.message)
        return await _in_thread(_write, segment, call, result)

    async def _act(self, segment: Segment, tool: Tool, asked: Asked, call: Call, permit: Permit) -> Next:
        """Act under a permit whose intent is on disk. Only what says that nothing happened counts as that."""
        if tool.act is None:
            raise UnknownTool(tool=tool.name)
        segment.check_current()
        try:
            result = await segment.until_stopped(_within(tool, tool.act(asked, call.arguments, permit)))
        except NothingHappened as error:
            said_no = (EffectState.FAILED, "the target said no", Result(error.message))
            return await _in_thread(_end, segment, call, permit.effect_id, *said_no)
        except Stopped:
            raise  # the run ends now; what became of the effect is looked up behind it
        except Exception:  # boundary: it broke off in the middle of an effect, which may have happened
            _log.exception("An effect of run %s (%s) broke off.", segment.run.id, tool.name)
            if tool.effect is Effect.QUERY:  # it changed nothing; asked again it might break off for ever
                broke = Result("It broke off, and nothing was changed.")
                return await _in_thread(
                    _end, segment, call, permit.effect_id, EffectState.FAILED, "it broke off", broke
                )
            return await self._look_up(segment, tool, asked, call, permit.effect_id, clock.now())
        return await _in_thread(_end, segment, call, permit.effect_id, EffectState.DONE, "done", result)

    async def _look_up(
        self, segment: Segment, tool: Tool, asked: Asked, call: Call, effect_id: EffectId, told_at: datetime
    ) -> Next:
        """An effect was intended and has no outcome: ask the target; tell it again only where that cannot double."""
        cannot_double = tool.takes_key or tool.effect is Effect.QUERY
        known = await segment.until_stopped(ask_target(tool, asked, call, effect_id))
        if known is Known.DID_NOT and not cannot_double and (left_s := unsettled_s(tool, told_at)) > 0:
            await segment.until_stopped(asyncio.sleep(left_s))
            known = await segment.until_stopped(ask_target(tool, asked, call, effect_id))
        if known is Known.HAPPENED:
            result = Result("It was done; that was found out afterwards.")
            return await _in_thread(_end, segment, call, effect_id, EffectState.DONE, "found done afterwards", result)
        if known is Known.DID_NOT or cannot_double:
            return await self._act(segment, tool, asked, call, await _in_thread(_renew, segment, effect_id))
        return await _in_thread(_unknown, segment, tool, effect_id)


async def _within(tool: Tool, doing: Coroutine[Any, Any, T]) -> T:
    """Let a tool do it within its time. Raises TookTooLong; what it does is ended then, as by a stop."""
    task = asyncio.ensure_future(doing)
    try:
        await asyncio.wait([task], timeout=tool.limit_s)
        if task.done():
            return task.result()
        raise TookTooLong(tool=tool.name, seconds=f"{tool.limit_s:g}")
    finally:
        task.cancel()


def unsettled_s(tool: Tool, told_at: datetime) -> float:
    """How many seconds from now on a target's no may still be followed by what is under way to it."""
    passed_s = (clock.now() - told_at).total_seconds()
    return min(tool.settles_s, tool.settles_s - passed_s)


async def ask_target(tool: Tool, asked: Asked, call: Call, effect_id: EffectId) -> Known:
    """Ask where a call went what became of it; for 20 seconds at most."""
    if tool.look_up is None:
        return Known.CANNOT_TELL
    try:
        async with asyncio.timeout(_LOOK_UP_S):
            return await tool.look_up(asked, call.arguments, effect_id)
    except (EverwordError, TimeoutError, OSError):
        return Known.CANNOT_TELL


async def _in_thread(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    return await asyncio.to_thread(work, *arguments, **named)


def _write(segment: Segment, call: Call, result: Result, fault: Fault | None = None) -> Next:
    with segment.writing() as connection:
        _write_result(connection, segment, call, result, fault)
    return Next.GO_ON


def _write_result(
    connection: Connection, segment: Segment, call: Call, result: Result, fault: Fault | None = None
) -> None:
    details: dict[str, Any] = {"tool": call.tool}
    if fault is not None:
        details["fault"] = fault.value
    if result.entry_ids:
        details["entries"] = list(result.entry_ids)
    text = result.text[:_MOST_CHARACTERS]
    work_log.write_result(connection, segment.who, segment.run, call.entry, text, result.label, details)


def _ask_owner(segment: Segment, call: Call) -> Next:
    """Wait for the owner; where the time for that is over, the run has expired."""
    with segment.writing() as connection:
        until = call.entry.recorded_at + EXPIRES_AFTER
        if until <= clock.now():
            cause = "the owner did not answer in time"
            runs.finish(connection, segment.who, segment.run.id, RunState.EXPIRED, cause=cause)
        else:
            cause = "waits for the owner's answer"
            runs.wait(connection, segment.who, segment.run.id, Waiting.QUESTION, until=until, cause=cause)
        tell_needs_you(connection, segment)
    return Next.OVER


def _watch(segment: Segment, call: Call) -> Next:
    """Wait for a run that this one has started, holding nothing; what it brought, once it has ended."""
    with segment.writing() as connection:
        try:
            found = child_runs.watched(connection, segment.who, segment.run, str(call.arguments["run"]))
        except NothingHappened as error:
            found = Result(error.message)
        if isinstance(found, Result):
            _write_result(connection, segment, call, found)
            return Next.GO_ON
        run_id, cause = segment.run.id, "waits for a run that it has started"
        runs.wait(connection, segment.who, run_id, Waiting.RUN, until=None, cause=cause, waits_for=found.id)
    return Next.OVER


def _begin(segment: Segment, tool: Tool, asked: Asked, call: Call) -> "Next | Permit | EffectRecord":
    """Guard a call with an effect: its permit; or its record where it was begun before; or whether to go on."""
    who, run = segment.who, segment.run
    with segment.writing() as connection:
        effect = effect_store.hold(
            connection,
            who,
            space_id=run.space_id,
            run_id=run.id,
            call_id=call.entry.id,
            tool=tool.name,
            kind=tool.effect,
            arguments_hash=arguments_hash(tool.name, call.arguments),
        )
        if effect.state is EffectState.INTENDED:
            return effect
        if effect.state is not EffectState.HELD:
            return _go_on_from(connection, segment, call, effect)
        is_own = _is_own(connection, segment, tool, call)
        decision, permit = decide(connection, who, effect, is_own=is_own, is_named=_names(asked.request, tool, call))
        if permit is not None and tool.write is not None:
            return _write_own(connection, segment, tool, asked, call, permit)
        if permit is not None:
            return permit
        if decision is Decision.ASK:
            return _wait_for_yes(connection, segment, effect)
        return _denied(connection, segment, call, effect)


def _names(request: str, tool: Tool, call: Call) -> bool:
    """Whether the owner typed exactly the address that a call goes to, in this request."""
    return tool.address is not None and is_named(str(call.arguments.get(tool.address, "")), request)


def _is_own(connection: Connection, segment: Segment, tool: Tool, call: Call) -> bool:
    """Whether a call changes nothing but what the assistant has written itself."""
    if tool.reach is not Reach.OWN or tool.write is None:
        return False
    return tool.is_own is None or tool.is_own(connection, segment.who, call.arguments)


def _write_own(connection: Connection, segment: Segment, tool: Tool, asked: Asked, call: Call, permit: Permit) -> Next:
    """Change our own rows, in the transaction that records the outcome."""
    if tool.write is None:
        raise UnknownTool(tool=tool.name)
    try:
        state, result = EffectState.DONE, tool.write(connection, asked, call.arguments, permit)
    except NothingHappened as error:
        state, result = EffectState.FAILED, Result(error.message)
    effect_store.change(connection, segment.who, permit.effect_id, state, state.value)
    _write_result(connection, segment, call, result)
    return Next.GO_ON


def _wait_for_yes(connection: Connection, segment: Segment, effect: EffectRecord) -> Next:
    asked = approval_store.of_effect(connection, segment.who, effect.id)
    until = asked.expires_at if asked is not None else None
    cause = "waits for your yes"
    runs.wait(connection, segment.who, segment.run.id, Waiting.APPROVAL, until=until, cause=cause)
    tell_needs_you(connection, segment)
    return Next.OVER


def _denied(connection: Connection, segment: Segment, call: Call, effect: EffectRecord) -> Next:
    """Nobody said yes in time: the run has expired. The owner said no: the model is told, and the run goes on."""
    asked = approval_store.of_effect(connection, segment.who, effect.id)
    effect_store.change(connection, segment.who, effect.id, EffectState.REFUSED, "no yes was given")
    if asked is not None and asked.state is ApprovalState.EXPIRED:
        cause = "nobody said yes in time"
        runs.finish(connection, segment.who, segment.run.id, RunState.EXPIRED, cause=cause)
        return Next.OVER
    _write_result(connection, segment, call, Result("The owner said no to this. It was not done.", Label.OWNER))
    return Next.GO_ON


def _go_on_from(connection: Connection, segment: Segment, call: Call, effect: EffectRecord) -> Next:
    """An effect whose outcome is on record, and whose result is not in the log."""
    if effect.state is EffectState.UNKNOWN:
        cause = "an effect may have happened"
        runs.finish(connection, segment.who, segment.run.id, RunState.UNKNOWN, cause=cause, error=EffectUnknown())
        return Next.OVER
    said = {
        EffectState.DONE: "It was done.",
        EffectState.FAILED: "It was not done.",
        EffectState.REFUSED: "The owner said no to this. It was not done.",
    }[effect.state]
    _write_result(connection, segment, call, Result(said))
    return Next.GO_ON


def _end(segment: Segment, call: Call, effect_id: EffectId, state: EffectState, cause: str, result: Result) -> Next:
    with segment.writing() as connection:
        effect_store.change(connection, segment.who, effect_id, state, cause)
        _write_result(connection, segment, call, result)
    return Next.GO_ON


def _unknown(segment: Segment, tool: Tool, effect_id: EffectId) -> Next:
    """Nothing can tell whether it happened: that is the run's state until the owner says, or the target answers."""
    with segment.writing() as connection:
        cause = "an effect may have happened"
        does_not_answer = "the target does not answer" if tool.look_up is not None else "the target cannot be asked"
        look_up_at = clock.now() + LOOK_UP_AGAIN if tool.look_up is not None else None
        effect_store.lose(connection, segment.who, effect_id, does_not_answer, look_up_at)
        runs.finish(connection, segment.who, segment.run.id, RunState.UNKNOWN, cause=cause, error=EffectUnknown())
        tell_needs_you(connection, segment)
    return Next.OVER


def _renew(segment: Segment, effect_id: EffectId) -> Permit:
    with segment.writing() as connection:
        return renewed(connection, segment.who, effect_id)


def tell_needs_you(connection: Connection, segment: Segment) -> None:
    """Tell open pages that what waits for the person has changed."""
    events.append(connection, segment.who, segment.run.space_id, NEEDS_YOU, {}, run_id=segment.run.id)
