"""What accounts speaks: people, sessions, keys, passkeys, links, and who stands behind a request."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from everword.core.ids import PersonId, SpaceId
from everword.core.types import Principal

SessionId = NewType("SessionId", str)
KeyId = NewType("KeyId", str)
PasskeyId = NewType("PasskeyId", str)

INSTALLATION_SPACE = SpaceId("00000000-0000-7000-8000-000000000001")
"""The space of what belongs to the installation rather than to a person. The same in every installation."""


class Role(StrEnum):
    """What a person is in a space."""

    OWNER = "owner"
    MEMBER = "member"


class Scope(StrEnum):
    """What an API key opens. None opens the door itself: passwords, sessions, keys and passkeys need a person."""

    API = "api"  # our own API: read, write, recall, import
    MODELS = "models"  # the OpenAI-compatible API under /v1
    RECALL = "recall"  # memory over MCP, to read
    REMEMBER = "remember"  # memory over MCP, to add to


class Purpose(StrEnum):
    """What a one-time secret is for."""

    SETUP = "setup"
    RESET_PASSWORD = "reset_password"  # noqa: S105 (a name, not a password)
    PASSKEY_REGISTRATION = "passkey_registration"
    PASSKEY_LOGIN = "passkey_login"


class Means(StrEnum):
    """How a request was authenticated."""

    SESSION = "session"
    KEY = "key"
    CONTROL = "control"  # a command on this machine that can read the server's key file


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account."""

    id: PersonId
    own_space: SpaceId
    name: str
    is_operator: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in."""

    id: SessionId
    person_id: PersonId
    user_agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just begun, with the secret that only its browser gets to keep."""

    session: Session
    person: Person
    secret: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key, without its secret."""

    id: KeyId
    name: str
    prefix: str
    scopes: frozenset[Scope]
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey, bound to the host name it was made on."""

    id: PasskeyId
    person_id: PersonId
    credential_id: bytes
    public_key: bytes
    sign_count: int
    rp_id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Credential:
    """Who stands behind a request, and how that is known. `id` is the session's or the key's."""

    principal: Principal
    name: str
    means: Means
    id: str
    scopes: frozenset[Scope] = frozenset(Scope)
    is_operator: bool = False
    last_seen_at: datetime | None = None
