"""Serves the built browser UI: hashed assets for ever, the page itself never unasked from a cache.

The content security policy and its companions are set for every response by whoever serves this application.
"""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from everword.core.errors import UnknownAddress

DIST = Path(__file__).parent / "dist"

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"

# The registry of the machine (mimetypes) differs from one system to the next; these are all the kinds we build.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))

_NO_SCREENS = {"health", "healthz", "healthcheck"}
"""Where others answer monitors: a page with a 200 would tell them that all is well."""

NOT_BUILT = (
    "The browser UI has not been built. Run `make ui` in a clone of the project, or install the package, which has it."
)


class BrowserUi:
    """An ASGI application for every address that is not the API's.

    The files are listed, anew whenever the UI was built anew: a request can only name one of them, so no path leads
    out of the folder. Any other address without a suffix is a screen of the UI and gets the page; one with a suffix
    is a 404.
    """

    def __init__(self, dist: Path = DIST) -> None:
        self._dist = dist
        self._built_at: int | None = None
        self._files: dict[str, Path] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise HTTPException(status_code=404)
        if scope["path"].split("/")[1] in _NO_SCREENS:
            raise UnknownAddress(path=scope["path"][:200])
        response = self.response_to(scope["method"], scope["path"], Headers(scope=scope))
        await response(scope, receive, send)

    def response_to(self, method: str, path: str, headers: Headers) -> Response:
        """The response for one address; 503 with the remedy where nothing was built."""
        if method not in {"GET", "HEAD"}:
            return PlainTextResponse("Only GET is answered here.", status_code=405, headers={"Allow": "GET, HEAD"})
        self._list_if_rebuilt()
        if "/index.html" not in self._files:
            return PlainTextResponse(NOT_BUILT, status_code=503, headers={"Cache-Control": ASK_AGAIN})
        name = path if path in self._files else "/index.html"
        if name != path and "." in path.rpartition("/")[2]:
            return PlainTextResponse("There is no such file.", status_code=404, headers={"Cache-Control": ASK_AGAIN})
        return self._file_response(name, headers.get("accept-encoding", ""))

    def _list_if_rebuilt(self) -> None:
        try:
            built_at = (self._dist / "index.html").stat().st_mtime_ns
        except FileNotFoundError:
            built_at = None
        if built_at != self._built_at:
            self._files, self._built_at = _files_in(self._dist), built_at

    def _file_response(self, name: str, accepted: str) -> FileResponse:
        response_headers = {"Cache-Control": FOR_EVER if name.startswith("/assets/") else ASK_AGAIN}
        path = self._files[name]
        wanted = {part.split(";")[0].strip() for part in accepted.split(",")}
        for encoding, suffix in ENCODINGS:
            if f"{name}{suffix}" in self._files:
                response_headers["Vary"] = "Accept-Encoding"
                if encoding in wanted:
                    response_headers["Content-Encoding"] = encoding
                    path = self._files[f"{name}{suffix}"]
                    break
        return FileResponse(path, headers=response_headers, media_type=MEDIA_TYPES.get(Path(name).suffix))


def _files_in(dist: Path) -> dict[str, Path]:
    """Every file under `dist` by the address it is served at."""
    if not dist.is_dir():
        return {}
    return {f"/{path.relative_to(dist).as_posix()}": path for path in dist.rglob("*") if path.is_file()}
