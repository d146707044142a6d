"""Errors as they go over the wire: one shape, its status, and `Retry-After` where waiting helps."""

import math
from typing import Any

from starlette.responses import JSONResponse

from everword.core.errors import EverwordError


def error_body(error: EverwordError, **beside: Any) -> dict[str, Any]:
    """`{"error": {"code", "message", ...values}}`, with `beside` next to it."""
    values = {name: _plain(value) for name, value in error.values.items() if name not in {"code", "message"}}
    return {"error": {"code": error.code, "message": error.message, **values}, **beside}


def error_response(error: EverwordError, **beside: Any) -> JSONResponse:
    """The response for an error of ours."""
    headers = {}
    wait_s = error.values.get("retry_after_s")
    if isinstance(wait_s, int | float):
        headers["Retry-After"] = str(max(1, math.ceil(wait_s)))
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(error_body(error, **beside), error.status, headers)


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | dict | None) else str(value)
