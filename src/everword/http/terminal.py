"""What a command on this machine may do for whoever holds it: set up, make one-time links, replace a password."""

from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, SecretStr

from everword.accounts import links, people, sessions
from everword.accounts.errors import AlreadySetUp, NotSignedIn
from everword.accounts.types import Credential, Means
from everword.http.admission import PersonShape
from everword.http.security import credential
from everword.http.services import Services, services_of

router = APIRouter(prefix="/control")

House = Annotated[Services, Depends(services_of)]


def at_this_machine(request: Request) -> Credential:
    """The credential of a command on this machine. Raises NotSignedIn for everyone else."""
    found = credential(request)
    if found.means is not Means.CONTROL:
        raise NotSignedIn
    return found


Here = Annotated[Credential, Depends(at_this_machine)]
Password = Annotated[SecretStr, Field(max_length=1024)]
Name = Annotated[str, Field(max_length=200)]


class Owner(BaseModel):
    """The owner-to-be."""

    name: Name
    password: Password


class LinkRequest(BaseModel):
    """What the link is for, and for whom."""

    purpose: Literal["setup", "reset_password"]
    person: Name | None = None


class LinkShape(BaseModel):
    """The part of a link that comes after the address, with its secret; good for an hour."""

    path: str


class NewPassword(BaseModel):
    """A password in place of the one that was lost."""

    password: Password
    person: Name | None = None


@router.post("/setup", status_code=201)
async def set_up(house: House, _here: Here, given: Owner) -> PersonShape:
    """Make the owner without a link."""

    def make() -> PersonShape:
        made = people.set_up_here(house.database, given.name, given.password.get_secret_value())
        return PersonShape(id=made.id, name=made.name)

    return await to_thread.run_sync(make, limiter=house.door.hashing)


@router.post("/links", status_code=201)
def make_link(house: House, _here: Here, given: LinkRequest) -> LinkShape:
    """Make a one-time link; earlier ones of its kind stop working."""
    if given.purpose == "reset_password":
        token = links.new_reset_link(house.database, people.person_named(house.database, given.person))
        return LinkShape(path=f"/reset-password#token={token}")
    fresh = links.renew_setup_link(house.database)
    if fresh is None:
        raise AlreadySetUp
    return LinkShape(path=f"/setup#token={fresh}")


@router.put("/password")
async def replace_password(house: House, _here: Here, given: NewPassword) -> PersonShape:
    """Give a person a new password and end their sessions."""

    def replace() -> PersonShape:
        person = people.person_named(house.database, given.person)
        sessions.set_password_here(house.database, person, given.password.get_secret_value())
        return PersonShape(id=person.id, name=person.name)

    return await to_thread.run_sync(replace, limiter=house.door.hashing)
