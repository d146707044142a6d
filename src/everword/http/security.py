"""The door: nothing is answered without a session, a key or this machine's control token, but for a short list."""

import hmac
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Request
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Asgi

from everword.accounts import keys, people, sessions
from everword.accounts.digests import is_csrf_token
from everword.accounts.errors import NeedsPerson, NotSetUp, NotSignedIn, OutOfScope
from everword.accounts.throttle import SignInThrottle, Throttle
from everword.accounts.types import INSTALLATION_SPACE, Credential, Means, Scope
from everword.core.errors import EverwordError
from everword.core.ids import PersonId, SpaceId, new_secret
from everword.core.types import Principal
from everword.http.body_limit import BodyLimit
from everword.http.errors import error_response
from everword.http.exposure import Exposure
from everword.http.front import HOOKS, PEER, SAFE_METHODS, Front, is_api
from everword.storage.database import Database

CONTROL_PREFIX = "ewc_"
PERSON_HEADER = "x-everword-person"
CREDENTIAL = "everword.credential"
_COOKIE = "everword_session"

PUBLIC = frozenset(
    {
        ("GET", "/api/health"),
        ("GET", "/api/session"),
        ("POST", "/api/login"),
        ("POST", "/api/setup"),
        ("POST", "/api/reset-password"),
        ("POST", "/api/passkeys/login/options"),
        ("POST", "/api/passkeys/login"),
        ("POST", HOOKS + "{trigger_id}"),  # signed
    }
)
"""Every address of the APIs that answers without a credential. Beside the APIs there is only the UI's shell."""

_NOBODY = Principal(PersonId(""), SpaceId(""), frozenset())


class CsrfRefused(EverwordError):
    """The page is out of date: its request lacked this session's token. Load the page again."""

    code = "csrf_refused"
    status = 403


class NeedsOperator(EverwordError):
    """This concerns everybody on this installation. Ask the person who set it up to do it."""

    code = "needs_operator"
    status = 403


@dataclass(slots=True)
class Door:
    """What the door knows: who may come in, how far it can be reached, and how often someone has knocked."""

    database: Database
    exposure: Exposure = field(default_factory=Exposure)
    control_token: str = field(default_factory=lambda: CONTROL_PREFIX + new_secret(), repr=False)
    throttle: SignInThrottle = field(default_factory=SignInThrottle)
    challenges: Throttle = field(default_factory=lambda: Throttle(free=30, first_delay_s=0.1, longest_delay_s=2))
    hashing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(2))
    """Each password that is hashed takes 64 MiB; a crowd of them waits."""
    looking_up: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(8))

    def identify(self, scope: Asgi) -> Credential | None:
        """Who stands behind a request. A bearer token that is there decides alone; otherwise the session's cookie."""
        headers = Headers(scope=scope)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            token = token.strip()
            if token.startswith(CONTROL_PREFIX):
                return self._control(scope, headers, token)
            return keys.authenticate(self.database, token)
        secret = session_secret(scope)
        return sessions.authenticate(self.database, secret) if secret else None

    def is_still_open(self, request: Request) -> bool:
        """Whether the session or key that a long request began with still holds."""
        return self.identify(request.scope) is not None

    def touch(self, credential: Credential) -> None:
        """Note that a session or key is in use, once a minute at most."""
        if credential.means is Means.SESSION:
            sessions.touch(self.database, credential)
        elif credential.means is Means.KEY:
            keys.touch(self.database, credential)

    def _control(self, scope: Asgi, headers: Headers, token: str) -> Credential | None:
        """A command on this machine: it acts as the person it names, or as the only one there is."""
        if not scope[PEER] or not hmac.compare_digest(token.encode(), self.control_token.encode()):
            return None
        name = headers.get(PERSON_HEADER)
        try:
            person = people.person_named(self.database, unquote(name) if name else None)
        except NotSetUp:
            return Credential(_NOBODY, "", Means.CONTROL, "", is_operator=True)
        principal = people.principal_for(self.database, person.id)
        return Credential(principal, person.name, Means.CONTROL, "", is_operator=True)


class Authentication:
    """Lets a request through to the routes only with a credential that opens what it asks for."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Asgi, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not is_api(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            credential = await to_thread.run_sync(self.door.identify, scope, limiter=self.door.looking_up)
            check(scope, credential)
        except EverwordError as error:
            await error_response(error)(scope, receive, send)
            return
        scope[CREDENTIAL] = credential
        await self.app(scope, receive, send)
        if credential is not None:
            await to_thread.run_sync(self.door.touch, credential, limiter=self.door.looking_up)


class ProtectedApp(FastAPI):
    """An application that no request reaches except through the door, errors of its own included."""

    def __init__(self, *, door: Door, **settings: Any) -> None:
        self.door = door
        super().__init__(**settings)

    def build_middleware_stack(self) -> ASGIApp:
        """The routes and their error handling, with the door around all of it."""
        inside = Authentication(super().build_middleware_stack(), self.door)
        return Front(BodyLimit(inside), self.door.exposure)


def check(scope: Asgi, credential: Credential | None) -> None:
    """Raise NotSignedIn, OutOfScope or CsrfRefused unless the credential opens this address of an API."""
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    if (method, _address(scope["path"])) in PUBLIC:
        return
    needed = _needed(scope["path"])
    if credential is None or (Scope.API is not needed[0] and credential.means is Means.SESSION):
        raise NotSignedIn
    if credential.scopes.isdisjoint(needed):
        raise OutOfScope(scope=needed[0])
    if credential.means is Means.SESSION and method not in SAFE_METHODS:
        given = Headers(scope=scope).get("x-csrf-token", "")
        if not is_csrf_token(session_secret(scope), given):
            raise CsrfRefused


def _address(path: str) -> str:
    """A path as `PUBLIC` has it: of a webhook without its id."""
    return HOOKS + "{trigger_id}" if path.startswith(HOOKS) and path.count("/") == 2 else path


def _needed(path: str) -> tuple[Scope, ...]:
    """The scopes any of which opens an address. Those for programs are closed to a browser's session."""
    if path.startswith("/v1"):
        return (Scope.MODELS,)
    if path.startswith("/mcp"):
        return (Scope.RECALL, Scope.REMEMBER, Scope.API)
    return (Scope.API,)


def credential(request: Request) -> Credential:
    """Who stands behind the request. Raises NotSignedIn."""
    found: Credential | None = request.scope.get(CREDENTIAL)
    if found is None:
        raise NotSignedIn
    return found


def principal(request: Request) -> Principal:
    """Who asks, for the rooms below. Raises NotSignedIn, or NotSetUp for a command before there is an owner."""
    found = credential(request).principal
    if not found.person_id:
        raise NotSetUp
    return found


def person_present(request: Request) -> Credential:
    """The credential of a person at a screen or at this machine, for what keys may not do. Raises NeedsPerson."""
    found = credential(request)
    if found.means is Means.KEY:
        raise NeedsPerson
    if not found.principal.person_id:
        raise NotSetUp
    return found


def operator(request: Request) -> Credential:
    """The credential of who runs this installation, or of their key: for what concerns everybody on it.

    Raises NeedsOperator.
    """
    found = credential(request)
    if not is_operator(found):
        raise NeedsOperator
    return found


def is_operator(credential: Credential) -> bool:
    """Whether it is that of who runs this installation, of a key of theirs, or of a command on this machine."""
    return credential.is_operator or INSTALLATION_SPACE in credential.principal.spaces


def cookie_name(scheme: str) -> str:
    """`__Host-` binds the cookie to https, to this host and to no path; browsers refuse it over http."""
    return f"__Host-{_COOKIE}" if scheme == "https" else _COOKIE


def session_secret(scope: Asgi) -> str:
    """The session's secret in the request's cookies; empty without one."""
    cookies = cookie_parser(Headers(scope=scope).get("cookie", ""))
    return cookies.get(cookie_name(scope["scheme"]), "")
