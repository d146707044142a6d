"""The watcher: after a commit each trigger reads the ledger on from where it stands, and begins a run for what fits.

The run and the trigger's new position are one transaction: no entry sets it off twice, and none is passed over. What
fits nothing moves the position in memory only, and now and then on disk, so that a word said costs no second write.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from everword.core import clock
from everword.core.ids import PersonId, RunId, TriggerId
from everword.core.types import Principal
from everword.runs import store as run_store
from everword.runs.rounds import LONGEST_SLEEP_S, Rounds, in_the_way
from everword.runs.schedules.types import OnOverlap
from everword.runs.triggers import store
from everword.runs.triggers.types import TRIGGER_CHANGED, Looking, Trigger, TriggerState
from everword.runs.types import Run
from everword.storage import events
from everword.storage.database import Database

_LEADER = 0x74726967  # "trig"
_SAVED_EVERY = 1_000  # positions that fit nothing
_SYSTEM = Principal.system()


class Watcher(Rounds[Trigger]):
    """Begins a run for each entry that sets a trigger off."""

    def __init__(
        self,
        database: Database,
        principal_of: Callable[[PersonId], Principal],
        looking: Looking,
        launch: Callable[[RunId], None],
    ) -> None:
        super().__init__(database, principal_of, launch, name="triggers", leader=_LEADER)
        self._looking = looking
        self._passed: dict[TriggerId, int] = {}

    def _due(self) -> list[Trigger]:
        with self._database.reading(_SYSTEM) as connection:
            active = store.listed(connection, _SYSTEM, state=TriggerState.ACTIVE)
            newest = {each.space_id: 0 for each in active}
            for each in active:
                if not newest[each.space_id]:
                    newest[each.space_id] = self._looking.newest(connection, each.person)
        self._passed = {each.id: self._passed.get(each.id, 0) for each in active}
        return [each for each in active if self._from(each) < newest[each.space_id]]

    def _is_ready(self, item: Trigger) -> bool:
        """Whether there is something for it to deal with now, as far as that can be told without holding its row."""
        with self._database.reading(item.person) as connection:
            if item.on_overlap is OnOverlap.QUEUE and in_the_way(connection, item.person, item.run_id) is not None:
                return False  # the ledger is its queue
            newest = self._looking.newest(connection, item.person)
            found = self._looking.look(connection, item, self._from(item))
            while found.entry_id is None and found.position < newest and not self._stopping.is_set():
                found = self._looking.look(connection, item, found.position)
        if found.entry_id is not None:
            return True
        self._passed[item.id] = found.position
        return found.position - item.reached >= _SAVED_EVERY

    def _deal(self, connection: Connection, who: Principal, item: Trigger) -> tuple[bool, Run | None]:
        held = store.find(connection, who, item.id, hold=True)
        if held is None or held.state is not TriggerState.ACTIVE:
            return False, None
        found = self._looking.look(connection, held, self._from(held))
        if found.entry_id is None:
            moved = found.position > held.reached
            if moved:
                store.change(connection, who, held.id, {"reached": found.position})
            return moved, None
        before = in_the_way(connection, who, held.run_id)
        if before is not None and held.on_overlap is OnOverlap.QUEUE:
            return False, None
        values: dict[str, Any] = {"reached": found.position, "failures": 0}
        run = None
        if before is not None:
            told = "set off again by a new entry: skipped, because this one had not ended"
            run_store.write_transition(connection, who, before, before.state, told)
        else:
            run = self._looking.begin(connection, who, held, found.entry_id)
            values |= {"run_id": run.id, "last_at": clock.now()}
        store.change(connection, who, held.id, values)
        events.append(connection, who, held.space_id, TRIGGER_CHANGED, {"trigger_id": held.id})
        return True, run

    def _hold(self, connection: Connection, item: Trigger) -> Trigger | None:
        return store.find(connection, _SYSTEM, item.id, hold=True)

    def _record_failure(
        self, connection: Connection, item: Trigger, values: dict[str, Any], *, is_paused: bool
    ) -> None:
        paused = {"state": TriggerState.PAUSED.value} if is_paused else {}
        store.change(connection, _SYSTEM, item.id, values | paused)
        events.append(connection, _SYSTEM, item.space_id, TRIGGER_CHANGED, {"trigger_id": item.id})

    def _until_next(self) -> float:
        return LONGEST_SLEEP_S

    def _from(self, trigger: Trigger) -> int:
        return max(trigger.reached, self._passed.get(trigger.id, 0))
