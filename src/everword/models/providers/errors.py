"""Foreign errors become ours, in one place: whatever goes wrong in a call, a person gets a sentence and a next step."""

import json
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from everword.core.errors import EverwordError
from everword.core.wording import counted
from everword.models.errors import (
    AnswerBroken,
    ContentRefused,
    ContextFull,
    ModelError,
    ModelGone,
    ModelTimeout,
    ModelUnreachable,
    NoCredit,
    NotPermitted,
    ProviderOverloaded,
    RateLimited,
    RequestRejected,
    WrongKey,
)
from everword.models.types import ProviderKind, Target

if TYPE_CHECKING:
    import httpx2

_CONTEXT = re.compile(
    r"context.{0,20}(length|window|size|exceed)|prompt is too long|too many (input )?tokens|input token count.*exceed"
    r"|exceeds? the (available|maximum) context|maximum context",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"insufficient_quota|credit balance|exceeded your current quota|billing|out of credit", re.IGNORECASE
)
_KEY = re.compile(r"api[_ ]key.{0,20}(invalid|not valid|incorrect)|(invalid|incorrect).{0,10}api[_ ]key", re.IGNORECASE)
_REFUSED = re.compile(
    r"content_policy|content_filter|safety system|usage polic|moderation|PROHIBITED_CONTENT", re.IGNORECASE
)


def our_error(error: Exception, target: Target, *, was_answering: bool = False) -> Exception:
    """The error of ours for what a call to `target` raised; ours stay as they are, and so do faults of our own code.

    `was_answering` says that part of the answer had come.
    """
    if isinstance(error, EverwordError):
        return error
    import httpx
    import httpx2
    from pydantic_ai import exceptions

    match error:
        case exceptions.ModelHTTPError():
            return from_status(error.status_code, error.body, target, retry_after_s=error.retry_after)
        case exceptions.ModelTimeoutError() | exceptions.ModelRequestTimeout() | httpx.TimeoutException():
            return ModelTimeout(model=target.model)
        case httpx2.TransportError():
            return from_transport(error, target, was_answering=was_answering)
        case exceptions.ModelConnectionError() | httpx.TransportError():
            return AnswerBroken(provider=_title(target)) if was_answering else unreachable(target)
        case exceptions.ContentFilterError():
            return ContentRefused(provider=_title(target))
        case exceptions.ModelAPIError():
            return _from_category(error, target, was_answering=was_answering)
        case exceptions.UnexpectedModelBehavior():
            return AnswerBroken(provider=_title(target))
        case _:
            return error


def from_status(status: int, body: object, target: Target, retry_after_s: float | None = None) -> ModelError:
    """The error for an HTTP status and the error body that came with it."""
    said = body if isinstance(body, str) else json.dumps(body, default=str)
    provider, model = _title(target), target.model
    if (status in (400, 403, 413, 422) and _CONTEXT.search(said)) or status == 413:
        return ContextFull(model=model)
    is_rate = status == 429 and retry_after_s is not None and "insufficient_quota" not in said
    if status == 402 or (status in (400, 403, 429) and _CREDIT.search(said) and not is_rate):
        return NoCredit(provider=provider)
    if status == 401 or (status in (400, 403) and _KEY.search(said)):
        return WrongKey(provider=provider)
    if status in (400, 403, 422) and _REFUSED.search(said):
        return ContentRefused(provider=provider)
    if status == 403:
        return NotPermitted(provider=provider, model=model)
    if status == 404:
        return ModelGone(provider=provider, model=model)
    if status == 429:
        return _rate_limited(provider, retry_after_s)
    if status in (408, 504):
        return ModelTimeout(model=model)
    if status >= 500:
        return ProviderOverloaded(provider=provider, http_status=status)
    return RequestRejected(provider=provider, why=message_of(body) or f"HTTP {status}")


def message_of(body: object) -> str | None:
    """The words in an error body of any of the protocols, cut to a line."""
    found: Any = body
    if isinstance(found, list) and found:
        found = found[0]
    if isinstance(found, Mapping):
        found = found.get("error", found)
    if isinstance(found, Mapping):
        found = found.get("message")
    return " ".join(found.split())[:300].rstrip(".") if isinstance(found, str) and found.strip() else None


def _from_category(error: Any, target: Target, *, was_answering: bool) -> ModelError:
    """An error that came inside a stream, without a status of its own."""
    from pydantic_ai import exceptions

    provider = _title(target)
    match error:
        case exceptions.ModelRateLimitError():
            return _rate_limited(provider, error.retry_after)
        case exceptions.ModelQuotaExceededError():
            return NoCredit(provider=provider)
        case exceptions.ModelContextWindowExceededError():
            return ContextFull(model=target.model)
        case exceptions.ModelAuthenticationError():
            return WrongKey(provider=provider)
        case exceptions.ModelNotFoundError():
            return ModelGone(provider=provider, model=target.model)
        case exceptions.ModelUnavailableError() | exceptions.ModelServerError():
            return ProviderOverloaded(provider=provider, http_status=503)
        case exceptions.ModelRequestRejectedError():
            return from_status(400, error.body or str(error), target)
        case _:
            if was_answering:
                return AnswerBroken(provider=provider)
            return RequestRejected(provider=provider, why=message_of(error.body) or str(error)[:200])


def _rate_limited(provider: str, retry_after_s: float | None) -> RateLimited:
    if retry_after_s is None:
        return RateLimited(provider=provider, when="in a minute")
    seconds = max(1, math.ceil(retry_after_s))
    return RateLimited(provider=provider, when=f"in {counted(seconds, 'second')}", retry_after_s=seconds)


def from_transport(error: "httpx2.TransportError", target: Target, *, was_answering: bool = False) -> ModelError:
    """The error for a connection that failed, timed out or broke."""
    import httpx2

    if isinstance(error, httpx2.TimeoutException):
        return ModelTimeout(model=target.model)
    return AnswerBroken(provider=_title(target)) if was_answering else unreachable(target)


def unreachable(target: Target) -> ModelUnreachable:
    """Nothing answers at the target's address."""
    return ModelUnreachable(provider=_title(target), address=urlsplit(target.base_url).netloc.rpartition("@")[2])


def _title(target: Target) -> str:
    """What to call the provider in a sentence; the name the owner gave where there is one."""
    return target.provider if target.kind is ProviderKind.OPENAI_COMPATIBLE else target.kind.vendor
