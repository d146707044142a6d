"""Runs as tools: start another run, and watch it until it has ended; the one that watches holds nothing meanwhile."""

from typing import Protocol

from sqlalchemy import Connection

from everword.core.ids import EffectId, RunId
from everword.core.types import Effect, Permit, Principal
from everword.tools.manifest import Arguments, Asked, Reach, Result, Tool
from everword.tools.naming import ID, ending, parameters

_FIGURE = {"type": "integer", "minimum": 1}


class Start(Protocol):
    """Writes a child of a run, once for an effect. Raises NothingHappened."""

    def __call__(
        self,
        connection: Connection,
        who: Principal,
        parent_id: RunId,
        text: str,
        effect_id: EffectId,
        *,
        tokens: int | None,
        calls: int | None,
    ) -> RunId: ...


def run_tools(start: Start) -> list[Tool]:
    """The tools by which a run has part of its work done by another."""

    def start_run(connection: Connection, asked: Asked, arguments: Arguments, permit: Permit) -> Result:
        started = start(
            connection,
            asked.who,
            permit.run_id,
            str(arguments["request"]),
            permit.effect_id,
            tokens=arguments.get("tokens"),
            calls=arguments.get("calls"),
        )
        return Result(f"Started: {ending(started)}. To get what it brings, watch it.")

    return [
        Tool(
            name="start_run",
            description="Start another run that does a part of the work by itself. Say all that it has to know.",
            parameters=parameters(
                ["request"],
                request={"type": "string", "minLength": 1, "maxLength": 8_000},
                tokens=_FIGURE,
                calls=_FIGURE,
            ),
            effect=Effect.CREATE,
            reach=Reach.OWN,
            says=lambda arguments: f"Start a run: “{arguments['request']}”",
            write=start_run,
            is_reversible=True,
            examples=({"request": "Find out when the library opens on Saturdays."},),
        ),
        Tool(
            name="watch_run",
            description="Wait until a run that you have started has ended, and get what it brought.",
            parameters=parameters(run=ID),
            effect=Effect.READ,
            reach=Reach.OWN,
            says=lambda arguments: f"Wait for the run {arguments['run']}",
            watches_run=True,
            examples=({"run": "9f2c41d07ab3"},),
        ),
    ]
