"""Ceilings as they go over the wire: what a run may use at most, asked for whole or in part, and told whole."""

from dataclasses import asdict
from typing import Annotated

from pydantic import BaseModel, Field

from everword.agents.spending import Ceiling, Spent

Tokens = Annotated[int, Field(ge=1, le=100_000_000, description="Read and written")]
Calls = Annotated[int, Field(ge=1, le=10_000, description="Calls of tools")]
Seconds = Annotated[int, Field(ge=1, le=30 * 24 * 3600, description="Of work; waiting is free")]
Dollars = Annotated[float, Field(gt=0, le=1_000_000, description="US dollars, as far as prices are known")]


class BoundsShape(BaseModel):
    """Tokens read and written, calls of tools, seconds, US dollars: used, or at most."""

    tokens: int
    calls: int
    seconds: int
    dollars: float

    @staticmethod
    def of(bounds: Ceiling | Spent) -> "BoundsShape":
        return BoundsShape(**asdict(bounds))


class CeilingWanted(BaseModel):
    """What a run may use at most; what is left out is as usual."""

    tokens: Tokens = Ceiling().tokens
    calls: Calls = Ceiling().calls
    seconds: Seconds = Ceiling().seconds
    dollars: Dollars = Ceiling().dollars

    def ceiling(self) -> Ceiling:
        return Ceiling(**self.model_dump())


class CeilingChange(BaseModel):
    """What of a ceiling is to be another; what is left out stays as it is."""

    tokens: Tokens | None = None
    calls: Calls | None = None
    seconds: Seconds | None = None
    dollars: Dollars | None = None

    def wanted(self) -> dict[str, float]:
        return self.model_dump(exclude_none=True)
