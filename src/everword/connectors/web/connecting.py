"""Connections to exactly the addresses that were checked: a name is resolved once, and never by anything below."""

from collections.abc import Iterable

import httpcore2

from everword.connectors.web.errors import CannotFetch
from everword.connectors.web.public import IsAllowed, Resolve


class CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Resolves, judges every address, and connects to one of those."""

    def __init__(self, resolve: Resolve, is_allowed: IsAllowed) -> None:
        self._resolve = resolve
        self._is_allowed = is_allowed
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to `host`. One address that is not public is enough to refuse. Raises CannotFetch."""
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise CannotFetch(url=host, why="there is no such host.") from error
        if not addresses:
            raise CannotFetch(url=host, why="there is no such host.")
        if not all(map(self._is_allowed, addresses)):
            raise CannotFetch(url=host, why="it is not on the public internet.")
        for address in addresses[:4]:
            try:
                return await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        raise CannotFetch(url=host, why="nothing answers there.")
