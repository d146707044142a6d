"""HTTP to the public internet alone, for servers of people who do not run this machine."""

import httpx2

from everword.connectors.web.public import IsAllowed, Resolve, is_public, resolve


class PublicTransport(httpx2.AsyncBaseTransport):
    """Resolves a request's host, judges every address, and sends it to exactly one of those.

    What finds addresses and judges them are arguments for tests alone.
    """

    def __init__(self, resolve: Resolve = resolve, is_allowed: IsAllowed = is_public) -> None:
        self._resolve, self._is_allowed = resolve, is_allowed
        self._inner = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it. Raises ConnectError where the host is not on the public internet."""
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpx2.ConnectError(f"there is no host {host}", request=request) from error
        if not addresses or not all(map(self._is_allowed, addresses)):
            raise httpx2.ConnectError(f"{host} is not on the public internet", request=request)
        sent = httpx2.Request(
            request.method,
            request.url.copy_with(host=str(addresses[0])),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
        )
        return await self._inner.handle_async_request(sent)

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()
