"""HTTP clients and model objects, one set for each event loop: connections belong to the loop that opened them."""

import asyncio
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from everword.models.local.engine import LocalEngine
from everword.models.types import ProviderKind, Target

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.models import Model


@dataclass(slots=True)
class _LoopClients:
    remote: "httpx2.AsyncClient | None" = None
    engine: "httpx2.AsyncClient | None" = None
    models: "dict[tuple[str, ...], Model]" = field(default_factory=dict)


class Clients:
    """Builds each model and client once for the loop that asks."""

    def __init__(self, engine: LocalEngine | None) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _LoopClients] = WeakKeyDictionary()

    def model(self, target: Target) -> "Model":
        """The model object for `target`; call it in the event loop that will use it."""
        from everword.models.providers.build import build

        mine = self._mine()
        key = (target.kind, target.base_url, target.model, target.key.reveal() if target.key else "")
        if key not in mine.models:
            mine.models[key] = build(target, self.http(target.kind))
        return mine.models[key]

    def http(self, kind: ProviderKind) -> "httpx2.AsyncClient":
        """The client for calls to providers of this kind, in the running loop."""
        mine = self._mine()
        if kind is ProviderKind.LOCAL:
            mine.engine = mine.engine or self._engine_client()
            return mine.engine
        from everword.models.providers.build import http_client

        mine.remote = mine.remote or http_client()
        return mine.remote

    def _engine_client(self) -> "httpx2.AsyncClient":
        import httpx2

        from everword.models.providers.engine_transport import EngineTransport

        if self._engine is None:
            raise RuntimeError("this process has no local engine")
        timeout = httpx2.Timeout(600.0, connect=5.0)  # a long prompt is read for minutes before the first word
        return httpx2.AsyncClient(transport=EngineTransport(self._engine), timeout=timeout)

    def _mine(self) -> _LoopClients:
        loop = asyncio.get_running_loop()
        with self._lock:
            return self._loops.setdefault(loop, _LoopClients())
