"""A run starts another and watches it: the child's ceiling comes out of the parent's rest, and both stop together."""

from sqlalchemy import Connection

from everword.agents import beginning, work_log
from everword.agents.beginning import Origin
from everword.agents.spending import Ceiling, rest_of
from everword.core.ids import EffectId, RunId
from everword.core.types import Label, Principal
from everword.runs import store as run_store
from everword.runs.types import Run, RunState
from everword.tools.errors import NothingHappened
from everword.tools.manifest import Result
from everword.tools.naming import named

DEEPEST = 3
"""So many runs, one started by the other, below one that nobody started."""
_LEAST = Ceiling(tokens=2_000, calls=1, seconds=60)


def start(
    connection: Connection,
    who: Principal,
    parent_id: RunId,
    text: str,
    effect_id: EffectId,
    *,
    tokens: int | None,
    calls: int | None,
) -> RunId:
    """Write a child of a run, in the caller's transaction; the engine finds it. Without figures it gets half the rest.

    The words of its request are the assistant's. Raises NothingHappened where it would be too deep, or too little is
    left.
    """
    key = f"started:{effect_id}"
    before = beginning.known(connection, who, key)
    if before is not None:
        return before.run.id
    parent = run_store.get(connection, who, parent_id, hold=True)
    depth = int(parent.input.get("depth", 0)) + 1
    if depth > DEEPEST:
        raise NothingHappened(why=f"runs start each other at most {DEEPEST} deep. Do it in this run.")
    ceiling = _share(rest_of(connection, who, parent), tokens, calls)
    names = (("depth", depth), *((name, parent.input[name]) for name in ("chain",) if name in parent.input))
    origin = Origin(Label.ASSISTANT, parent_id, names)
    return beginning.write(connection, who, text, key, ceiling, cause="started by another run", origin=origin).run.id


def watched(connection: Connection, who: Principal, parent: Run, end: str) -> Run | Result:
    """A child of a run: itself while it is open, and what it brought once it has ended. Raises NothingHappened."""
    children = {child.id: child for child in run_store.children(connection, who, [parent.id])}
    child = children[named(list(children), end, "run that this one has started")]
    if not child.state.is_ended:
        return child
    answer = work_log.read(connection, who, child).answer
    if child.state is RunState.DELIVERED and answer is not None:
        return Result(answer.text, Label.ASSISTANT, (answer.id,))
    why = child.error or {RunState.CANCELLED: "It was stopped."}.get(child.state, "It brought nothing.")
    return Result(f"It ended as {child.state.value}. {why}")


def _share(rest: Ceiling, tokens: int | None, calls: int | None) -> Ceiling:
    """What a child may use of a parent's rest. Raises NothingHappened."""
    share = Ceiling(
        min(tokens or rest.tokens // 2, rest.tokens),
        min(calls or rest.calls // 2, rest.calls),
        rest.seconds // 2,
        rest.dollars / 2,
    )
    if share.tokens < _LEAST.tokens or share.calls < _LEAST.calls or share.seconds < _LEAST.seconds:
        raise NothingHappened(why="too little is left of what this run may use. Do it in this run, or answer.")
    return share
