"""What the provider servers share: one answer or one failure for each request, on loopback, with the requests kept."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


@dataclass
class Failure:
    """An error as the provider sends it."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class ProviderServer:
    """A server that speaks one provider's protocol; subclasses write its frames.

    `pieces` is the answer; `failure` is sent instead; `breaks_after` cuts the connection after so many pieces;
    `stream_failure` is an error inside an open stream; `delay_s` passes before each piece.
    """

    key = "right-key"
    failures: ClassVar[Mapping[str, Failure]] = {}

    def __init__(self) -> None:
        self.pieces = ["Hello", " there", "."]
        self.failure: Failure | None = None
        self.stream_failure: Any = None
        self.breaks_after: int | None = None
        self.delay_s = 0.0
        self.requests: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.streaming = threading.Event()
        self.stopped = threading.Event()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.paths.append(self.path)
                if provider.key_of(self.headers) != provider.key:
                    _send(self, provider.wrong_key())
                else:
                    _send(self, Failure(200, provider.models()))

            def do_POST(self) -> None:
                provider.paths.append(self.path)
                provider.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                if provider.key_of(self.headers) != provider.key:
                    _send(self, provider.wrong_key())
                elif provider.failure is not None:
                    _send(self, provider.failure)
                elif provider.is_stream(self.path, provider.requests[-1]):
                    self._stream()
                else:
                    _send(self, Failure(200, provider.whole()))

            def _stream(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                provider.streaming.set()
                try:
                    for number, frame in enumerate(provider.frames()):
                        if number == provider.breaks_after:
                            return
                        time.sleep(provider.delay_s)
                        self.wfile.write(frame.encode())
                        self.wfile.flush()
                except OSError:
                    provider.stopped.set()

            def log_message(self, format: str, *args: object) -> None:
                """Silence."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "ProviderServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def key_of(self, headers: Any) -> str | None:
        """The key a request carries."""
        raise NotImplementedError

    def wrong_key(self) -> Failure:
        """How a wrong key is answered."""
        raise NotImplementedError

    def models(self) -> Any:
        """The list of models."""
        raise NotImplementedError

    def is_stream(self, path: str, body: Mapping[str, Any]) -> bool:
        """Whether a request asks for a stream."""
        return bool(body.get("stream"))

    def frames(self) -> list[str]:
        """The stream of an answer, as it goes over the wire."""
        raise NotImplementedError

    def whole(self) -> Any:
        """An answer that is not streamed."""
        raise NotImplementedError


def event(payload: Any, name: str | None = None) -> str:
    """One server-sent event."""
    return (f"event: {name}\n" if name else "") + f"data: {json.dumps(payload)}\n\n"


def _send(handler: BaseHTTPRequestHandler, answer: Failure) -> None:
    body = json.dumps(answer.body).encode() if not isinstance(answer.body, bytes) else answer.body
    handler.send_response(answer.status)
    for name, value in {"Content-Type": "application/json", **answer.headers}.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
