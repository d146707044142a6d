"""Letting a person in: the session's shape and cookie, and what a request says about the browser it came from."""

from fastapi import Request, Response
from pydantic import BaseModel

from everword.accounts import sessions
from everword.accounts.digests import csrf_token
from everword.accounts.passkeys import Site
from everword.accounts.types import NewSession
from everword.http.exposure import host_name
from everword.http.front import origin_of
from everword.http.security import cookie_name


class PersonShape(BaseModel):
    """A person."""

    id: str
    name: str


class SessionShape(BaseModel):
    """Who is signed in. `csrf_token` goes into the header X-CSRF-Token of every request that changes something."""

    person: PersonShape
    csrf_token: str | None
    needs_setup: bool = False
    passkeys_possible: bool


def admit(request: Request, response: Response, made: NewSession) -> SessionShape:
    """Hand a session that has just begun to its browser."""
    set_cookie(request, response, made.secret)
    return SessionShape(
        person=PersonShape(id=made.person.id, name=made.person.name),
        csrf_token=csrf_token(made.secret),
        passkeys_possible=site(request).allows_passkeys,
    )


def set_cookie(request: Request, response: Response, secret: str) -> None:
    """Put the session's secret where no script can read it and no other site can send it from."""
    scheme = request.scope["scheme"]
    response.set_cookie(
        cookie_name(scheme),
        secret,
        max_age=int(sessions.LASTS.total_seconds()),
        path="/",
        secure=scheme == "https",
        httponly=True,
        samesite="strict",
    )


def site(request: Request) -> Site:
    """Where the browser is, as passkeys see it."""
    host = request.headers["host"]
    return Site(origin_of(request.scope["scheme"], host), host_name(host))


def client_address(request: Request) -> str:
    """The address attempts are counted by."""
    return request.client.host if request.client else ""


def user_agent(request: Request) -> str:
    """What the browser calls itself, for the list of sessions."""
    return request.headers.get("user-agent", "")
