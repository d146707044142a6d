"""One page fetched: a request without cookies or credentials, bounded in time, size and redirects."""

import asyncio
import zlib
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from everword.connectors.web.address import Address, address_of, joined
from everword.connectors.web.errors import CannotFetch
from everword.connectors.web.public import IsAllowed, Resolve, is_public, resolve
from everword.core.types import Permit

if TYPE_CHECKING:
    from httpcore2 import Response

USER_AGENT = "Everword/0.1 (self-hosted assistant; fetches one page that its owner asked for)"
_ACCEPT = "text/html, application/xhtml+xml, application/pdf, text/*;q=0.9, application/json;q=0.9, application/xml;q=0.8"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_READABLE = frozenset({"application/json", "application/xml", "application/xhtml+xml", "application/pdf"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What fetching one page may take at most: seconds in all, bytes as sent and as unpacked, redirects."""

    seconds: float = 30.0
    size_bytes: int = 5_000_000
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Page:
    """What was there: its bytes, unpacked, and what it says they are. `url` is where it was in the end."""

    url: str
    content: bytes
    media_type: str
    charset: str | None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """`url` leads to another host, which was not asked: `to`."""

    url: str
    to: str


class Fetcher:
    """Fetches pages from the public internet.

    What finds addresses and judges them are arguments for tests alone: no setting reaches them.
    """

    def __init__(
        self, resolve: Resolve = resolve, is_allowed: IsAllowed = is_public, bounds: Bounds | None = None
    ) -> None:
        self._resolve = resolve
        self._is_allowed = is_allowed
        self._bounds = bounds or Bounds()

    async def fetch(self, url: str, _permit: Permit) -> Page | Elsewhere:
        """Fetch one page. Redirects are followed at the same host only. Raises CannotFetch."""
        address = address_of(url)
        try:
            async with asyncio.timeout(self._bounds.seconds):
                for _ in range(self._bounds.redirects + 1):
                    came = await self._ask(address)
                    if isinstance(came, Page):
                        return came
                    if not came.is_at_home_of(address):
                        return Elsewhere(str(address), str(came))
                    address = came
        except TimeoutError as error:
            raise CannotFetch(url=str(address), why=f"it took more than {self._bounds.seconds:g} seconds.") from error
        raise CannotFetch(url=str(address), why="it leads in circles.")

    async def _ask(self, address: Address) -> Page | Address:
        """What is at an address, or where it leads. Each request resolves and judges its host anew."""
        import httpcore2

        from everword.connectors.web.connecting import CheckedBackend

        url = httpcore2.URL(
            scheme=address.scheme.encode(),
            host=address.host.encode(),
            port=address.port,
            target=address.target.encode(),
        )
        headers = [("User-Agent", USER_AGENT), ("Accept", _ACCEPT), ("Accept-Encoding", "gzip")]
        backend = CheckedBackend(self._resolve, self._is_allowed)
        try:
            async with (
                httpcore2.AsyncConnectionPool(network_backend=backend, max_keepalive_connections=0) as pool,
                pool.stream("GET", url, headers=headers) as response,
            ):
                return await self._read(address, response)
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException, OSError) as error:
            raise CannotFetch(url=str(address), why=f"the connection failed ({_said(error)}).") from error

    async def _read(self, address: Address, response: "Response") -> Page | Address:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if response.status in _REDIRECTS and headers.get("location"):
            return joined(address, headers["location"])
        if not 200 <= response.status < 300:
            raise CannotFetch(url=str(address), why=f"it answered {_status(response.status)}.")
        media_type, charset = _type_of(headers)
        if not _is_readable(media_type):
            raise CannotFetch(url=str(address), why=f"it is {media_type or 'of no known type'}, which holds no text.")
        packed = headers.get("content-encoding", "").strip().lower()
        if packed not in {"", "identity", "gzip", "x-gzip"}:
            raise CannotFetch(url=str(address), why=f"it is packed in a way that was not asked for ({packed[:40]}).")
        stream = response.aiter_stream()
        content = await _bounded(address, stream, self._bounds.size_bytes, is_packed=packed.endswith("gzip"))
        return Page(str(address), content, media_type, charset)


async def _bounded(address: Address, stream: AsyncIterable[bytes], most: int, *, is_packed: bool) -> bytes:
    """The body, unpacked. Raises CannotFetch as soon as it is larger than it may be, as sent or as unpacked."""
    content = bytearray()
    sent = 0
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if is_packed else None
    async for chunk in stream:
        sent += len(chunk)
        try:
            content += chunk if unpack is None else unpack.decompress(chunk, most + 1 - len(content))
        except zlib.error as error:
            raise CannotFetch(url=str(address), why="it is packed, and damaged.") from error
        if max(sent, len(content)) > most:
            raise CannotFetch(url=str(address), why=f"it is larger than {most / 1_000_000:g} MB.")
    if unpack is not None and sent and (not unpack.eof or unpack.unused_data):
        raise CannotFetch(url=str(address), why="it is packed, and damaged.")
    return bytes(content)


def _type_of(headers: Mapping[str, str]) -> tuple[str, str | None]:
    """What a page says it is: its media type, and its character set where that is said."""
    from email.message import Message

    message = Message()
    message["content-type"] = headers.get("content-type", "")
    said = message.get_content_type() if "/" in headers.get("content-type", "") else ""
    return said, message.get_content_charset()


def _is_readable(media_type: str) -> bool:
    return media_type in _READABLE or media_type.startswith("text/") or media_type.endswith(("+json", "+xml"))


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _said(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
