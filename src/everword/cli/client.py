"""How commands reach Everword: the running server, found by its control file, or one opened for this command."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from everword.core.errors import EverwordError
from everword.http.control import RunningServer, find_server
from everword.settings.environment import Settings

if TYPE_CHECKING:
    import httpx

_CONNECT_S = 2.0
_ANSWER_S = 120.0


class ServerBusy(EverwordError):
    """The running Everword (process {pid}) does not answer. Wait a little, or stop it and try again."""

    code = "server_busy"
    status = 503


class Refused(EverwordError):
    """{message}"""

    code = "refused"
    status = 400


class Client:
    """A command's connection to Everword: acts as the owner, or as the person named."""

    def __init__(self, http: "httpx.Client", address: str, *, is_running: bool) -> None:
        self.http = http
        """For what streams: `client.http.stream("POST", "/api/imports", content=...)`."""
        self.address = address
        """What to open in a browser."""
        self.is_running = is_running
        """Whether this is a server that goes on after the command."""

    def call(self, method: str, path: str, json: Any = None, **query: Any) -> Any:
        """Send a request and return its JSON (None without any). Raises Refused with the server's sentence."""
        given = {name: value for name, value in query.items() if value is not None}
        response = self.http.request(method, path, json=json, params=given)
        check(response)
        return response.json() if response.content else None


@contextmanager
def connect(settings: Settings, *, person: str | None = None, with_workers: bool = False) -> Iterator[Client]:
    """A client of the running server; where none runs, of one that is opened for this block.

    `with_workers`: the command needs answers or indexes, not only rows. Raises ServerBusy, FolderInUse and the like.
    """
    server = find_server(settings.home)
    if server is not None and _answers(server):
        with _http(server, person) as http:
            port = server.address.rpartition(":")[2]
            yield Client(http, settings.public_url or f"http://localhost:{port}", is_running=True)
        return
    from everword.bootstrap.short_lived import short_lived_server

    with short_lived_server(settings, with_workers=with_workers) as opened, _http(opened, person) as http:
        yield Client(http, settings.public_url or f"http://localhost:{settings.port}", is_running=False)


def check(response: "httpx.Response") -> None:
    """Raise Refused with the server's sentence, where it refused."""
    if response.is_success:
        return
    response.read()
    try:
        error = response.json()["error"]
        raise Refused(message=error["message"], code=error["code"])
    except (ValueError, KeyError, TypeError) as unreadable:
        raise Refused(message=f"Everword answered {response.status_code}.", code="http_error") from unreadable


def _http(server: RunningServer, person: str | None) -> "httpx.Client":
    import httpx

    headers = {"Authorization": f"Bearer {server.token}"}
    if person:
        headers["X-Everword-Person"] = quote(person)
    timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
    return httpx.Client(base_url=server.address, headers=headers, timeout=timeout, trust_env=False)


def _answers(server: RunningServer) -> bool:
    """Whether a server is there; a file left by one that was killed is passed over. Raises ServerBusy."""
    import httpx

    try:
        with httpx.Client(trust_env=False, timeout=httpx.Timeout(10.0, connect=_CONNECT_S)) as http:
            return bool(http.get(f"{server.address}/api/health").is_success)
    except httpx.TimeoutException as error:
        raise ServerBusy(pid=server.pid) from error
    except httpx.HTTPError:
        return False
