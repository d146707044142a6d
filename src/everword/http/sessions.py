"""Where the person is signed in: list the sessions and end them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from everword.accounts import sessions
from everword.accounts.types import Credential, Means, SessionId
from everword.http.identifiers import Identifier
from everword.http.security import person_present
from everword.http.services import Services, services_of

router = APIRouter()

House = Annotated[Services, Depends(services_of)]
Present = Annotated[Credential, Depends(person_present)]


class SignedInShape(BaseModel):
    """A browser that is signed in."""

    id: str
    user_agent: str
    created_at: datetime
    last_seen_at: datetime
    is_this_one: bool


class SignedInListShape(BaseModel):
    """All of them, the one used last first."""

    sessions: list[SignedInShape]


class EndedShape(BaseModel):
    """How many sessions were ended."""

    ended: int


@router.get("/sessions")
def list_sessions(house: House, who: Present) -> SignedInListShape:
    """Where the person is signed in."""
    found = sessions.list_sessions(house.database, who.principal)
    return SignedInListShape(
        sessions=[
            SignedInShape(
                id=each.id,
                user_agent=each.user_agent,
                created_at=each.created_at,
                last_seen_at=each.last_seen_at,
                is_this_one=each.id == who.id,
            )
            for each in found
        ]
    )


@router.delete("/sessions/{session_id}", status_code=204)
def end(house: House, who: Present, session_id: Identifier) -> None:
    """End one session."""
    sessions.end(house.database, who.principal, SessionId(session_id))


@router.delete("/sessions")
def end_others(house: House, who: Present) -> EndedShape:
    """End every session but this one."""
    keep = SessionId(who.id) if who.means is Means.SESSION else None
    return EndedShape(ended=sessions.end_others(house.database, who.principal, keep))
