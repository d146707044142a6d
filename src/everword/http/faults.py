"""Every error as a response: ours as it is, malformed input as ours, the unexpected recorded."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from everword.core.errors import EverwordError, Invalid, NotFound
from everword.http.errors import error_response
from everword.http.malformed import place, sentence

_log = logging.getLogger(__name__)
_MOST_TOLD = 20  # of what is wrong with one request


def install(app: FastAPI) -> None:
    """Answer every error of the API in one shape: `{"error": {"code", "message", ...}}`."""
    app.add_exception_handler(EverwordError, _ours)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, EverwordError)  # noqa: S101 (registered for it)
    return error_response(error)


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    """Bad input, named by where it is: the first, and where there are more, each in `fields`. It is not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for it)
    first, *others = error.errors()[:_MOST_TOLD]
    if first["loc"][:1] == ("path",):  # an address that nothing can have
        return error_response(NotFound(what=place(first).removesuffix("_id").replace("_", " ")))
    more = {"fields": {place(each): sentence(each) for each in (first, *others)}} if others else {}
    return error_response(Invalid(why=sentence(first), field=place(first), **more))


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for it)
    body = {"error": {"code": "http_error", "message": f"{error.detail}."}}
    return JSONResponse(body, status_code=error.status_code, headers=dict(error.headers or {}))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    """A mistake of ours: recorded with its traceback, without what was sent."""
    _log.error("%s %s failed.", request.method, request.url.path, exc_info=error)
    return error_response(EverwordError())
