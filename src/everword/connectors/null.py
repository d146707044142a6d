"""The null connector: a letter box behind a real HTTP server on loopback, for tests, demonstrations and trials.

It takes letters in three ways, as services outside do: with an idempotency key (the same key counts once), with a key
that it can be asked for later, and blindly (it can tell nothing afterwards). `python -m everword.connectors.null` runs
one; a server uses it where EVERWORD_NULL_CONNECTOR names its address.
"""

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.types import Permit

if TYPE_CHECKING:
    import httpx

_TIMEOUT_S = 10.0
_MOST_BYTES = 100_000


class LetterBoxRefused(EverwordError):
    """The letter box did not take it (status {status}). Nothing was sent."""

    code = "letter_box_refused"
    status = 502


class LetterBoxAway(EverwordError):
    """The letter box at {address} does not answer. Start it, or take EVERWORD_NULL_CONNECTOR out of the environment."""

    code = "letter_box_away"
    status = 502


@dataclass
class LetterBox:
    """What arrived, text by text: how often each counted. `delay_s` passes between taking a letter and saying so."""

    delay_s: float = 0.0
    arrived: Counter[str] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: ThreadingHTTPServer | None = None

    def start(self) -> str:
        """Listen on loopback on a free port; the address."""
        box = self

        class Handler(_Handler):
            letter_box = box

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="letter-box", daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def take(self, way: str, key: str, text: str) -> None:
        """Take a letter as that way of sending does."""
        with self._lock:
            if way == "keyed" and key in self.keys:
                return
            if way != "blind":
                self.keys.add(key)
            self.arrived[text] += 1

    def knows(self, key: str) -> bool:
        """Whether a letter came with that key."""
        with self._lock:
            return key in self.keys


class _Handler(BaseHTTPRequestHandler):
    letter_box: LetterBox
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        if size > _MOST_BYTES:
            self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": "too large"})
            self.close_connection = True
            return
        body = json.loads(self.rfile.read(size))
        self.letter_box.take(self.path.strip("/"), self.headers.get("Idempotency-Key", ""), body["text"])
        clock.sleep(self.letter_box.delay_s)
        self._say(HTTPStatus.OK, {"taken": True})

    def do_GET(self) -> None:
        known = self.letter_box.knows(self.path.rpartition("/")[2])
        self._say(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND, {"known": known})

    def _say(self, status: HTTPStatus, told: dict[str, object]) -> None:
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Silence: letters are words."""


async def send(address: str, way: str, text: str, permit: Permit) -> None:
    """Put a letter into the box. Raises LetterBoxRefused where it was not taken, LetterBoxAway where it may be."""
    headers = {} if way == "blind" else {"Idempotency-Key": permit.effect_id}
    answer = await _ask("POST", address, way, json={"text": text}, headers=headers)
    if answer.status_code != HTTPStatus.OK:
        raise LetterBoxRefused(status=answer.status_code)


async def was_sent(address: str, key: str) -> bool:
    """Ask the box for a key. Raises LetterBoxAway."""
    return (await _ask("GET", address, f"tracked/{key}")).status_code == HTTPStatus.OK


async def _ask(method: str, address: str, path: str, **more: Any) -> "httpx.Response":
    import httpx

    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False, verify=False) as client:  # noqa: S501 (plain HTTP)
            return await client.request(method, f"{address}/{path}", **more)
    except httpx.HTTPError as error:
        raise LetterBoxAway(address=address) from error


def main() -> None:
    """Listen until interrupted."""
    box = LetterBox()
    print(box.start(), flush=True)  # noqa: T201 (a command's output)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        box.close()


if __name__ == "__main__":
    main()
