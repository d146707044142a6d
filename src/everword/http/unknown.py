"""Addresses of the APIs that nothing is at: an error, where every other address gets the page."""

from collections.abc import Iterable, Iterator

from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

from everword.core.errors import EverwordError, UnknownAddress
from everword.http import v1
from everword.http.errors import error_response

PREFIXES = ("/api", "/v1")


class WrongMethod(EverwordError):
    """{path} does not answer {method}; ask it with {allowed}."""

    code = "wrong_method"
    status = 405


def routes_beyond(app: FastAPI) -> list[BaseRoute]:
    """Routes for what is left of the APIs' addresses; they go after all others and before the page."""
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    known = tuple(_routes(app.router.routes))

    async def answer(request: Request) -> Response:
        path = request.url.path
        allowed = {
            method
            for route in known
            if route.matches(request.scope)[0] is Match.PARTIAL
            for method in route.methods or ()
        }
        error: EverwordError = UnknownAddress(path=path[:200])
        if allowed:
            error = WrongMethod(path=path[:200], method=request.method, allowed=" or ".join(sorted(allowed - {"HEAD"})))
        response = v1.error_response(error) if path.startswith("/v1") else error_response(error)
        if allowed:
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response

    paths = [*PREFIXES, *(f"{prefix}/{{rest:path}}" for prefix in PREFIXES)]
    return [Route(path, answer, methods=methods, include_in_schema=False) for path in paths]


def _routes(routes: Iterable[BaseRoute]) -> Iterator[Route]:
    """Every route that answers certain methods. FastAPI keeps those of an included router inside of one of its own."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from _routes(included.routes)
        elif isinstance(route, Route):
            yield route
