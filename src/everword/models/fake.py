"""A scripted model behind a real OpenAI-compatible server on loopback: for tests, demonstrations and trials.

Run `python -m everword.models.fake [--port N] [--token-delay-ms N] [--script FILE]` for one in a process of its own.
It is chosen only by setting EVERWORD_MODEL to `scripted`.
"""

import argparse
import json
import re
import threading
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from everword.core import clock
from everword.core.ids import new_id
from everword.models.script import Answer, Failure, Script, text_of

MODEL_NAME = "scripted"
_TOKEN = re.compile(r"\s*\S+|\s+\Z")
_DROP_ERRORS = (BrokenPipeError, ConnectionResetError, ConnectionAbortedError)


class ScriptedServer:
    """Serves POST /v1/chat/completions and GET /v1/models. `requests` keeps each body, oldest first.

    `streaming` is the number of answers being sent at this moment: it falls when a client leaves.
    """

    def __init__(self, script: Script | None = None, token_delay_s: float = 0.0, api_key: str | None = None) -> None:
        self.script = script or Script()
        self.token_delay_s = token_delay_s
        self.api_key = api_key
        self.requests: list[dict[str, Any]] = []
        self.stopped = 0
        self.streaming = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    @property
    def base_url(self) -> str:
        """The address that ends in /v1; the server must have been started."""
        if self._server is None:
            raise RuntimeError("the scripted server is not started")
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def start(self, port: int = 0) -> str:
        """Listen on loopback, on a free port unless one is given; returns the base URL."""
        scripted = self

        class Handler(_Handler):
            owner = scripted

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="scripted-model", daemon=True).start()
        return self.base_url

    def close(self) -> None:
        """Stop listening; answers being sent break off."""
        self._closing.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def __enter__(self) -> "ScriptedServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def pause(self, seconds: float) -> None:
        """Wait, or until the server closes."""
        if seconds > 0 and self._closing.wait(seconds):
            raise BrokenPipeError("the scripted server closes")

    def count_stream(self, step: int) -> None:
        """One more (1) or one less (-1) answer is being sent."""
        with self._lock:
            self.streaming += step

    def count_stopped(self) -> None:
        """A client left before its answer ended."""
        with self._lock:
            self.stopped += 1


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    owner: ScriptedServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            models = [{"id": MODEL_NAME, "object": "model", "created": 0, "owned_by": "everword"}]
            self._json(200, {"object": "list", "data": models})
        elif self.path == "/health":
            self._json(200, {"status": "ok"})
        else:
            self._json(404, {"error": {"message": "Not found", "type": "invalid_request_error", "code": None}})

    def do_POST(self) -> None:
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        except (ValueError, OSError):  # a client that died in the middle of its request
            self.close_connection = True
            return
        key = self.owner.api_key
        if key is not None and self.headers.get("Authorization") != f"Bearer {key}":
            self._json(401, {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}})
            return
        self.owner.requests.append(body)
        answer = self.owner.script.answer(body.get("messages", []))
        self.owner.count_stream(1)
        try:
            self._answer(body, answer)
        except _DROP_ERRORS:
            self.owner.count_stopped()
            self.close_connection = True
        finally:
            self.owner.count_stream(-1)

    def _answer(self, body: Mapping[str, Any], answer: Answer | Failure) -> None:
        if isinstance(answer, Failure):
            headers = {} if answer.retry_after_s is None else {"Retry-After": str(answer.retry_after_s)}
            self._json(answer.status, {"error": dict(answer.error)}, headers)
            return
        calls = _calls(body, answer.text)
        if calls:
            self._call_tools(body, answer, calls)
            return
        tokens = _TOKEN.findall(answer.text)
        limit = body.get("max_completion_tokens") or body.get("max_tokens")
        kept, finish = (tokens[:limit], "length") if limit and len(tokens) > limit else (tokens, "stop")
        self.owner.pause(answer.wait_s)
        if body.get("stream"):
            self._stream(body, answer, kept, finish)
        else:
            self._whole(body, answer, kept, finish)

    def _call_tools(self, body: Mapping[str, Any], answer: Answer, calls: Sequence[dict[str, Any]]) -> None:
        self.owner.pause(answer.wait_s)
        if not body.get("stream"):
            message = {"role": "assistant", "content": None, "tool_calls": calls}
            choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
            self._json(200, {**_frame("chat.completion"), "choices": [choice], "usage": _usage(body, ["call"])})
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        frame = _frame("chat.completion.chunk")
        numbered = [{"index": at, **call} for at, call in enumerate(calls)]
        self._chunk(frame, {"role": "assistant", "content": None, "tool_calls": numbered}, None)
        self._chunk(frame, {}, "tool_calls")
        if (body.get("stream_options") or {}).get("include_usage"):
            self._event(json.dumps({**frame, "choices": [], "usage": _usage(body, ["call"])}))
        self._event("[DONE]")

    def _whole(self, body: Mapping[str, Any], answer: Answer, tokens: Sequence[str], finish: str) -> None:
        self.owner.pause(self._delay(answer) * len(tokens))
        message = {"role": "assistant", "content": "".join(tokens)}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        self._json(200, {**_frame("chat.completion"), "choices": [choice], "usage": _usage(body, tokens)})

    def _stream(self, body: Mapping[str, Any], answer: Answer, tokens: Sequence[str], finish: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        frame = _frame("chat.completion.chunk")
        self._chunk(frame, {"role": "assistant", "content": ""}, None)
        for number, token in enumerate(tokens):
            if number == answer.drop_after:
                return
            self.owner.pause(self._delay(answer))
            self._chunk(frame, {"content": token}, None)
        self._chunk(frame, {}, finish)
        if (body.get("stream_options") or {}).get("include_usage"):
            self._event(json.dumps({**frame, "choices": [], "usage": _usage(body, tokens)}))
        self._event("[DONE]")

    def _delay(self, answer: Answer) -> float:
        return self.owner.token_delay_s if answer.token_delay_s is None else answer.token_delay_s

    def _chunk(self, frame: Mapping[str, Any], delta: Mapping[str, Any], finish: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self._event(json.dumps({**frame, "choices": [choice]}))

    def _event(self, payload: str) -> None:
        self.wfile.write(f"data: {payload}\n\n".encode())
        self.wfile.flush()

    def _json(self, status: int, payload: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        encoded = json.dumps(payload).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, format: str, *args: object) -> None:
        """Silence: requests are in `ScriptedServer.requests`."""


def _calls(body: Mapping[str, Any], text: str) -> list[dict[str, Any]]:
    """An answer {"tool": ..., "arguments": {...}} is a tool call to who offers that tool in the protocol's own way."""
    offered = {tool.get("function", {}).get("name") for tool in body.get("tools") or ()}
    try:
        told = json.loads(text)
    except ValueError:
        return []
    if not isinstance(told, dict) or told.get("tool") not in offered:
        return []
    function = {"name": told["tool"], "arguments": json.dumps(told.get("arguments") or {})}
    return [{"id": f"call_{new_id()}", "type": "function", "function": function}]


def _frame(kind: str) -> dict[str, Any]:
    created = int(clock.now().timestamp())
    return {"id": f"chatcmpl-{new_id()}", "object": kind, "created": created, "model": MODEL_NAME}


def _usage(body: Mapping[str, Any], tokens: Sequence[str]) -> dict[str, int]:
    prompt = sum(len(text_of(message).split()) for message in body.get("messages", []))
    return {"prompt_tokens": prompt, "completion_tokens": len(tokens), "total_tokens": prompt + len(tokens)}


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A scripted model behind an OpenAI-compatible server on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token-delay-ms", type=float, default=20.0)
    parser.add_argument("--script", type=Path, help='JSON: [{"pattern": "...", "answer": "..."}]')
    options = parser.parse_args()
    server = ScriptedServer(Script.load(options.script) if options.script else None, options.token_delay_ms / 1000)
    print(server.start(options.port), flush=True)  # noqa: T201 (a command's output)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        server.close()


if __name__ == "__main__":
    main()
