"""What an MCP server answers over HTTP is bounded before it is parsed."""

from collections.abc import AsyncIterator, Sequence

import httpx2
import pytest

from everword.connectors.mcp.bounded_http import BoundedTransport


class Chunks(httpx2.AsyncByteStream):
    def __init__(self, chunks: Sequence[bytes]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


class Server(httpx2.AsyncBaseTransport):
    """Answers everything in those chunks."""

    def __init__(self, *chunks: bytes, **headers: str) -> None:
        self._chunks = chunks
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers=self._headers, stream=Chunks(self._chunks), request=request)


async def asked(server: Server) -> bytes:
    async with httpx2.AsyncClient(transport=BoundedTransport(server, most=10)) as client:
        return (await client.get("https://mcp.example/")).content


async def test_an_answer_has_an_end() -> None:
    """Ten bytes pass, eleven do not, in however many pieces; of events each may have ten; nothing comes packed."""
    assert await asked(Server(b"12345", b"67890")) == b"1234567890"
    with pytest.raises(httpx2.ReadError, match="more than 10 bytes"):
        await asked(Server(b"12345", b"67890", b"1"))
    events = Server(b"data: 1\n\n", b"data: 2\n\n", b"data: 3\n\n", content_type="text/event-stream")
    assert len(await asked(events)) == 27
    with pytest.raises(httpx2.ReadError):
        await asked(Server(b"data: 1\n\ndata", b": 3456789", content_type="text/event-stream"))
    with pytest.raises(httpx2.ReadError, match="packed"):
        await asked(Server(b"1", content_encoding="gzip"))
