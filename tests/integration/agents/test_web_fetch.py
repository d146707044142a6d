"""Fetching a page in background work: what the owner typed is fetched, everything else asks first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import ClassVar

from everword.agents import work_log
from everword.connectors.web.fetch import Fetcher
from everword.connectors.web.public import IP
from everword.core.types import Label, Principal
from everword.runs.types import RunState
from everword.storage.database import Database
from everword.tools.acts import Acts
from everword.tools.web import web_tools
from tests.integration.agents.office import opened_office


class Site(BaseHTTPRequestHandler):
    """Counts who asks; hangs up in the middle of what is torn."""

    asked: ClassVar[list[str]]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", "99" if self.path == "/torn" else "4")
        self.end_headers()
        self.wfile.write(b"open")

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


async def here(_host: str, _port: int) -> Sequence[IP]:
    return [ip_address("127.0.0.1")]


def test_what_the_owner_typed_is_fetched_and_nothing_else(database: Database, anna: Principal, tmp_path: Path) -> None:
    """A typed address is fetched at once, as a stranger's words; a made-up one waits for a yes; a torn one is told."""
    asked = Site.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://site.example:{server.server_port}/hours?day=1"
    tools = web_tools(Acts(Fetcher(here, lambda _address: True)).here)
    with opened_office(database, anna, tmp_path, tools) as office:
        run = office.begin("web_fetch", url=url)
        office.until(run, RunState.DELIVERED)
        with database.reading(anna) as connection:
            result = work_log.read(connection, anna, run).entries[2]
        assert (result.label, result.text) == (Label.STRANGER, f"The text of {url}:\n\nopen")
        torn = office.begin("web_fetch", url=url.replace("/hours?day=1", "/torn"))
        office.until(torn, RunState.DELIVERED)
        assert asked == ["/hours?day=1", "/torn"]
        call = json.dumps({"tool": "web_fetch", "arguments": {"url": url}})
        made_up = office.say_to_begin("echo: " + call.replace("/", "\\/"))  # for the model the same, for a reader none
        office.until(made_up, RunState.WAITING)
        assert len(asked) == 2
        office.agree(made_up)
        office.until(made_up, RunState.DELIVERED)
        assert asked[2:] == ["/hours?day=1"]
    server.shutdown()
    server.server_close()
