"""How much a request may bring, decided before any of it is parsed."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from everword.core.errors import TooLarge
from everword.http.errors import error_response
from everword.http.front import HOOKS

MIB = 1024 * 1024
DEFAULT_LIMIT = 1 * MIB
LIMITS: Mapping[str, int] = {
    "/api/attachments": 20 * MIB,
    "/api/imports": 16 * 1024 * MIB,
    "/api/incognito": 8 * MIB,  # all that was said so far
    "/v1/chat/completions": 32 * MIB,  # images travel inside
}
"""Bytes, by exact path; every other path has the default."""
HOOK_LIMIT = 256 * 1024


class BodyLimit:
    """Refuses a body that says it is too long, and cuts off one that turns out to be."""

    def __init__(self, app: ASGIApp, default: int = DEFAULT_LIMIT, limits: Mapping[str, int] = LIMITS) -> None:
        self.app = app
        self.default = default
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = HOOK_LIMIT if scope["path"].startswith(HOOKS) else self.limits.get(scope["path"], self.default)
        error = TooLarge(what="The request", limit=_in_words(limit))
        refusal = error_response(error)
        refusal.headers["Connection"] = "close"
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            await refusal(scope, receive, send)
            return
        body = _Counted(receive, send, limit)
        try:
            await self.app(scope, body.receive, body.send)
        except ClientDisconnect:
            if not body.is_cut_off:
                raise
        if body.is_cut_off and not body.has_answered:
            await refusal(scope, receive, send)


class _Counted:
    """A request's two channels while its body is counted. Once it is too long the application sees a lost connection,
    and what it answers to that is dropped.
    """

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self.is_cut_off = False
        self.has_answered = False

    async def receive(self) -> Message:
        if self.is_cut_off:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.is_cut_off = True
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        if self.is_cut_off and not self.has_answered:
            return
        self.has_answered = True
        await self._send(message)


def _in_words(size: int) -> str:
    if size < MIB:
        return f"{size // 1024} KiB"
    return f"{size // (1024 * MIB)} GiB" if size >= 1024 * MIB else f"{size // MIB} MiB"
