"""What a run may use and has used: tokens, calls, seconds of work, dollars; its children's come out of its own."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection

from everword.core.ids import RunId
from everword.core.types import Principal
from everword.memory import store
from everword.memory.types import EntryKind
from everword.models import store as model_store
from everword.models.prices import MICRODOLLARS
from everword.runs import store as run_store
from everword.runs.types import Run

JUMPED = "jumped_s"
"""In a run's input: how many of its seconds were none, because the clock was put forward or the machine slept."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What a run may use at most: tokens read and written, calls of tools, seconds of work (waiting is free), and what
    that costs in US dollars, as far as prices are known."""

    tokens: int = 200_000
    calls: int = 50
    seconds: int = 4 * 3600
    dollars: float = 2.0

    @staticmethod
    def of(run: Run) -> "Ceiling":
        """What the run was given."""
        return Ceiling.stored(run.input.get("ceiling"))

    @staticmethod
    def stored(values: Mapping[str, Any] | None) -> "Ceiling":
        """What a row holds; where it holds nothing, the usual."""
        return Ceiling(**values or {})


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has used."""

    tokens: int
    calls: int
    seconds: int
    dollars: float

    def and_also(self, more: "Spent | Ceiling") -> "Spent":
        """The sum of both."""
        return Spent(
            self.tokens + more.tokens,
            self.calls + more.calls,
            self.seconds + more.seconds,
            self.dollars + more.dollars,
        )


def spent_by(connection: Connection, who: Principal, run_ids: Collection[RunId]) -> dict[RunId, Spent]:
    """What runs have used by now, or had when they ended; without their children."""
    used = model_store.spent_by_runs(connection, who, run_ids)
    calls = store.count_of_runs(connection, who, run_ids, EntryKind.TOOL_CALL)
    seconds = run_store.working_seconds(connection, who, run_ids)
    nothing = model_store.Spent()
    return {
        key: Spent(
            used.get(key, nothing).tokens,
            calls.get(key, 0),
            int(seconds.get(key, 0)),
            used.get(key, nothing).microdollars / MICRODOLLARS,
        )
        for key in run_ids
    }


def used_by(connection: Connection, who: Principal, runs: Collection[Run]) -> dict[RunId, Spent]:
    """What runs have used by now, their children's with it."""
    return _with_children(connection, who, runs, is_reserved=False)


def rest_of(connection: Connection, who: Principal, run: Run) -> Ceiling:
    """What a run may still use: nothing of what its open children may."""
    taken = asdict(_with_children(connection, who, [run], is_reserved=True)[run.id])
    return Ceiling(**{name: max(0, most - taken[name]) for name, most in asdict(Ceiling.of(run)).items()})


def _with_children(
    connection: Connection, who: Principal, runs: Collection[Run], *, is_reserved: bool
) -> dict[RunId, Spent]:
    """What runs and their children have used; with `is_reserved` an open child counts with all that it may use."""
    taken = spent_by(connection, who, [run.id for run in runs])
    for run in runs:
        seconds = taken[run.id].seconds - int(run.input.get(JUMPED, 0))
        taken[run.id] = replace(taken[run.id], seconds=max(0, seconds))
    children = run_store.children(connection, who, list(taken)) if taken else []
    counted = [child for child in children if child.state.is_ended or not is_reserved]
    below = _with_children(connection, who, counted, is_reserved=is_reserved) if counted else {}
    for child in children:
        if child.parent_id is not None:
            used = below[child.id] if child.id in below else Ceiling.of(child)
            taken[child.parent_id] = taken[child.parent_id].and_also(used)
    return taken
