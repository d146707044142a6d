"""A bound on what an MCP server may answer over HTTP: what is longer breaks off before it fills the memory."""

from collections.abc import AsyncIterator

import httpx2

MOST_BYTES = 10_000_000


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Sends requests through `inner`. An answer, or one event of a stream of events, has at most `most` bytes."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, most: int = MOST_BYTES) -> None:
        self._inner, self._most = inner, most

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it. Reading an answer that is too long raises ReadError."""
        response = await self._inner.handle_async_request(request)
        is_events = response.headers.get("content-type", "").startswith("text/event-stream")
        packed = response.headers.get("content-encoding", "identity").strip().lower()
        if packed not in {"", "identity"}:
            await response.aclose()
            raise httpx2.ReadError("it packed its answer, which nobody asked for", request=request)
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Bounded(response.stream, request, self._most, is_events=is_events)
        return response

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    """Bytes as they come, counted. Of events the count begins anew after each empty line."""

    def __init__(self, stream: httpx2.AsyncByteStream, request: httpx2.Request, most: int, *, is_events: bool) -> None:
        self._stream, self._request, self._most, self._is_events = stream, request, most, is_events

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._stream:
            ended = max(chunk.rfind(b"\n\n"), chunk.rfind(b"\r\n\r\n")) if self._is_events else -1
            read = len(chunk) - ended if ended >= 0 else read + len(chunk)
            if read > self._most:
                raise httpx2.ReadError(f"it answered with more than {self._most:,} bytes", request=self._request)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
