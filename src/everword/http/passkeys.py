"""Passkeys: make, list and remove one; sign in with one."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from everword.accounts import passkeys
from everword.accounts.types import Credential, Passkey, PasskeyId
from everword.http.admission import SessionShape, admit, client_address, site, user_agent
from everword.http.identifiers import Identifier
from everword.http.security import person_present
from everword.http.services import Services, services_of

router = APIRouter()

House = Annotated[Services, Depends(services_of)]
Present = Annotated[Credential, Depends(person_present)]


class PasskeyShape(BaseModel):
    """A passkey; it works on the host name it was made on."""

    id: str
    name: str
    host: str
    works_here: bool
    created_at: datetime
    last_used_at: datetime | None

    @staticmethod
    def of(passkey: Passkey, host: str) -> "PasskeyShape":
        return PasskeyShape(
            id=passkey.id,
            name=passkey.name,
            host=passkey.rp_id,
            works_here=passkey.rp_id == host,
            created_at=passkey.created_at,
            last_used_at=passkey.last_used_at,
        )


class PasskeysShape(BaseModel):
    """The person's passkeys, newest first."""

    passkeys: list[PasskeyShape]


class NewPasskey(BaseModel):
    """What `navigator.credentials.create()` gave, as its `toJSON()` writes it; and a name to know it by."""

    credential: dict[str, Any]
    name: Annotated[str, Field(max_length=200)]


class PasskeyLogin(BaseModel):
    """What `navigator.credentials.get()` gave, as its `toJSON()` writes it."""

    credential: dict[str, Any]


@router.get("/passkeys")
def list_passkeys(request: Request, house: House, who: Present) -> PasskeysShape:
    """The person's passkeys."""
    found = passkeys.list_passkeys(house.database, who.principal)
    return PasskeysShape(passkeys=[PasskeyShape.of(each, site(request).host) for each in found])


@router.post("/passkeys/registration")
def registration(request: Request, house: House, who: Present) -> dict[str, Any]:
    """Options for `navigator.credentials.create()`, good for five minutes. 422 on an IP address."""
    return passkeys.registration_options(house.database, who.principal, who.name, site(request))


@router.post("/passkeys", status_code=201)
def register(request: Request, house: House, who: Present, given: NewPasskey) -> PasskeyShape:
    """Keep the passkey that the browser made."""
    made = passkeys.register(house.database, who.principal, site(request), given.credential, given.name)
    return PasskeyShape.of(made, site(request).host)


@router.delete("/passkeys/{passkey_id}", status_code=204)
def remove(house: House, who: Present, passkey_id: Identifier) -> None:
    """Remove a passkey."""
    passkeys.remove(house.database, who.principal, PasskeyId(passkey_id))


@router.post("/passkeys/login/options")
def login_options(request: Request, house: House) -> dict[str, Any]:
    """Options for `navigator.credentials.get()`, good for five minutes. 422 on an IP address."""
    house.door.challenges.admit(client_address(request))
    return passkeys.login_options(house.database, site(request))


@router.post("/passkeys/login")
def login(request: Request, response: Response, house: House, given: PasskeyLogin) -> SessionShape:
    """Sign in with a passkey."""
    house.door.challenges.admit(client_address(request))
    return admit(
        request, response, passkeys.sign_in(house.database, site(request), given.credential, user_agent(request))
    )
