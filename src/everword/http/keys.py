"""API keys for programs: list, make, revoke."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from everword.accounts import keys
from everword.accounts.types import ApiKey, Credential, KeyId, Scope
from everword.http.identifiers import Identifier
from everword.http.security import person_present
from everword.http.services import Services, services_of

router = APIRouter()

House = Annotated[Services, Depends(services_of)]
Present = Annotated[Credential, Depends(person_present)]


class KeyShape(BaseModel):
    """A key, known by its name and first characters."""

    id: str
    name: str
    prefix: str
    scopes: list[Scope]
    created_at: datetime
    last_used_at: datetime | None

    @staticmethod
    def of(key: ApiKey) -> "KeyShape":
        return KeyShape(
            id=key.id,
            name=key.name,
            prefix=key.prefix,
            scopes=sorted(key.scopes),
            created_at=key.created_at,
            last_used_at=key.last_used_at,
        )


class KeysShape(BaseModel):
    """The person's keys, newest first."""

    keys: list[KeyShape]


class NewKeyShape(KeyShape):
    """A key with its secret, which is shown this once."""

    secret: str


class KeyRequest(BaseModel):
    """What the key is for, and what it opens: `api` (our own API), `models` (/v1), `recall` and `remember` (/mcp)."""

    name: Annotated[str, Field(max_length=200)]
    scopes: Annotated[set[Scope], Field(min_length=1)] = {Scope.API, Scope.MODELS}


@router.get("/keys")
def list_keys(house: House, who: Present) -> KeysShape:
    """The person's keys."""
    return KeysShape(keys=[KeyShape.of(key) for key in keys.list_keys(house.database, who.principal)])


@router.post("/keys", status_code=201)
def create(house: House, who: Present, given: KeyRequest) -> NewKeyShape:
    """Make a key. Its secret is in this answer and nowhere else."""
    key, secret = keys.create(house.database, who.principal, given.name, frozenset(given.scopes))
    return NewKeyShape(**KeyShape.of(key).model_dump(), secret=secret)


@router.delete("/keys/{key_id}", status_code=204)
def revoke(house: House, who: Present, key_id: Identifier) -> None:
    """Revoke a key at once."""
    keys.revoke(house.database, who.principal, KeyId(key_id))
