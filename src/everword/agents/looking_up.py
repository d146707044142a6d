"""Asking targets, behind everything else, what became of effects that nobody could tell of as their runs ended."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from everword.agents import work_log
from everword.agents.acting import LOOK_UP_AGAIN, NEEDS_YOU, ask_target, unsettled_s
from everword.agents.work_log import Call, call_of
from everword.core import clock
from everword.core.background import Background
from everword.core.errors import EverwordError
from everword.core.ids import PersonId, RunId
from everword.core.types import Label, Principal
from everword.memory import store
from everword.runs import effect_store
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.effect_store import EffectRecord, EffectState
from everword.runs.types import RunState
from everword.storage import events
from everword.storage.database import Database
from everword.tools.manifest import Asked, Known, Tool
from everword.tools.toolbox import Toolbox

_log = logging.getLogger(__name__)
_EVERY_S = 5.0
_GATHER_S = 0.2
_ASKED_FOR = timedelta(days=1)


class LookingUp(Background):
    """A thread that looks for unknown effects whose target is to be asked. Several processes may have one.

    A run that was stopped is cancelled once its effect is known; another goes on from there. A target that does not
    answer is asked again after as long as it has been silent, for a day.
    """

    def __init__(
        self,
        database: Database,
        principal_of: Callable[[PersonId], Principal],
        toolbox: Toolbox,
        launch: Callable[[RunId], None],
    ) -> None:
        super().__init__("looking up", after_failure_s=_EVERY_S, gather_s=_GATHER_S)
        self._database, self._principal_of, self._toolbox, self._launch = database, principal_of, toolbox, launch

    def _round(self) -> float:
        due = self._due()
        if due:
            asyncio.run(self._ask(due))
        return _EVERY_S

    def _due(self) -> list[EffectRecord]:
        system = Principal.system()
        with self._database.reading(system) as connection:
            return effect_store.to_look_up(connection, system, clock.now())

    async def _ask(self, due: list[EffectRecord]) -> None:
        await asyncio.gather(*map(self._look_up, due))

    async def _look_up(self, effect: EffectRecord) -> None:
        try:
            who, tool, asked, call = await asyncio.to_thread(self._read, effect)
            known = Known.CANNOT_TELL if tool is None else await ask_target(tool, asked, call, effect.id)
            run_id = await asyncio.to_thread(self._record, who, effect, tool, call, known)
        except EverwordError:  # its run is forgotten meanwhile, or its person has gone
            _log.info("The effect %s cannot be looked up.", effect.id, exc_info=True)
            await asyncio.to_thread(self._later, effect, effect.cause)
            return
        if run_id is not None:
            self._launch(run_id)

    def _read(self, effect: EffectRecord) -> tuple[Principal, Tool | None, Asked, Call]:
        system = Principal.system()
        with self._database.reading(system) as connection:
            person_id = run_store.get(connection, system, effect.run_id).person_id
        who = self._principal_of(person_id)
        tool = self._toolbox.for_(who).get(effect.tool)
        with self._database.reading(who) as connection:
            call = call_of(store.get(connection, who, effect.call_id))
            log = work_log.read(connection, who, run_store.get(connection, who, effect.run_id))
        return who, tool, Asked(who, log.said_by_owner, call.entry.id), call

    def _record(
        self, who: Principal, effect: EffectRecord, tool: Tool | None, call: Call, known: Known
    ) -> RunId | None:
        """What the target said. The run that goes on with it, if one does."""
        if tool is None or tool.look_up is None or known is Known.CANNOT_TELL:
            can_answer = tool is not None and tool.look_up is not None
            cause = "the target does not answer" if can_answer else "the target cannot be asked"
            self._later(effect, cause, never=not can_answer)
            return None
        if known is Known.DID_NOT and unsettled_s(tool, effect.intended_at or effect.created_at) > 0:
            self._later(effect, "the target does not know of it yet")
            return None
        with self._database.writing(who) as connection:
            now = effect_store.get(connection, who, effect.id, for_change=True)
            run = run_store.get(connection, who, effect.run_id, hold=True)
            if now.state is not EffectState.UNKNOWN or run.state is not RunState.UNKNOWN:
                return None
            if run.stop_requested_at is None:
                effect_store.take_up(connection, who, effect.id)
            else:
                happened = known is Known.HAPPENED
                state, said = (EffectState.DONE, "done") if happened else (EffectState.FAILED, "not done")
                effect_store.change(connection, who, effect.id, state, f"found {said} after the stop")
                told = f"It was {said}; that was found out after the stop."
                work_log.write_result(connection, who, run, call.entry, told, Label.TOOL, {"tool": call.tool})
            events.append(connection, who, run.space_id, NEEDS_YOU, {}, run_id=run.id)
            goes_on = runs.go_on(connection, who, run.id, cause="its target said what became of the effect")
        return goes_on.id if goes_on.state is RunState.QUEUED else None

    def _later(self, effect: EffectRecord, cause: str, *, never: bool = False) -> None:
        """Ask again after as long as it has been silent; not at all once that is a day."""
        system = Principal.system()
        silent = clock.now() - (effect.intended_at or effect.created_at)
        again_at = None if never or silent > _ASKED_FOR else clock.now() + max(silent, LOOK_UP_AGAIN)
        with self._database.writing(system) as connection:
            now = effect_store.get(connection, system, effect.id, for_change=True)
            if now.state is EffectState.UNKNOWN:
                effect_store.lose(connection, system, effect.id, cause, again_at)
