"""HTTP to the local engine, wherever it listens at this moment: it moves with each restart and each change of model."""

import asyncio

import httpx2

from everword.models.local.engine import LocalEngine

_PATIENCE_S = 90.0
ADDRESS = "http://engine.invalid/v1"  # stands for the engine until a request is sent


class EngineTransport(httpx2.AsyncBaseTransport):
    """Sends each request to the engine's present address with its present key, on a connection of its own.

    Waits while the engine starts or restarts. Raises NoModel or LocalEngineFailed.
    """

    def __init__(self, engine: LocalEngine) -> None:
        self._engine = engine
        self._inner = httpx2.AsyncHTTPTransport(verify=False, limits=httpx2.Limits(max_keepalive_connections=0))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        endpoint = self._engine.endpoint
        if endpoint is None:
            endpoint = await asyncio.to_thread(self._engine.wait_ready, _PATIENCE_S)
        address = httpx2.URL(endpoint.address)
        request.url = request.url.copy_with(scheme=address.scheme, host=address.host, port=address.port)
        request.headers["Host"] = f"{address.host}:{address.port}"
        request.headers["Authorization"] = endpoint.headers["Authorization"]
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()
