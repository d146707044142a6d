"""Who calls a tool: the person a key stands for, what the key opens, and the program that holds it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import to_thread

from everword.accounts import keys
from everword.accounts.errors import OutOfScope
from everword.accounts.types import Credential, Means, Scope
from everword.core.types import Principal
from everword.http.services import Services

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Caller:
    """One request's asker. `client` is what the program calls itself."""

    services: Services
    credential: Credential
    client: str = ""

    @property
    def who(self) -> Principal:
        """Whose memory it is."""
        return self.credential.principal

    @property
    def program(self) -> str:
        """The name that its key was given by the person; of a command on this machine, what it calls itself."""
        if self.credential.means is not Means.KEY:
            return self.client
        held = keys.list_keys(self.services.database, self.who)
        return next((key.name for key in held if key.id == self.credential.id), self.client)

    @property
    def time_zone(self) -> str:
        """The person's, as they set it."""
        return str(self.services.preferences.read_all(self.who).get("time_zone") or "UTC")

    def may(self, scope: Scope) -> bool:
        """Whether what it holds opens this; `api` opens all of memory."""
        return not self.credential.scopes.isdisjoint({scope, Scope.API})

    def require(self, scope: Scope) -> None:
        """Raises OutOfScope."""
        if not self.may(scope):
            raise OutOfScope(scope=scope)


def on_a_thread(work: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """The same function for the event loop: stores and services are synchronous."""

    async def run(*arguments: P.args, **named: P.kwargs) -> T:
        return await to_thread.run_sync(partial(work, *arguments, **named))

    return run
