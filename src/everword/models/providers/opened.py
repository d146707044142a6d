"""The responses that a call opened: leaving the call closes them at once, where an SDK leaves that to the collector."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

_opened: ContextVar["list[httpx2.Response] | None"] = ContextVar("opened", default=None)


async def remember(response: "httpx2.Response") -> None:
    """A response hook for HTTP clients: notes the response with the call that is under way in this task."""
    opened = _opened.get()
    if opened is not None:
        opened.append(response)


@asynccontextmanager
async def closing_what_is_opened() -> AsyncIterator[None]:
    """Close, on leaving, every response that this task opened inside through a client with `remember`."""
    opened: list[httpx2.Response] = []
    _opened.set(opened)
    try:
        yield
    finally:
        for response in opened:
            await response.aclose()
