"""Pages fetched from a real server: what is read, and what is refused before or while it is read."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

import pytest

from everword.connectors.web.errors import CannotFetch
from everword.connectors.web.fetch import Bounds, Elsewhere, Fetcher, Page
from everword.connectors.web.public import IP
from everword.core.ids import EffectId, RunId
from everword.core.types import Label, Permit, Principal
from everword.tools.acts import Acts
from everword.tools.errors import NothingHappened
from everword.tools.manifest import Asked
from everword.tools.web import web_tools
from tests.unit.intake.made import pdf

HERE = ip_address("127.0.0.1")
PERMIT = Permit(EffectId("effect"), RunId("run"), "web_fetch", "0" * 64)
PAGE = """<!doctype html><html><head><title>Hours</title><script>evil()</script></head><body>
<nav><a href="/">Menu</a></nav><h1>Opening hours</h1><p>Größe: open <b>daily</b>.</p><img src="http://spy.example/x.png">
<ul><li>Monday<li>Friday</ul></body></html>"""


@dataclass
class Site:
    """A server that answers as each path asks, and remembers what it was asked."""

    port: int = 0
    asked: list[str] = field(default_factory=list)

    def url(self, path: str, host: str = "site.example") -> str:
        return f"http://{host}:{self.port}{path}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.asked.append(head)
            path = head.split(" ")[1]
            writer.write(self.reply(path))
            while path == "/endless":
                writer.write(b"x" * 100_000)
                await writer.drain()
            while path == "/slow":
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)
            await writer.drain()
        writer.close()

    def reply(self, path: str) -> bytes:
        leads = {
            "/moved": "/page",
            "/away": f"http://other.example:{self.port}/page",
            "/inside": "http://169.254.169.254/latest",
            "/circle": "/circle",
            "/file": "file:///etc/passwd",
        }
        if path in leads:
            head = f"HTTP/1.1 302 Found\r\nLocation: {leads[path]}\r\nSet-Cookie: a=b\r\n"
            return f"{head}Content-Length: 0\r\n\r\n".encode()
        zeros = gzip.compress(bytes(50_000_000), 9)
        kinds: dict[str, tuple[str, bytes]] = {
            "/page": ("text/html; charset=utf-8", PAGE.encode()),
            "/latin": ("text/html; charset=iso-8859-1", PAGE.encode("latin-1")),
            "/data": ("application/json", b'{"open": true}'),
            "/paper": ("application/pdf", pdf("The lease ends in May.")),
            "/picture": ("image/png", b"\x89PNG"),
            "/program": ("application/octet-stream", b"\0\1"),
            "/bomb": ("text/plain\r\nContent-Encoding: gzip", zeros),
            "/packed": ("text/plain\r\nContent-Encoding: gzip", gzip.compress(b"unpacked")),
            "/torn": ("text/plain\r\nContent-Encoding: gzip", gzip.compress(b"unpacked" * 99)[:-9]),
        }
        if path in {"/endless", "/slow"}:
            return b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
        if path not in kinds:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        kind, body = kinds[path]
        return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


async def here(_host: str, _port: int) -> Sequence[IP]:
    return [HERE]


def fetcher(seconds: float = 10.0) -> Fetcher:
    """One that takes every name for this machine, and this machine for public."""
    return Fetcher(here, lambda address: address == HERE, Bounds(seconds=seconds))


async def test_a_page_is_text_of_a_stranger(site: Site) -> None:
    """HTML becomes Markdown without scripts, menus, pictures; JSON, PDF and packed text are read; all by strangers."""
    tool = web_tools(Acts(fetcher()).here)[0]
    assert tool.act is not None
    asked = Asked(Principal.system(), "", EffectId("call"))  # type: ignore[arg-type]
    for path in ("/page", "/latin", "/moved"):
        result = await tool.act(asked, {"url": site.url(path)}, PERMIT)
        assert result.label is Label.STRANGER
        assert "# Opening hours" in result.text
        assert "Größe: open **daily**." in result.text
        assert "Monday" in result.text
        assert not [word for word in ("evil", "Menu", "spy.example") if word in result.text]
    for path, words in (("/data", '"open": true'), ("/paper", "The lease ends in May."), ("/packed", "unpacked")):
        assert words in (await tool.act(asked, {"url": site.url(path)}, PERMIT)).text
    with pytest.raises(NothingHappened, match="404 Not Found"):
        await tool.act(asked, {"url": site.url("/nowhere")}, PERMIT)


async def test_it_says_who_it_is_and_carries_nothing_along(site: Site) -> None:
    """No cookie that was set, no credentials; the name of the program."""
    await fetcher().fetch(site.url("/moved"), PERMIT)
    assert len(site.asked) == 2
    for head in map(str.lower, site.asked):
        assert "user-agent: everword" in head
        assert f"host: site.example:{site.port}" in head
        assert "cookie" not in head
        assert "authorization" not in head


async def test_another_host_is_told_and_not_asked(site: Site) -> None:
    """A redirect to another host is an answer in words: nothing was asked there."""
    came = await fetcher().fetch(site.url("/away"), PERMIT)
    assert came == Elsewhere(site.url("/away"), site.url("/page", "other.example"))
    came = await fetcher().fetch(site.url("/inside"), PERMIT)
    assert isinstance(came, Elsewhere)
    assert len(site.asked) == 2


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/endless", "larger than 5 MB"),
        ("/bomb", "larger than 5 MB"),
        ("/torn", "damaged"),
        ("/picture", "image/png, which holds no text"),
        ("/program", "which holds no text"),
        ("/circle", "in circles"),
        ("/file", "only http and https"),
    ],
)
async def test_what_is_not_read(site: Site, path: str, why: str) -> None:
    """Too much, packed to do harm, of another kind, or leading nowhere: refused with the reason."""
    with pytest.raises(CannotFetch, match=why):
        await fetcher().fetch(site.url(path), PERMIT)
    assert len(site.asked) <= 6


async def test_a_body_that_trickles_ends_with_the_time(site: Site) -> None:
    """A server that always sends a little more does not hold a run."""
    with pytest.raises(CannotFetch, match=r"more than 0\.3 seconds"):
        await fetcher(0.3).fetch(site.url("/slow"), PERMIT)


async def test_this_machine_is_not_the_internet(site: Site) -> None:
    """As it ships, no spelling of this machine's address is connected to."""
    for host in ("127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0"):
        with pytest.raises(CannotFetch, match=r"public internet|no such host"):
            await Fetcher().fetch(site.url("/page", host), PERMIT)
    assert not site.asked


async def test_a_name_that_changes_its_mind(site: Site) -> None:
    """A name is resolved once a request, every address counts, that one is connected to: rebinding gains nothing."""
    answers = [[HERE], [ip_address("127.0.0.2")], [HERE, ip_address("10.0.0.1")]]

    async def rebinding(_host: str, _port: int) -> Sequence[IP]:
        return answers.pop(0)

    rebound = Fetcher(rebinding, lambda address: address == HERE)
    assert isinstance(await rebound.fetch(site.url("/page"), PERMIT), Page)
    assert len(answers) == 2
    for _ in range(2):
        with pytest.raises(CannotFetch, match="public internet"):
            await rebound.fetch(site.url("/page"), PERMIT)
    answers[:] = [[HERE], [ip_address("127.0.0.2")]]
    with pytest.raises(CannotFetch, match="public internet"):
        await rebound.fetch(site.url("/moved"), PERMIT)
    assert len(site.asked) == 2
