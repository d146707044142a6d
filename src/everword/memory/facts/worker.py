"""Distilling in the background: what was just said, then a backlog from its newest end, whenever nobody waits."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from everword.core import clock
from everword.core.background import Background
from everword.core.ids import PersonId, SpaceId
from everword.core.types import Principal
from everword.memory import store as ledger
from everword.memory.facts import progress_store
from everword.memory.facts.distil import RULES_VERSION, owner_of, read_some
from everword.memory.facts.progress_store import Stage
from everword.storage.database import Database
from everword.storage.leadership import Leadership

_log = logging.getLogger(__name__)
_LEADER = 0x66616374  # "fact"
_SETTLE_S = 1.0  # what is said arrives in several commits
_POLL_S = 5.0  # for what other processes write, and for a model that becomes free
_MOST_WAIT_S = 15.0
_EVERYWHERE_S = 3600.0  # a new day has new tokens, and a model may have been chosen
_SYSTEM = Principal.system()


@dataclass(frozen=True, slots=True)
class ModelUse:
    """What the model stage does for somebody: with which model, what it may use a day, has used, and has still to read.

    `why_not` says in a sentence why it does nothing, where it does nothing.
    """

    model: str | None
    budget_tokens: int
    used_tokens: int
    unread: int
    why_not: str | None


class ModelReader(Protocol):
    """The second stage. It is handed in: memory knows no models."""

    def read_some(self, spaces: Collection[SpaceId]) -> set[SpaceId]:
        """Read a little in those spaces, as long as nobody waits; those in which there is more to read now."""

    def use(self, who: Principal) -> ModelUse:
        """How it stands."""


@dataclass(frozen=True, slots=True)
class Distilling:
    """How far facts have been read out of somebody's entries."""

    entries: int
    unread: int
    model: ModelUse | None


class Distiller(Background):
    """Reads every space's entries into facts, in a thread of its own; one process of several does it.

    While `should_yield()` gives more than zero, because a person waits, it pauses that many seconds at a time, 15 at
    most between two batches.
    """

    def __init__(
        self,
        database: Database,
        *,
        time_zone: Callable[[Principal], str],
        should_yield: Callable[[], float],
        reader: ModelReader | None = None,
    ) -> None:
        turn = Leadership(database, _LEADER)
        super().__init__("distilling", after_failure_s=_POLL_S, gather_s=_SETTLE_S, turn=turn)
        self._database = database
        self._time_zone = time_zone
        self._should_yield = should_yield
        self._reader = reader
        self._position: int | None = None
        self._unread: set[SpaceId] = set()
        self._looked_everywhere = -_EVERYWHERE_S

    def catch_up(self, spaces: Iterable[SpaceId] | None = None) -> None:
        """Read by the rules what is unread in those spaces, or in all, in this thread."""
        for space_id in self._all_spaces() if spaces is None else spaces:
            who = _of(space_id)
            while not self._stopping.is_set() and read_some(self._database, who, self._time_zone(who)):
                self._give_way()

    def progress(self, who: Principal) -> Distilling:
        """How far it has got for one person."""
        own = owner_of(who.own_space, who)
        with self._database.reading(own) as connection:
            entries, _ = ledger.count(connection, own)
            read = progress_store.read(connection, own, own.own_space, Stage.RULES, RULES_VERSION)
            unread = progress_store.count_unread(connection, own, own.own_space, read.ranges)
        return Distilling(entries, unread, self._reader.use(who) if self._reader is not None else None)

    def _round(self) -> float:
        fresh = self._fresh()
        self.catch_up(fresh)
        return _SETTLE_S if self._read_with_model(fresh) else _POLL_S

    def _fresh(self) -> Sequence[SpaceId]:
        """The spaces with something new; at first all."""
        if self._position is None:
            with self._database.reading(_SYSTEM) as connection:
                self._position = ledger.last_position(connection, _SYSTEM)
            return self._all_spaces()
        with self._database.reading(_SYSTEM) as connection:
            fresh, self._position = progress_store.spaces_after(connection, _SYSTEM, self._position)
        return fresh

    def _read_with_model(self, fresh: Iterable[SpaceId]) -> bool:
        """Let a model read where something is new or left over, and everywhere once an hour; whether more is left."""
        if self._reader is None:
            return False
        self._unread.update(fresh)
        if clock.monotonic() - self._looked_everywhere > _EVERYWHERE_S:
            self._looked_everywhere = clock.monotonic()
            self._unread.update(self._all_spaces())
        if self._should_yield() > 0:
            return False
        before = set(self._unread)
        self._unread = self._reader.read_some(before)
        return bool(self._unread)

    def _all_spaces(self) -> list[SpaceId]:
        with self._database.reading(_SYSTEM) as connection:
            return progress_store.spaces(connection, _SYSTEM)

    def _give_way(self) -> None:
        until = clock.monotonic() + _MOST_WAIT_S
        while not self._stopping.is_set() and clock.monotonic() < until and (pause := self._should_yield()) > 0:
            self._stopping.wait(pause)


def _of(space_id: SpaceId) -> Principal:
    """Whoever owns a space, in it alone."""
    return Principal(PersonId(""), space_id, frozenset({space_id}))
