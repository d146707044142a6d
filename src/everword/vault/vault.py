"""The vault: seals secrets with AES-256-GCM, each bound to its space and name, and opens them again."""

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from everword.core.ids import SpaceId, random_bytes
from everword.core.types import Principal
from everword.vault import store
from everword.vault.errors import SecretDamaged, WrongVaultKey
from everword.vault.key import decode_key, load_or_create_key
from everword.vault.types import Secret

_FORM = b"\x01"  # the layout below; a later one gets another number
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12


class Vault:
    """Seals and opens secrets. A sealed value is: form (1 byte), id of the key (4), nonce (12), ciphertext and tag.

    The space and the name are authenticated with the value, so a row copied to another place does not open.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._key_id = hashlib.sha256(b"everword vault key id" + key).digest()[:_KEY_ID_BYTES]

    @staticmethod
    def open(home: Path, given_key: str | None = None) -> "Vault":
        """The vault with the key that was given (the setting EVERWORD_VAULT_KEY), else the one kept in `home`."""
        return Vault(decode_key(given_key, "EVERWORD_VAULT_KEY") if given_key else load_or_create_key(home))

    def put(self, connection: Connection, who: Principal, space_id: SpaceId, name: str, value: Secret) -> None:
        """Seal `value` and store it as `name` in the space; replaces what was there."""
        store.put(connection, who, space_id, name, self.seal(space_id, name, value))

    def get(self, connection: Connection, who: Principal, space_id: SpaceId, name: str) -> Secret | None:
        """The secret `name` of the space, or None. Raises WrongVaultKey or SecretDamaged when it does not open."""
        sealed = store.get(connection, who, space_id, name)
        return None if sealed is None else self.unseal(sealed, space_id, name)

    def delete(self, connection: Connection, who: Principal, space_id: SpaceId, name: str) -> bool:
        """Remove a secret; whether there was one."""
        return store.remove(connection, who, space_id, name)

    def names(self, connection: Connection, who: Principal) -> list[tuple[SpaceId, str]]:
        """Which secrets `who` may use, by space and name."""
        return store.names(connection, who)

    def seal(self, space_id: SpaceId, name: str, value: Secret) -> bytes:
        """`value` sealed, for whoever keeps it elsewhere than in the table of secrets."""
        nonce = random_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, value.reveal().encode(), _bound_to(space_id, name))
        return _FORM + self._key_id + nonce + sealed

    def unseal(self, sealed: bytes, space_id: SpaceId, name: str) -> Secret:
        """What `seal` was given for the same space and name. Raises WrongVaultKey or SecretDamaged."""
        form, rest = sealed[:1], sealed[1:]
        key_id, rest = rest[:_KEY_ID_BYTES], rest[_KEY_ID_BYTES:]
        if form != _FORM:
            raise SecretDamaged(name=name)
        if key_id != self._key_id:
            raise WrongVaultKey(name=name)
        try:
            value = self._cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound_to(space_id, name))
        except (InvalidTag, ValueError) as error:
            raise SecretDamaged(name=name) from error
        return Secret(value.decode())


def _bound_to(space_id: SpaceId, name: str) -> bytes:
    return f"everword secret\0{space_id}\0{name}".encode()
