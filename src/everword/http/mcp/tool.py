"""What a tool is: its name and words, what it takes and gives, the scope it needs, and how it is called."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from everword.accounts.types import Scope
from everword.core.errors import Invalid
from everword.http.mcp.caller import Caller


class Given(BaseModel):
    """Arguments of a tool; one that it does not know is refused rather than passed over."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class Answer(Protocol):
    """What a tool gives back: values for programs, and the same told for a model to read."""

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        """The values as JSON."""

    def told(self) -> str:
        """The same in words."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `does` is what a model is told of it."""

    name: str
    title: str
    does: str
    scope: Scope
    takes: type[Given]
    gives: type[BaseModel]
    run: Callable[[Caller, Any], Awaitable[Answer]]
    writes: bool = False

    async def call(self, caller: Caller, arguments: Mapping[str, Any]) -> Answer:
        """Check the arguments and run. Raises OutOfScope, Invalid and what the room below raises."""
        caller.require(self.scope)
        try:
            given = self.takes.model_validate(arguments)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "The arguments"
            raise Invalid(why=f"{where}: {first['msg']}.") from None
        return await self.run(caller, given)
