"""What the routes need: one value, put together by bootstrap and carried by the application."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import Request

from everword.core.types import Principal
from everword.storage.database import Database

if TYPE_CHECKING:
    from everword.agents.webhooks import Hooks
    from everword.attention.briefs import Briefs
    from everword.attention.morning import Morning
    from everword.connectors.mcp.servers import Servers
    from everword.http.account import Deleter
    from everword.http.live import Live
    from everword.http.security import Door
    from everword.intake.service import Intake
    from everword.memory.facts.worker import Distiller
    from everword.memory.forgetting.service import Forgetter
    from everword.memory.index.indexer import Indexer
    from everword.memory.index.transforming import Transforming
    from everword.memory.recall import Recaller
    from everword.models.gateway import Gateway
    from everword.runs.engine import Engine
    from everword.tools.toolbox import Toolbox
    from everword.vault.vault import Vault
    from everword.weights.fetcher import Fetcher


class Preferences(Protocol):
    """What an owner sets on a screen."""

    def read_all(self, who: Principal) -> dict[str, Any]:
        """All of them, defaults where nothing was set."""

    def write(self, who: Principal, values: dict[str, Any]) -> dict[str, Any]:
        """Set some; all or none. Raises Invalid. Returns all."""

    def described(self) -> list[dict[str, Any]]:
        """What can be set: name, kind, default, choices."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding of the doctor: what it looked at, how it stands, and what to do."""

    name: str
    state: str  # ok, warning, problem
    says: str
    do: str = ""


@dataclass(slots=True)
class Services:
    """The composed house, as the routes see it."""

    server_id: str
    database: Database
    preferences: Preferences
    live: "Live"
    engine: "Engine"
    gateway: "Gateway"
    fetcher: "Fetcher"
    indexer: "Indexer"
    transforming: "Transforming"
    recaller: "Recaller"
    toolbox: "Toolbox"
    mcp_servers: "Servers"
    hooks: "Hooks"
    briefs: "Briefs"
    morning: "Morning"
    forgetter: "Forgetter"
    account_deleter: "Deleter"
    distiller: "Distiller"
    intake: "Intake"
    vault: "Vault"
    door: "Door"
    doctor: Callable[[Principal], list[Check]]
    locked: Mapping[str, str] = field(default_factory=dict)
    """Settings that the environment decides, with the variable that does."""


def services_of(request: Request) -> Services:
    """The services of the application that answers this request."""
    services: Services = request.app.state.everword
    return services
