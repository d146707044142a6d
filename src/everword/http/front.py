"""What every request passes first: who really asks, under which name, from which page; and headers on every answer."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from everword.core.errors import EverwordError
from everword.http.errors import error_response
from everword.http.exposure import Exposure, host_name, is_loopback

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PEER = "everword.peer_is_local"
"""Key in the scope: whether the request came from this machine and through no proxy."""

_FORWARDING = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), "
    "midi=(), display-capture=(), browsing-topics=()",
}
PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"


class HostRefused(EverwordError):
    """Everword does not answer to the name {host}. Open http://localhost:8321, or set EVERWORD_PUBLIC_URL to the
    address you use.
    """

    code = "host_refused"
    status = 421


class NotThroughProxy(EverwordError):
    """Other machines reach Everword only through its proxy, over https. Open {public_url}"""

    code = "not_through_proxy"
    status = 403


class ForeignPage(EverwordError):
    """The request came from another site's page, which may not act here. Open Everword in its own tab and try again."""

    code = "foreign_page"
    status = 403


class Front:
    """Decides, before anything is read or looked up, whether a request is answered at all; and sets the headers."""

    def __init__(self, app: ASGIApp, exposure: Exposure) -> None:
        self.app = app
        self.exposure = exposure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; everything but HTTP and the server's own start and stop is closed."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        via_proxy = self._unwrap_proxy(scope, headers)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(scope, message)
            await send(message)

        refusal = self._refusal(scope, headers, via_proxy=via_proxy)
        if refusal is not None:
            await error_response(refusal)(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)

    def _unwrap_proxy(self, scope: Scope, headers: Headers) -> bool:
        """Take the client's address and scheme from a trusted proxy, and from nobody else. Whether there was one."""
        peer = scope["client"][0] if scope.get("client") else ""
        own = scope["server"][0] if scope.get("server") else None
        is_forwarded = any(name in headers for name in _FORWARDING)
        scope[PEER] = (is_loopback(peer) or peer == own) and not is_forwarded
        if not self.exposure.trusts(peer) or (is_loopback(peer) and not is_forwarded):
            return False
        hops = [hop.strip() for value in headers.getlist("x-forwarded-for") for hop in value.split(",") if hop.strip()]
        client = next((hop for hop in reversed(hops) if not self.exposure.trusts(hop)), peer)
        schemes = [scheme.strip() for value in headers.getlist("x-forwarded-proto") for scheme in value.split(",")]
        scope["client"] = (client, 0)
        scope["scheme"] = "https" if (schemes[-1] if schemes else self.exposure.public_scheme) == "https" else "http"
        return True

    def _refusal(self, scope: Scope, headers: Headers, *, via_proxy: bool) -> EverwordError | None:
        hosts = headers.getlist("host")
        host = hosts[0] if len(hosts) == 1 else ""
        if not self.exposure.allows_host(host):
            return HostRefused(host=host[:200])
        is_through = via_proxy or scope[PEER] or self.exposure.is_local
        is_clear = host_name(host) == self.exposure.public_host and scope["scheme"] != self.exposure.public_scheme
        if not is_through or (via_proxy and is_clear):
            return NotThroughProxy(public_url=self.exposure.public_url or "")
        if _is_from_elsewhere(scope, headers, host):
            return ForeignPage()
        return None


def _is_from_elsewhere(scope: Scope, headers: Headers, host: str) -> bool:
    """Whether a browser says that another site's page made the request.

    `Origin` decides on methods that change something. `Sec-Fetch-Site` keeps other sites, and other ports of this host,
    from reading the APIs too. A client that is no browser sends neither, and needs a key.
    """
    if scope["method"] not in SAFE_METHODS:
        origin = headers.get("origin")
        if origin is not None:
            return origin.lower() != origin_of(scope["scheme"], host)
    site = headers.get("sec-fetch-site")
    if site in {None, "same-origin", "none"}:
        return False
    return is_api(scope["path"]) or scope["method"] not in SAFE_METHODS


def origin_of(scheme: str, host: str) -> str:
    """The origin a browser names for a page at `scheme://host`; a default port is left out."""
    return f"{scheme}://{host.lower()}".removesuffix(":443" if scheme == "https" else ":80")


HOOKS = "/hooks/"


def is_api(path: str) -> bool:
    """Whether a path belongs to one of the APIs rather than to the browser UI."""
    return path in {"/api", "/v1", "/mcp"} or path.startswith(("/api/", "/v1/", "/mcp/", HOOKS))


def _add_headers(scope: Scope, message: Message) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _EVERYWHERE.items():
        headers.setdefault(name, value)
    if scope["scheme"] == "https":
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if is_api(scope["path"]):
        headers.setdefault("Content-Security-Policy", API_POLICY)
        headers.setdefault("Cache-Control", "no-store")
    else:
        headers.setdefault("Content-Security-Policy", PAGE_POLICY)
