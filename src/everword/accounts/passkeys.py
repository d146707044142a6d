"""Passkeys: an addition to the password, bound to the host name they were made on (WebAuthn level 3)."""

import binascii
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from everword.accounts import link_store, links, passkey_store, sessions, store
from everword.accounts.digests import digest
from everword.accounts.errors import LinkUnknown, LinkUsed, NameInvalid, NoPasskeyHere, PasskeyRefused
from everword.accounts.types import INSTALLATION_SPACE, NewSession, Passkey, PasskeyId, Purpose
from everword.core import clock
from everword.core.errors import Conflict, NotFound
from everword.core.ids import PersonId, SpaceId, new_id, new_secret
from everword.core.types import Principal
from everword.storage.database import Database

CHALLENGE_LASTS = timedelta(minutes=5)
_MOST_CHALLENGES = 256  # waiting at once; anyone may ask for one
_MOST_NAME_CHARACTERS = 80
_SYSTEM = Principal.system()


@dataclass(frozen=True, slots=True)
class Site:
    """Where the browser is: the origin it names (`https://name:port`) and the host name in it."""

    origin: str
    host: str

    @property
    def rp_id(self) -> str:
        """The relying party's id. Raises NoPasskeyHere on an IP address."""
        if not self.allows_passkeys:
            raise NoPasskeyHere(host=self.host)
        return self.host

    @property
    def allows_passkeys(self) -> bool:
        """Whether the host is a name, and the browser will hold it for secure."""
        try:
            ipaddress.ip_address(self.host.strip("[]"))
        except ValueError:
            return self.origin.startswith("https://") or self.host == "localhost"
        return False


def registration_options(database: Database, who: Principal, name: str, site: Site) -> dict[str, Any]:
    """What the browser needs to make a passkey for the person `name`. Raises NoPasskeyHere."""
    from webauthn import generate_registration_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers import structs as web

    rp_id, challenge = site.rp_id, new_secret()
    with database.writing(who) as connection:
        _remember(connection, who, who.own_space, Purpose.PASSKEY_REGISTRATION, who.person_id, challenge)
        there = passkey_store.list_for(connection, who, who.person_id)
    options = generate_registration_options(
        rp_id=rp_id,
        rp_name="Everword",
        user_id=who.person_id.encode(),
        user_name=name,
        challenge=challenge.encode(),
        timeout=int(CHALLENGE_LASTS.total_seconds() * 1000),
        authenticator_selection=web.AuthenticatorSelectionCriteria(
            resident_key=web.ResidentKeyRequirement.REQUIRED,
            user_verification=web.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            web.PublicKeyCredentialDescriptor(id=each.credential_id) for each in there if each.rp_id == rp_id
        ],
    )
    return options_to_json_dict(options)


def register(database: Database, who: Principal, site: Site, credential: dict[str, Any], name: str) -> Passkey:
    """Keep the passkey that a browser made. Raises PasskeyRefused, NoPasskeyHere, NameInvalid or Conflict."""
    from webauthn import verify_registration_response

    stripped = name.strip()
    if not 1 <= len(stripped) <= _MOST_NAME_CHARACTERS or not stripped.isprintable():
        raise NameInvalid(most=_MOST_NAME_CHARACTERS)
    challenge = _challenge_in(credential)
    with database.writing(who) as connection:
        if _use(connection, Purpose.PASSKEY_REGISTRATION, challenge).person_id != who.person_id:
            raise PasskeyRefused
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _refusals() as error:
        raise PasskeyRefused from error
    made = Passkey(
        id=PasskeyId(new_id()),
        person_id=who.person_id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        rp_id=site.rp_id,
        name=stripped,
        created_at=clock.now(),
        last_used_at=None,
    )
    with database.writing(who) as connection:
        if passkey_store.find(connection, _SYSTEM, made.credential_id) is not None:
            raise Conflict(why="This passkey is already here. Choose another, or remove the first.")
        passkey_store.add(connection, who, who.own_space, made)
    return made


def login_options(database: Database, site: Site) -> dict[str, Any]:
    """What the browser needs to sign in with a passkey; it names no person. Raises NoPasskeyHere."""
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.rp_id,
        challenge=(challenge := new_secret()).encode(),
        timeout=int(CHALLENGE_LASTS.total_seconds() * 1000),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    with database.writing(_SYSTEM) as connection:
        _remember(connection, _SYSTEM, INSTALLATION_SPACE, Purpose.PASSKEY_LOGIN, None, challenge)
    return options_to_json_dict(options)


def sign_in(database: Database, site: Site, credential: dict[str, Any], user_agent: str = "") -> NewSession:
    """Begin a session for whoever holds the passkey. Raises PasskeyRefused or NoPasskeyHere.

    A counter that does not grow means a copied authenticator and is refused; most passkeys keep it at 0.
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers import base64url_to_bytes

    challenge = _challenge_in(credential)
    try:
        credential_id = base64url_to_bytes(str(credential.get("rawId", "")))
    except (binascii.Error, ValueError) as error:
        raise PasskeyRefused from error
    with database.writing(_SYSTEM) as connection:
        _use(connection, Purpose.PASSKEY_LOGIN, challenge)
        found = passkey_store.find(connection, _SYSTEM, credential_id)
    if found is None or found.rp_id != site.rp_id:
        raise PasskeyRefused
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=found.public_key,
            credential_current_sign_count=found.sign_count,
            require_user_verification=True,
        )
    except _refusals() as error:
        raise PasskeyRefused from error
    with database.writing(_SYSTEM) as connection:
        person = store.get(connection, _SYSTEM, found.person_id)
        at = clock.now()
        if person is None or not passkey_store.used(
            connection, _SYSTEM, found.id, verified.new_sign_count, found.sign_count, at
        ):
            raise PasskeyRefused
        return sessions.begin(connection, person, user_agent)


def are_there(database: Database, site: Site) -> bool:
    """Whether signing in with a passkey can work here: somebody has one for this host name."""
    if not site.allows_passkeys:
        return False
    with database.reading(_SYSTEM) as connection:
        return passkey_store.any_on(connection, _SYSTEM, site.rp_id)


def list_passkeys(database: Database, who: Principal) -> list[Passkey]:
    """The person's passkeys, newest first."""
    with database.reading(who) as connection:
        return passkey_store.list_for(connection, who, who.person_id)


def remove(database: Database, who: Principal, passkey_id: PasskeyId) -> None:
    """Remove one of the person's passkeys. Raises NotFound."""
    with database.writing(who) as connection:
        if not passkey_store.remove(connection, who, who.person_id, passkey_id):
            raise NotFound(what="passkey")


def _remember(
    connection: Connection, who: Principal, space_id: SpaceId, purpose: Purpose, person: PersonId | None, secret: str
) -> None:
    at = clock.now()
    link_store.prune(connection, who, [purpose], at)
    link_store.add(connection, who, space_id, purpose, person, digest(secret), at, at + CHALLENGE_LASTS)
    link_store.keep_newest(connection, who, purpose, _MOST_CHALLENGES)


def _challenge_in(credential: dict[str, Any]) -> bytes:
    """The challenge a browser says it signed; whether we gave it and it was not used yet is for `_use` to find."""
    from webauthn.helpers import base64url_to_bytes, parse_client_data_json

    try:
        return parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"])).challenge
    except _refusals() as error:
        raise PasskeyRefused from error


def _use(connection: Connection, purpose: Purpose, challenge: bytes) -> link_store.Link:
    try:
        return links.use(connection, purpose, challenge.decode("ascii", errors="replace"))
    except (LinkUnknown, LinkUsed) as error:
        raise PasskeyRefused from error


def _refusals() -> tuple[type[Exception], ...]:
    """What the library raises for a credential that is malformed or does not hold."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from webauthn.helpers.exceptions import WebAuthnException

    return (WebAuthnException, UnsupportedAlgorithm, ValueError, TypeError, KeyError, IndexError, AttributeError)
