"""What a run may use at most, as commands take it and print it."""

from typing import Annotated, Any

import typer

TokensOption = Annotated[int | None, typer.Option("--tokens", help="The most tokens a run may use.")]
CallsOption = Annotated[int | None, typer.Option("--calls", help="The most calls of tools a run may make.")]
DollarsOption = Annotated[float | None, typer.Option("--dollars", help="The most a run may cost, in US dollars.")]
MinutesOption = Annotated[float | None, typer.Option("--minutes", help="The most minutes a run may work.")]
_MINUTE_S = 60


def ceiling(
    tokens: int | None, calls: int | None, dollars: float | None, minutes: float | None
) -> dict[str, float] | None:
    """What was given, as the API takes it; None where nothing was."""
    seconds = None if minutes is None else round(minutes * _MINUTE_S)
    asked = {"tokens": tokens, "calls": calls, "dollars": dollars, "seconds": seconds}
    return {name: value for name, value in asked.items() if value is not None} or None


def told(bounds: dict[str, Any]) -> str:
    """Bounds in one line: 200,000 tokens, 50 calls, $2.00, 240 minutes."""
    minutes = bounds["seconds"] / _MINUTE_S
    return f"{bounds['tokens']:,} tokens, {bounds['calls']:,} calls, ${bounds['dollars']:,.2f}, {minutes:,.4g} minutes"
