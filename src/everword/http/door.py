"""The door's routes: health, the session, signing in and out, setting up, the password."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, SecretStr

from everword.accounts import passkeys, people, sessions
from everword.accounts.digests import csrf_token
from everword.accounts.errors import NotSignedIn
from everword.accounts.types import Credential, Means, NewSession, SessionId
from everword.core.errors import Invalid
from everword.core.types import Principal
from everword.http import keys, terminal
from everword.http import passkeys as passkey_routes
from everword.http import sessions as session_routes
from everword.http.admission import PersonShape, SessionShape, admit, client_address, set_cookie, site, user_agent
from everword.http.errors import error_response
from everword.http.security import CREDENTIAL, cookie_name, person_present, principal, session_secret
from everword.http.services import Services, services_of

__all__ = ["principal", "router"]

router = APIRouter(prefix="/api", tags=["door"])
for part in (session_routes, keys, passkey_routes, terminal):
    router.include_router(part.router)

House = Annotated[Services, Depends(services_of)]
Present = Annotated[Credential, Depends(person_present)]
Password = Annotated[SecretStr, Field(max_length=1024)]
Token = Annotated[SecretStr, Field(min_length=1, max_length=200)]
Name = Annotated[str, Field(max_length=200)]


class HealthShape(BaseModel):
    """That the server answers."""

    status: str
    version: str


class Login(BaseModel):
    """A password; with whose it is, where several people live here."""

    password: Password
    person: Name | None = None


class Setup(BaseModel):
    """The owner-to-be, with the secret of the link from the terminal."""

    token: Token
    name: Name
    password: Password
    time_zone: Annotated[str, Field(max_length=64)] | None = None


class Reset(BaseModel):
    """A new password, with the secret of the link from the terminal."""

    token: Token
    password: Password


class PasswordChange(BaseModel):
    """The password of now, and the next."""

    current: Password
    new: Password


@router.get("/health")
async def health(request: Request) -> HealthShape:
    """That the server answers."""
    return HealthShape(status="ok", version=request.app.version)


@router.get("/session", response_model=SessionShape, responses={401: {"description": "Not signed in"}})
def session(request: Request, response: Response, house: House) -> SessionShape | JSONResponse:
    """Who is signed in. Without a session: 401, with whether Everword needs its owner and knows passkeys."""
    found: Credential | None = request.scope.get(CREDENTIAL)
    if found is None or not found.principal.person_id:
        hints = {
            "needs_setup": not people.is_set_up(house.database),
            "passkeys_available": passkeys.are_there(house.database, site(request)),
        }
        return error_response(NotSignedIn(), **hints)
    token = None
    if found.means is Means.SESSION:
        secret = session_secret(request.scope)
        token = csrf_token(secret)
        set_cookie(request, response, secret)  # lasts as long as the session, which use prolongs
    return SessionShape(
        person=PersonShape(id=found.principal.person_id, name=found.name),
        csrf_token=token,
        passkeys_possible=site(request).allows_passkeys,
    )


@router.post("/login")
async def login(request: Request, response: Response, house: House, given: Login) -> SessionShape:
    """Sign in with the password. 401 when it is wrong; 429 with Retry-After after too many attempts."""

    def sign_in() -> NewSession:
        address, agent = client_address(request), user_agent(request)
        password = given.password.get_secret_value()
        return sessions.sign_in(house.database, house.door.throttle, address, given.person, password, agent)

    return admit(request, response, await to_thread.run_sync(sign_in, limiter=house.door.hashing))


@router.post("/setup")
async def set_up(request: Request, response: Response, house: House, given: Setup) -> SessionShape:
    """Make the owner, once, with the link from the terminal, and sign them in."""

    def make_owner() -> NewSession:
        token, password = given.token.get_secret_value(), given.password.get_secret_value()
        made = people.set_up(house.database, token, given.name, password, user_agent(request))
        remember_time_zone(house, people.principal_for(house.database, made.person.id), given.time_zone)
        return made

    return admit(request, response, await to_thread.run_sync(make_owner, limiter=house.door.hashing))


@router.post("/reset-password")
async def reset_password(request: Request, response: Response, house: House, given: Reset) -> SessionShape:
    """Choose a new password with the link from the terminal. Ends every session and begins a new one."""

    def reset() -> NewSession:
        token, password = given.token.get_secret_value(), given.password.get_secret_value()
        return sessions.reset_password(house.database, token, password, user_agent(request))

    return admit(request, response, await to_thread.run_sync(reset, limiter=house.door.hashing))


@router.put("/password", status_code=204)
async def change_password(request: Request, house: House, who: Present, given: PasswordChange) -> None:
    """Change the password. Ends the person's other sessions."""

    def change() -> None:
        keep = SessionId(who.id) if who.means is Means.SESSION else None
        current, new = given.current.get_secret_value(), given.new.get_secret_value()
        address = client_address(request)
        sessions.change_password(house.database, house.door.throttle, address, who.principal, current, new, keep)

    await to_thread.run_sync(change, limiter=house.door.hashing)


@router.post("/logout", status_code=204)
def logout(request: Request, response: Response, house: House, who: Present) -> None:
    """End this session."""
    if who.means is Means.SESSION:
        sessions.end(house.database, who.principal, SessionId(who.id))
    secure = request.scope["scheme"] == "https"
    response.delete_cookie(cookie_name(request.scope["scheme"]), path="/", secure=secure, httponly=True)


def remember_time_zone(house: Services, who: Principal, time_zone: str | None) -> None:
    """Keep the browser's time zone; one that nobody knows is no reason to fail a set-up."""
    if time_zone is None:
        return
    try:
        house.preferences.write(who, {"time_zone": time_zone})
    except Invalid:
        return
